"""Which occasions of an alert there are in a hotel's situation, each with a key of its own.

Pure: no database, no clock. A key says all that makes an occasion another one, so that the same
night, day or trouble has the same key however often and in whatever order it is found:

- pickup of a night: the night and the hotel's day on which it was booked;
- pickup of the house, cancellations: the day;
- occupancy: the night and the threshold;
- a price at its bound: the night, the bound, and since when;
- silence: the day of the newest event; prices that do not arrive: since when.

Today and yesterday are looked at, because events may come late; days before the rule was switched
on are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from overview.alerts.alert_models import AlertKind
from overview.alerts.hotel_situation import HotelSituation

ONE_DAY: Final = timedelta(days=1)
TROUBLE_KEPT: Final = timedelta(days=800)  # it may last, and must not be told again


class Occasion(NamedTuple):
    """One thing to tell: its key, the last day on which it could come again, what to say."""

    key: str
    last_day: date
    facts: dict[str, Any]


Found = Iterator[Occasion]


def find_occasions(
    kind: str, threshold: int, situation: HotelSituation, first_day: date
) -> list[Occasion]:
    """Return the occasions of an alert, in order of time.

    Args:
        kind: an AlertKind.
        threshold: of the rule; 0 where the alert has none.
        first_day: on which the rule was switched on, in the hotel's time zone.
    """
    today = situation.today
    days = [day for day in (today - ONE_DAY, today) if day >= first_day]
    return list(_FINDERS[AlertKind(kind)](threshold, situation, days))


def _night_pickup(threshold: int, situation: HotelSituation, days: list[date]) -> Found:
    for (night, day), number in sorted(situation.changes.items()):
        if day in days and night >= max(day, situation.today) and number >= threshold:
            facts = {"night": night, "day": day, "room_nights": number}
            yield Occasion(f"{AlertKind.NIGHT_PICKUP}/{night}/{day}", day + ONE_DAY, facts)


def _house_pickup(threshold: int, situation: HotelSituation, days: list[date]) -> Found:
    for day in days:
        number = sum(
            change
            for (night, event_day), change in situation.changes.items()
            if event_day == day and night >= day
        )
        if number >= threshold:
            yield Occasion(
                f"{AlertKind.HOUSE_PICKUP}/{day}",
                day + ONE_DAY,
                {"day": day, "room_nights": number},
            )


def _cancellations(threshold: int, situation: HotelSituation, days: list[date]) -> Found:
    for day in days:
        number = situation.cancelled.get(day, 0)
        if number >= threshold:
            yield Occasion(
                f"{AlertKind.CANCELLATIONS}/{day}",
                day + ONE_DAY,
                {"day": day, "room_nights": number},
            )


def _occupancy(threshold: int, situation: HotelSituation, days: list[date]) -> Found:
    for night, number in sorted(situation.on_the_books.items()):
        rooms = situation.rooms(night)
        if rooms and night >= situation.today and number * 100 >= threshold * rooms:
            facts = {"night": night, "room_nights": number, "rooms": rooms}
            yield Occasion(f"{AlertKind.OCCUPANCY}/{night}/{threshold}", night, facts)


def _bound(threshold: int, situation: HotelSituation, days: list[date]) -> Found:
    if situation.stale_since is not None:
        return  # prices stand still then
    for found in situation.at_bound:
        if found.night >= situation.today and situation.now - found.since >= threshold * ONE_DAY:
            since = situation.local_day(found.since)
            facts = {"night": found.night, "bound": found.bound, "since": since}
            yield Occasion(
                f"{AlertKind.BOUND}/{found.night}/{found.bound}/{since}", found.night, facts
            )


def _stale(threshold: int, situation: HotelSituation, days: list[date]) -> Found:
    since = situation.stale_since
    if since is not None:
        last_day = situation.today + TROUBLE_KEPT
        yield Occasion(f"{AlertKind.STALE}/{since}", last_day, {"since": since})


def _deliveries(threshold: int, situation: HotelSituation, days: list[date]) -> Found:
    since = situation.failing_since
    if since is not None and situation.now - since >= timedelta(hours=threshold):
        key = f"{AlertKind.DELIVERIES}/{since.isoformat(timespec='seconds')}"
        facts = {"since": since, "answer": situation.answer}
        yield Occasion(key, situation.today + TROUBLE_KEPT, facts)


_FINDERS: Final[dict[AlertKind, Callable[[int, HotelSituation, list[date]], Found]]] = {
    AlertKind.NIGHT_PICKUP: _night_pickup,
    AlertKind.HOUSE_PICKUP: _house_pickup,
    AlertKind.CANCELLATIONS: _cancellations,
    AlertKind.OCCUPANCY: _occupancy,
    AlertKind.BOUND: _bound,
    AlertKind.STALE: _stale,
    AlertKind.DELIVERIES: _deliveries,
}
