"""The live stream of bookings of a demonstration hotel.

The same arguments give the same events, byte for byte, on every supported Python and whatever
PYTHONHASHSEED is. Time is divided into slots of two seconds, and the slot's number alone decides
what happens in it. So no state is needed: an interval can be requested in parts, and the parts
together give the same events as the whole.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random
from uuid import NAMESPACE_OID, uuid5

from simulator.guest_rates import draw_terms, nightly_rate
from simulator.hotel_demand import HotelProfile
from simulator.reproducible_random import pick_index, random_below
from simulator.simulated_event import BOOKING, CANCELLATION, SimulatedEvent

SLOT = timedelta(seconds=2)
BOOKED_SHARE = 0.7  # of the slots: a reservation every three seconds, on average
CANCELLED_SHARE = 0.25  # of the reservations
HORIZON_DAYS = 180  # arrivals lie 1 to so many days ahead
# Cancelled after 20 seconds to 4 minutes: late enough to see the booking, soon enough to wait for.
_CANCELLATION_DELAY_SLOTS = range(10, 120)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def demonstration_events(
    profile: HotelProfile, start: datetime, end: datetime, seed: int
) -> list[dict[str, int | str]]:
    """Return the events with `start` <= timestamp < `end` as JSON objects for `POST /events/`.

    Free rooms are not counted: over many hours more rooms are sold than the hotel has.
    """
    first_slot = (start - _EPOCH) // SLOT - _CANCELLATION_DELAY_SLOTS.stop
    last_slot = (end - _EPOCH) // SLOT
    slots = range(first_slot, last_slot + 1)
    events = [event for slot in slots for event in _slot_events(profile, slot, seed)]
    events.sort(key=lambda event: (event.event_timestamp, event.id, event.night_of_stay))
    return [event.as_json() for event in events if start <= event.event_timestamp < end]


def _slot_events(profile: HotelProfile, slot: int, seed: int) -> Iterator[SimulatedEvent]:
    """Yield the reservation made in a slot, if any, and its cancellation some slots later."""
    name = f"demonstration/{profile.hotel_id}/{seed}/{slot}"
    rng = Random(name)
    if rng.random() >= BOOKED_SHARE:
        return
    booked = _EPOCH + slot * SLOT + timedelta(seconds=random_below(rng, 2))
    lead_days = 1 + pick_index(rng, _running_lead_weights(profile, booked.date()))
    stay = 1 + pick_index(rng, tuple(accumulate(profile.stay_weights)))
    changes = [(BOOKING, booked)]
    if rng.random() < CANCELLED_SHARE:
        delay = _CANCELLATION_DELAY_SLOTS[random_below(rng, len(_CANCELLATION_DELAY_SLOTS))]
        changes.append((CANCELLATION, booked + delay * SLOT))
    terms = draw_terms(profile, name, lead_days)
    for status, when in changes:
        for day in range(lead_days, lead_days + stay):
            night = booked.date() + timedelta(days=day)
            values = (profile.hotel_id, status, when, night, uuid5(NAMESPACE_OID, name))
            event = SimulatedEvent(*values, id=slot)
            if status == BOOKING:
                rate = nightly_rate(profile, terms, night)
                event = SimulatedEvent(*event[:6], rate, profile.currency, *terms.words)
            yield event


@lru_cache(maxsize=64)  # a stream asks for the same day again and again
def _running_lead_weights(profile: HotelProfile, today: date) -> tuple[float, ...]:
    """Return cumulative weights of arrivals 1 … HORIZON_DAYS ahead: lead time times demand."""
    lead_weights = tuple(profile.lead_weights())
    days = range(1, HORIZON_DAYS + 1)
    demand = (lead_weights[day] * profile.demand(today + timedelta(days=day)) for day in days)
    return tuple(accumulate(demand))
