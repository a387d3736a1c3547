"""Rooms for sale: the profile's number, or by date where they differ from it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from dashboard_service.models import HotelProfile

ONE_DAY = timedelta(days=1)


class RoomSpan(NamedTuple):
    """Rooms for sale from a first to a last night, both included; 0 where the hotel is closed."""

    first: date
    last: date
    rooms: int


class RoomsForSaleByNight:
    """Rooms for sale of a hotel in each night.

    Args:
        usual: in nights for which nothing else is entered; None where it is not known.
        spans: first night, last night, rooms. Of spans that overlap, the one that begins later
            counts; of those that begin on the same night the shorter one, then the fewer rooms.
    """

    def __init__(self, usual: int | None, spans: Sequence[tuple[date, date, int]]) -> None:
        self._usual = usual
        self.spans = sorted(
            spans, key=lambda span: (-span[0].toordinal(), span[1].toordinal(), span[2])
        )

    @property
    def is_known(self) -> bool:
        """Whether the rooms of any night are known."""
        return self._usual is not None or bool(self.spans)

    def __call__(self, night: date) -> int | None:
        """Return the rooms for sale in a night; None where they are not known."""
        return next(
            (rooms for first, last, rooms in self.spans if first <= night <= last), self._usual
        )

    def by_date(self, first: date, last: date) -> dict[date, int]:
        """Return the rooms of the nights first … last for which the spans say them."""
        rooms: dict[date, int] = {}
        for span_first, span_last, count in reversed(self.spans):  # the one that counts comes last
            begin = max(span_first, first)
            for number in range((min(span_last, last) - begin).days + 1):
                rooms[begin + timedelta(days=number)] = count
        return rooms

    def total(self, first: date, last: date, first_night: date) -> int | None:
        """Return room-nights for sale from `first` to `last`, both included.

        Args:
            first_night: the hotel's first night with data; earlier nights do not count as unsold.

        Returns: None where all nights lie before `first_night`, or where one is not known.
        """
        begin = max(first, first_night)
        nights = [begin + timedelta(days=number) for number in range((last - begin).days + 1)]
        if not self.spans:
            return self._usual * len(nights) if nights and self._usual is not None else None
        rooms = [self(night) for night in nights]
        known = [number for number in rooms if number is not None]
        return sum(known) if known and len(known) == len(rooms) else None


def rooms_for_sale(profile: HotelProfile) -> RoomsForSaleByNight:
    """Return the rooms for sale of a hotel."""
    return RoomsForSaleByNight(profile.rooms, room_spans(profile))


def room_spans(profile: HotelProfile) -> list[RoomSpan]:
    """Return a hotel's rooms by date, in order of first and last night."""
    if profile._state.adding:
        return []
    rows = profile.rooms_by_date.values_list("first", "last", "rooms")
    return [RoomSpan(*row) for row in rows]


def add_where_free(spans: Sequence[RoomSpan], added: Sequence[RoomSpan]) -> list[RoomSpan]:
    """Return `spans` and, in the nights that none of them covers, what `added` says of these."""
    if not spans:
        return list(added)
    taken, wanted = RoomsForSaleByNight(None, spans), RoomsForSaleByNight(None, added)
    # Between two of these dates neither list changes, so that one night speaks for all of them.
    dates = {span.first for span in (*spans, *added)} | {
        span.last + ONE_DAY for span in (*spans, *added) if span.last < date.max
    }
    edges = sorted(dates)
    free: list[RoomSpan] = []
    for first, following in zip(edges, [*edges[1:], None], strict=True):
        rooms = wanted(first)
        if rooms is None or taken(first) is not None:
            continue
        last = date.max if following is None else following - ONE_DAY
        if free and free[-1].rooms == rooms and free[-1].last + ONE_DAY == first:
            free[-1] = free[-1]._replace(last=last)
        else:
            free.append(RoomSpan(first, last, rooms))
    return sorted([*spans, *free])
