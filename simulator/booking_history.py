"""Small hotels that never were: believable events for samples, benchmarks and demonstrations.

`simulate` gives the history of a span of nights, `demonstration_events` a live stream. Both promise
that the same arguments give the same events, byte for byte, on every supported Python and whatever
PYTHONHASHSEED is. A simulated history is one that could have happened: no night is ever overbooked,
a cancellation lies strictly between booking and arrival, no two events have the same identity.
`with_dirty_lines` adds to a CSV file what real exports contain beside the truth.
"""

from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from heapq import heapify, heappop, heappush
from itertools import accumulate, count, cycle
from random import Random
from typing import NamedTuple
from uuid import NAMESPACE_OID, UUID, uuid5

BOOKING, CANCELLATION = 1, 2
# Nobody arrives later: a stay is booked and cancelled before this hour of its first day.
ARRIVAL_HOUR_UTC = 18
FIRST_BOOKING_HOUR_UTC = 6
MAX_LEAD_DAYS = 365
SHORTENED_SHARE = 0.15  # of the cancellations: only the last nights of a longer stay
REBOOKED_SHARE = 0.06  # of the cancellations: taken back, under the same reservation

CSV_HEADER = "hotel_id,status,event_timestamp,night_of_stay,room_reservation_id,id"
_INVALID_VALUES = (  # for each column that an event cannot do without
    ("", "0", "-1", "2147483648", "hotel"),
    ("", "0", "3", "booked"),
    ("", "2024-02-30 12:00:00", "2024-05-01 25:61:00", "yesterday"),
    ("", "2023-02-29", "2024-13-01", "31.04."),
    ("", "R-4711", "7d3f0c52-9a4e-4b1d-8c66-2f1e0a9b7c4"),
)

DEMONSTRATION_SLOT = timedelta(seconds=2)
DEMONSTRATION_BOOKED_SHARE = 0.7  # of the slots: a reservation every three seconds, on average
DEMONSTRATION_CANCELLED_SHARE = 0.25
DEMONSTRATION_HORIZON_DAYS = 180
# Cancelled after 20 seconds to 4 minutes: late enough to see the booking, soon enough to wait for.
_CANCEL_SLOTS = range(10, 120)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class HotelProfile:
    """What makes one hotel's demand its own; weights are relative, 1 is the average."""

    hotel_id: int
    rooms: int
    season: tuple[float, ...]  # January … December, each reached in the middle of the month
    weekdays: tuple[float, ...]  # arrivals, Monday … Sunday
    occupancy: float = 0.7  # of the rooms, wanted on an average night
    mean_lead_days: float = 28  # of what is not booked on the day of arrival
    same_day_share: float = 0.08
    cancellation_share: float = 0.2
    # 1 … 14 nights: mostly short, with a bump at one week and at two.
    stay_weights: tuple[int, ...] = (340, 290, 170, 75, 40, 20, 30, 8, 5, 5, 4, 3, 2, 8)

    def demand(self, night: date) -> float:
        """How wanted an arrival on this day is; 1 is an average day of an average week."""
        from_middle = (night.day - 15) / 30
        here = self.season[night.month - 1]
        there = self.season[(night.month - 1 + (1 if from_middle > 0 else -1)) % 12]
        return (here + abs(from_middle) * (there - here)) * self.weekdays[night.weekday()]


class SimulatedEvent(NamedTuple):
    """One room-night booked or cancelled, as a hotel's booking system would send it."""

    hotel_id: int
    status: int
    event_timestamp: datetime
    night_of_stay: date
    room_reservation_id: UUID
    id: int

    def as_csv_line(self) -> str:
        """The event as a line of a CSV file with `CSV_HEADER`, without the line's end."""
        stamp = f"{self.event_timestamp:%Y-%m-%d %H:%M:%S}"
        return ",".join(map(str, (self.hotel_id, self.status, stamp, *self[3:])))

    def as_json(self) -> dict[str, int | str]:
        """The event as `POST /events/` takes it."""
        return {
            "hotel_id": self.hotel_id,
            "event_timestamp": self.event_timestamp.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "status": self.status,
            "room_reservation_id": str(self.room_reservation_id),
            "night_of_stay": self.night_of_stay.isoformat(),
        }


_CHARACTERS = (
    HotelProfile(  # by the sea: summer, weekends, booked early
        hotel_id=1,
        rooms=10,
        season=(0.45, 0.5, 0.65, 0.9, 1.1, 1.35, 1.7, 1.75, 1.3, 0.9, 0.5, 0.65),
        weekdays=(0.75, 0.7, 0.8, 1.0, 1.6, 1.5, 0.65),
        mean_lead_days=38,
    ),
    HotelProfile(  # in town: trade fairs in spring and autumn, working days, booked late
        hotel_id=2,
        rooms=6,
        season=(0.75, 0.9, 1.1, 1.1, 1.2, 1.1, 0.75, 0.7, 1.25, 1.25, 1.1, 0.8),
        weekdays=(1.35, 1.35, 1.25, 1.0, 0.8, 0.65, 0.6),
        mean_lead_days=16,
        cancellation_share=0.25,
    ),
)


def hotel_profile(hotel_id: int, rooms: int | None = None) -> HotelProfile:
    """The profile of a simulated hotel: by the sea and in town, in turn."""
    character = _CHARACTERS[(hotel_id - 1) % len(_CHARACTERS)]
    return replace(character, hotel_id=hotel_id, rooms=rooms or character.rooms)


class _Step(NamedTuple):
    """One thing that happens to a reservation; `order` is unique, so no comparison goes further."""

    when: datetime
    order: int
    stage: int  # 0 booked, 1 cancelled, 2 the cancelled nights booked again
    reservation_id: UUID
    arrives: datetime
    nights: tuple[date, ...]


def simulate(
    profile: HotelProfile, first_night: date, last_night: date, seed: int
) -> list[SimulatedEvent]:
    """Every event of the nights from `first_night` to `last_night`, in chronological order.

    A guest for whom one night is full is turned away; a cancelled night can be sold again.
    """
    rng = Random(f"history/{profile.hotel_id}/{seed}")
    order = count()
    steps = list(_requests(rng, profile, first_night, last_night, order))
    heapify(steps)
    free_rooms: dict[date, int] = {}
    events: list[SimulatedEvent] = []
    while steps:
        step = heappop(steps)
        status = CANCELLATION if step.stage == 1 else BOOKING
        free_now = [free_rooms.get(night, profile.rooms) for night in step.nights]
        if status == BOOKING and min(free_now) == 0:
            continue
        for night, free in zip(step.nights, free_now, strict=True):
            free_rooms[night] = free - 1 if status == BOOKING else free + 1
            facts = (profile.hotel_id, status, step.when, night, step.reservation_id)
            events.append(SimulatedEvent(*facts, id=len(events) + 1))
        if following := _following(rng, profile, step, next(order)):
            heappush(steps, following)
    return events


def _requests(
    rng: Random, profile: HotelProfile, first: date, last: date, order: Iterator[int]
) -> Iterator[_Step]:
    """What guests ask for, arrival day by arrival day, whether or not there is a room."""
    leads = tuple(accumulate(_lead_weights(profile)))
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
            nights = min(1 + _pick(rng, stays), last.toordinal() + 1 - day)
            yield _Step(
                _booked_at(rng, arrival_day, _pick(rng, leads)),
                next(order),
                0,
                UUID(int=rng.getrandbits(128), version=4),
                datetime.combine(arrival_day, time(ARRIVAL_HOUR_UTC), UTC),
                tuple(date.fromordinal(day + n) for n in range(nights)),
            )


def _following(rng: Random, profile: HotelProfile, step: _Step, order: int) -> _Step | None:
    """What happens next to a reservation, if anything does before its guest arrives."""
    share = (profile.cancellation_share, REBOOKED_SHARE, 0.0)[step.stage]
    seconds_left = (step.arrives - step.when) // timedelta(seconds=1)
    if rng.random() >= share or seconds_left < 2:
        return None
    # The later of two draws: guests make up their minds nearer to the arrival.
    delay = 1 + int(max(rng.random(), rng.random()) * (seconds_left - 1))
    nights = step.nights
    if step.stage == 0 and len(nights) > 1 and rng.random() < SHORTENED_SHARE:
        nights = nights[1 + _below(rng, len(nights) - 1) :]
    when, stage = step.when + timedelta(seconds=delay), step.stage + 1
    return step._replace(when=when, order=order, stage=stage, nights=nights)


def _lead_weights(profile: HotelProfile) -> Iterator[float]:
    """Weight of a booking 0, 1, 2 … days ahead: falling by the same factor every day."""
    # By multiplication: a logarithm, or sum() of floats, is not the same bits on every Python.
    yield profile.same_day_share
    weight = (1 - profile.same_day_share) / profile.mean_lead_days
    for _ in range(MAX_LEAD_DAYS):
        yield weight
        weight *= 1 - 1 / profile.mean_lead_days


def _booked_at(rng: Random, arrival_day: date, lead_days: int) -> datetime:
    opens = datetime.combine(arrival_day, time(FIRST_BOOKING_HOUR_UTC), UTC)
    seconds = ((24 if lead_days else ARRIVAL_HOUR_UTC) - FIRST_BOOKING_HOUR_UTC) * 3600
    # The mean of two draws: most bookings come around the middle of the day.
    second = int((rng.random() + rng.random()) / 2 * seconds)
    return opens + timedelta(days=-lead_days, seconds=second)


def _pick(rng: Random, running_weights: Sequence[float]) -> int:
    """An index, as likely as its weight; a product rounded up to the total stays inside."""
    return bisect(running_weights, rng.random() * running_weights[-1], 0, len(running_weights) - 1)


def _below(rng: Random, end: int) -> int:
    return int(rng.random() * end)  # Python promises that random() stays; randrange() may change


def with_dirty_lines(lines: Iterable[str], rng: Random, share: float) -> Iterator[str]:
    """The lines, all of them, and between them broken copies: `share` of the whole is invalid.

    Only a share of 1 leaves nothing but broken lines, one for each. Every kind comes in turn.
    """
    kinds = cycle(range(len(_INVALID_VALUES) + 2))
    if share == 1:
        yield from (_spoil(rng, line, next(kinds)) for line in lines)
        return
    for line in lines:
        while rng.random() < share:
            yield _spoil(rng, line, next(kinds))
        yield line


def _spoil(rng: Random, line: str, kind: int) -> str:
    """A wrong or missing value in column `kind`; then a line cut short, then a blank line."""
    fields = line.split(",")
    if kind == len(_INVALID_VALUES):
        return ",".join(fields[: 1 + _below(rng, 4)])
    if kind > len(_INVALID_VALUES):
        return ""
    values = _INVALID_VALUES[kind]
    fields[kind] = values[_below(rng, len(values))]
    return ",".join(fields)


def demonstration_events(
    profile: HotelProfile, start: datetime, end: datetime, seed: int
) -> list[dict[str, int | str]]:
    """The live stream's events with `start` <= timestamp < `end`, as `POST /events/` takes them.

    The number of a time slot alone decides what happens, so nobody needs to remember what was sent:
    the parts of a split interval give, one after the other, what the whole gives. Nor does anybody
    count rooms: a demonstration of many hours sells more of them than the hotel has.
    """
    first_slot = (start - _EPOCH) // DEMONSTRATION_SLOT - _CANCEL_SLOTS.stop
    last_slot = (end - _EPOCH) // DEMONSTRATION_SLOT
    slots = range(first_slot, last_slot + 1)
    events = [event for slot in slots for event in _slot_events(profile, slot, seed)]
    events.sort(key=lambda event: (event.event_timestamp, event.id, event.night_of_stay))
    return [event.as_json() for event in events if start <= event.event_timestamp < end]


def _slot_events(profile: HotelProfile, slot: int, seed: int) -> Iterator[SimulatedEvent]:
    """The reservation made in a slot, if there is one, and its cancellation some slots later."""
    name = f"demonstration/{profile.hotel_id}/{seed}/{slot}"
    rng = Random(name)
    if rng.random() >= DEMONSTRATION_BOOKED_SHARE:
        return
    booked = _EPOCH + slot * DEMONSTRATION_SLOT + timedelta(seconds=_below(rng, 2))
    lead_days = 1 + _pick(rng, _demonstration_weights(profile, booked.date()))
    stay = 1 + _pick(rng, tuple(accumulate(profile.stay_weights)))
    happenings = [(BOOKING, booked)]
    if rng.random() < DEMONSTRATION_CANCELLED_SHARE:
        slots = _CANCEL_SLOTS[_below(rng, len(_CANCEL_SLOTS))]
        happenings.append((CANCELLATION, booked + slots * DEMONSTRATION_SLOT))
    for status, when in happenings:
        for day in range(lead_days, lead_days + stay):
            night = booked.date() + timedelta(days=day)
            facts = (profile.hotel_id, status, when, night, uuid5(NAMESPACE_OID, name))
            yield SimulatedEvent(*facts, id=slot)


@lru_cache(maxsize=64)  # a stream asks for the same day again and again
def _demonstration_weights(profile: HotelProfile, today: date) -> tuple[float, ...]:
    """Running weights of arrivals 1 … 180 days ahead: lead time, season and weekday together."""
    lead_weights = tuple(_lead_weights(profile))
    days = range(1, DEMONSTRATION_HORIZON_DAYS + 1)
    demand = (lead_weights[day] * profile.demand(today + timedelta(days=day)) for day in days)
    return tuple(accumulate(demand))
