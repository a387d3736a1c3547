"""Rooms for sale: the profile's number, or by date where they differ from it."""

from datetime import date, timedelta

from dashboard_service.models import HotelProfile


class RoomsForSaleByNight:
    """Rooms for sale of a hotel in each night.

    Args:
        usual: in nights for which nothing else is entered; None where it is not known.
        spans: first night, last night, rooms. Of spans that overlap, the one that begins later
            counts.
    """

    def __init__(self, usual: int | None, spans: list[tuple[date, date, int]]) -> None:
        self._usual = usual
        self._spans = sorted(spans, reverse=True)

    @property
    def is_known(self) -> bool:
        """Whether the rooms of any night are known."""
        return self._usual is not None or bool(self._spans)

    def __call__(self, night: date) -> int | None:
        """Return the rooms for sale in a night; None where they are not known."""
        return next(
            (rooms for first, last, rooms in self._spans if first <= night <= last), self._usual
        )

    def total(self, first: date, last: date, first_night: date) -> int | None:
        """Return room-nights for sale from `first` to `last`, both included.

        Args:
            first_night: the hotel's first night with data; earlier nights do not count as unsold.

        Returns: None where all nights lie before `first_night`, or where one is not known.
        """
        begin = max(first, first_night)
        nights = [begin + timedelta(days=number) for number in range((last - begin).days + 1)]
        if not self._spans:
            return self._usual * len(nights) if nights and self._usual is not None else None
        rooms = [self(night) for night in nights]
        known = [number for number in rooms if number is not None]
        return sum(known) if known and len(known) == len(rooms) else None


def rooms_for_sale(profile: HotelProfile) -> RoomsForSaleByNight:
    """Return the rooms for sale of a hotel."""
    spans = (
        list(profile.rooms_by_date.values_list("first", "last", "rooms"))
        if not profile._state.adding
        else []
    )
    return RoomsForSaleByNight(profile.rooms, spans)
