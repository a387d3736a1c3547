"""What a simulated guest books, through which channel, and what each night costs.

Rates follow the season and the weekday, the room type and the segment; who books early pays less,
who books late pays more. Every calculation gives the same bits on every supported Python.
"""

from datetime import date
from itertools import accumulate
from random import Random
from typing import NamedTuple

from simulator.hotel_demand import HotelProfile
from simulator.reproducible_random import pick_index

CHANGED_SHARE = 0.08  # of the reservations: repriced, or moved to a better room, before arrival
UPGRADED_SHARE = 0.4  # of the changes: also another room type
REPRICED_FACTOR = 0.9  # of the others: the hotel gave a discount
# How far a rate follows demand: a night of twice the average demand costs 45 % more.
DEMAND_ELASTICITY = 0.45
LEAD_FACTORS = ((60, 0.92), (21, 0.97), (4, 1.0), (0, 1.08))  # from so many days ahead on
RATE_STEP_THOUSANDTHS = 500  # rates end in .00 or .50


class GuestTerms(NamedTuple):
    """What was agreed with a guest for all nights of a stay."""

    words: tuple[str, str, str]  # room type, channel, segment
    factor: float  # multiplies the night's rate
    changed_after: float | None  # share of the time until arrival; None: never changed
    is_upgrade: bool  # what the change is


def draw_terms(profile: HotelProfile, name: str, lead_days: int) -> GuestTerms:
    """Draw a guest's terms; the same name gives the same terms.

    Args:
        name: of the reservation.
        lead_days: from booking to arrival.
    """
    rng = Random(f"terms/{profile.hotel_id}/{name}")
    room_type, _, room_factor = profile.room_types[_pick(rng, profile.room_types)]
    channel = profile.channels[_pick(rng, profile.channels)][0]
    segment, _, segment_factor = profile.segments[_pick(rng, profile.segments)]
    lead_factor = next(factor for days, factor in LEAD_FACTORS if lead_days >= days)
    haggling = 0.96 + 0.08 * rng.random()
    changed_after = rng.random() if rng.random() < CHANGED_SHARE else None
    return GuestTerms(
        (room_type, channel, segment),
        room_factor * segment_factor * lead_factor * haggling,
        changed_after,
        rng.random() < UPGRADED_SHARE,
    )


def change_terms(profile: HotelProfile, terms: GuestTerms) -> GuestTerms:
    """Return the terms after a change: the next better room type, or a discount."""
    kinds = sorted(profile.room_types, key=lambda kind: kind[2])
    names = [kind[0] for kind in kinds]
    index = names.index(terms.words[0])
    if not terms.is_upgrade or index + 1 == len(kinds):
        return terms._replace(factor=terms.factor * REPRICED_FACTOR)
    return in_room_type(profile, terms, names[index + 1])


def in_room_type(profile: HotelProfile, terms: GuestTerms, room_type: str) -> GuestTerms:
    """Return the terms for a room of another type, at that type's rate."""
    factors = {name: factor for name, _, factor in profile.room_types}
    factor = terms.factor / factors[terms.words[0]] * factors[room_type]
    return terms._replace(words=(room_type, *terms.words[1:]), factor=factor)


def group_terms(profile: HotelProfile) -> GuestTerms:
    """Return the terms of each room of a group: the first room type, by telephone, cheaper."""
    room_type, _, factor = profile.room_types[0]
    segment, _, segment_factor = profile.segments[-1]
    channel = profile.channels[-1][0]
    return GuestTerms((room_type, channel, segment), factor * segment_factor, None, False)


def nightly_rate(profile: HotelProfile, terms: GuestTerms, night: date) -> int:
    """Return what a night costs, in thousandths of the currency's unit."""
    follows_demand = 1 - DEMAND_ELASTICITY + DEMAND_ELASTICITY * profile.demand(night)
    amount = profile.base_rate * 1000 * follows_demand * terms.factor
    return int(amount / RATE_STEP_THOUSANDTHS + 0.5) * RATE_STEP_THOUSANDTHS


def _pick(
    rng: Random, kinds: tuple[tuple[str, int, float], ...] | tuple[tuple[str, int], ...]
) -> int:
    return pick_index(rng, tuple(accumulate(float(kind[1]) for kind in kinds)))
