"""Simulate the booking history of a hotel over a span of nights.

The same arguments give the same events, byte for byte, on every supported Python and whatever
PYTHONHASHSEED is. The history is plausible: no night is ever overbooked (no room type neither,
where the profile counts them), nobody stays while the hotel is closed, a cancellation lies strictly
between booking and arrival, no two events have the same identity, and a change names only nights
that are sold.

Rates, words and changes are drawn from a generator of their own for each reservation, so that they
do not decide which bookings there are.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from heapq import heapify, heappop, heappush
from itertools import accumulate, count
from operator import attrgetter
from random import Random
from typing import NamedTuple
from uuid import UUID

from simulator.free_rooms import FreeRooms
from simulator.guest_rates import (
    GuestTerms,
    change_terms,
    draw_terms,
    group_terms,
    in_room_type,
    nightly_rate,
)
from simulator.hotel_demand import HotelProfile, hotel_profile
from simulator.reproducible_random import pick_index, random_below
from simulator.simulated_event import BOOKING, CANCELLATION, CHANGE, SimulatedEvent

# Guests arrive at this hour: a stay is booked and cancelled before it on its first day.
ARRIVAL_HOUR_UTC = 18
FIRST_BOOKING_HOUR_UTC = 6
SHORTENED_SHARE = 0.15  # of the cancellations: only the last nights of a longer stay
REBOOKED_SHARE = 0.06  # of the cancellations: booked again, under the same reservation


class _Step(NamedTuple):
    """A change of a reservation; `order` is unique, so steps compare by time, then order."""

    when: datetime
    order: int
    stage: int  # 0 booked, 1 cancelled, 2 the cancelled nights booked again, 3 changed
    reservation_id: UUID
    arrives: datetime
    nights: tuple[date, ...]
    terms: GuestTerms
    is_group: bool = False  # a room of a group: neither changed nor cancelled


class GroupRequest(NamedTuple):
    """Rooms that are booked together, for the same nights."""

    booked_at: datetime  # UTC, whole seconds
    arrival: date
    nights: int
    rooms: int


def simulate_hotels(
    hotel_ids: range, rooms: int | None, first_night: date, last_night: date, seed: int
) -> list[SimulatedEvent]:
    """Simulate several hotels; return all events by time, with consecutive ids from 1.

    Args:
        rooms: number of rooms of every hotel; None takes each profile's.
    """
    events: list[SimulatedEvent] = []
    for hotel_id in hotel_ids:
        events += simulate_history(hotel_profile(hotel_id, rooms), first_night, last_night, seed)
    events.sort(key=attrgetter("event_timestamp"))
    return [event._replace(id=number) for number, event in enumerate(events, 1)]


def simulate_history(
    profile: HotelProfile,
    first_night: date,
    last_night: date,
    seed: int,
    groups: Iterable[GroupRequest] = (),
) -> list[SimulatedEvent]:
    """Return every event of the nights from `first_night` to `last_night`, in order of time.

    A request is refused if one of its nights is full; a cancelled night can be sold again.

    Args:
        groups: that ask for rooms besides the guests whom the profile brings.
    """
    rng = Random(f"history/{profile.hotel_id}/{seed}")
    order = count()
    steps = list(_booking_requests(rng, profile, first_night, last_night, order))
    for group in groups:
        steps += _group_requests(profile, group, order)
    heapify(steps)
    rooms = FreeRooms(profile)
    sold: set[tuple[UUID, date]] = set()
    events: list[SimulatedEvent] = []
    while steps:
        step = heappop(steps)
        if step.stage == 3:
            nights = [night for night in step.nights if (step.reservation_id, night) in sold]
            _add_events(events, profile, step, CHANGE, nights)
            continue
        status = CANCELLATION if step.stage == 1 else BOOKING
        if status == BOOKING:
            room_type = rooms.room_type_for(step.terms.words[0], step.nights)
            # Booked again, a guest wants the same type: a change may have been agreed for it.
            if room_type is None or (step.stage == 2 and room_type != step.terms.words[0]):
                continue
            if room_type != step.terms.words[0]:
                step = step._replace(terms=in_room_type(profile, step.terms, room_type))
        rooms.take(step.terms.words[0], step.nights, 1 if status == BOOKING else -1)
        for night in step.nights:
            (sold.add if status == BOOKING else sold.discard)((step.reservation_id, night))
        _add_events(events, profile, step, status, step.nights)
        if step.is_group:
            continue
        if step.stage == 0 and step.terms.changed_after is not None:
            seconds_left = (step.arrives - step.when) // timedelta(seconds=1)
            delay = timedelta(seconds=1 + int(step.terms.changed_after * max(seconds_left - 2, 0)))
            # Types that are counted are never left: the better room might be another guest's.
            offered = step.terms._replace(is_upgrade=False) if rooms.counts_types else step.terms
            terms = change_terms(profile, offered)
            if seconds_left > 2:
                heappush(
                    steps,
                    step._replace(when=step.when + delay, order=next(order), stage=3, terms=terms),
                )
        if next_step := _next_step(rng, profile, step, next(order)):
            heappush(steps, next_step)
    return events


def _add_events(
    events: list[SimulatedEvent],
    profile: HotelProfile,
    step: _Step,
    status: int,
    nights: Iterable[date],
) -> None:
    """Append the events of one step: a cancellation has no terms, a change names what is new."""
    for night in nights:
        values = (profile.hotel_id, status, step.when, night, step.reservation_id, len(events) + 1)
        if status == CANCELLATION:
            events.append(SimulatedEvent(*values))
            continue
        terms = step.terms
        rate = nightly_rate(profile, terms, night)
        words = terms.words if status == BOOKING else (terms.words[0], None, None)
        events.append(SimulatedEvent(*values, rate, profile.currency, *words))


def _booking_requests(
    rng: Random, profile: HotelProfile, first: date, last: date, order: Iterator[int]
) -> Iterator[_Step]:
    """Yield the requests of guests by day of arrival, whether or not a room is free."""
    leads = tuple(accumulate(profile.lead_weights()))
    stays = tuple(accumulate(profile.stay_weights))
    mean_stay = sum(n * w for n, w in enumerate(profile.stay_weights, 1)) / stays[-1]
    arrivals = profile.rooms * profile.occupancy / mean_stay / (1 - profile.cancellation_share)
    tries = 2 * profile.rooms
    for day in range(first.toordinal(), last.toordinal() + 1):
        arrival_day = date.fromordinal(day)
        chance = arrivals * profile.demand(arrival_day) / tries
        for _ in range(tries):
            if rng.random() >= chance:
                continue
            nights = min(1 + pick_index(rng, stays), last.toordinal() + 1 - day)
            lead_days = pick_index(rng, leads)
            when = _booking_time(rng, arrival_day, lead_days)
            reservation_id = UUID(int=rng.getrandbits(128), version=4)
            yield _Step(
                when,
                next(order),
                0,
                reservation_id,
                datetime.combine(arrival_day, time(ARRIVAL_HOUR_UTC), UTC),
                tuple(date.fromordinal(day + n) for n in range(nights)),
                draw_terms(profile, str(reservation_id), lead_days),
            )


def _group_requests(
    profile: HotelProfile, group: GroupRequest, order: Iterator[int]
) -> Iterator[_Step]:
    """Yield a request for each room of a group, all at the same time."""
    rng = Random(f"group/{profile.hotel_id}/{group.booked_at:%Y-%m-%d %H:%M:%S}")
    day = group.arrival.toordinal()
    for _ in range(group.rooms):
        yield _Step(
            group.booked_at,
            next(order),
            0,
            UUID(int=rng.getrandbits(128), version=4),
            datetime.combine(group.arrival, time(ARRIVAL_HOUR_UTC), UTC),
            tuple(date.fromordinal(day + n) for n in range(group.nights)),
            group_terms(profile),
            is_group=True,
        )


def _next_step(rng: Random, profile: HotelProfile, step: _Step, order: int) -> _Step | None:
    """Return the next step of a reservation, or None if nothing more happens before arrival."""
    share = (profile.cancellation_share, REBOOKED_SHARE, 0.0)[step.stage]
    seconds_left = (step.arrives - step.when) // timedelta(seconds=1)
    if rng.random() >= share or seconds_left < 2:
        return None
    # The later of two draws, because guests cancel more often near the arrival.
    delay = 1 + int(max(rng.random(), rng.random()) * (seconds_left - 1))
    nights = step.nights
    if step.stage == 0 and len(nights) > 1 and rng.random() < SHORTENED_SHARE:
        nights = nights[1 + random_below(rng, len(nights) - 1) :]
    when, stage = step.when + timedelta(seconds=delay), step.stage + 1
    return step._replace(when=when, order=order, stage=stage, nights=nights)


def _booking_time(rng: Random, arrival_day: date, lead_days: int) -> datetime:
    opens = datetime.combine(arrival_day, time(FIRST_BOOKING_HOUR_UTC), UTC)
    seconds = ((24 if lead_days else ARRIVAL_HOUR_UTC) - FIRST_BOOKING_HOUR_UTC) * 3600
    # The mean of two draws: most bookings are made around the middle of the day.
    second = int((rng.random() + rng.random()) / 2 * seconds)
    return opens + timedelta(days=-lead_days, seconds=second)
