"""A hotel's currency, and its room-nights in other ones, which are never added up with it."""

from typing import NamedTuple

from django.db.models import F, Sum

from dashboard_service.models import Basis, DashboardData, PerformanceData, RoomNightHotel


class HotelCurrency(NamedTuple):
    """The currency of a hotel's amounts, and what is on the books in others."""

    currency: str | None  # the profile's, else the proposed one; None where neither is known
    proposed: str | None  # the one that most room-nights on the books have
    other_room_nights: int  # on the books, with a rate in another currency


def hotel_currency(hotel_id: int, entered: str) -> HotelCurrency:
    """Return a hotel's currency.

    Args:
        entered: the profile's currency, empty until a person has entered it.
    """
    rows = PerformanceData.objects.filter(hotel_id=hotel_id, basis=Basis.STAY).exclude(currency="")
    sums = rows.order_by().values("currency").annotate(total=Sum("room_nights_with_rate"))
    room_nights = {row["currency"]: row["total"] for row in sums}
    # Of two that are equal the first by the alphabet, so that the answer does not vary.
    proposed = max(sorted(room_nights), key=room_nights.__getitem__, default=None)
    currency = entered or proposed
    others = sum(total for code, total in room_nights.items() if code != currency)
    return HotelCurrency(currency, proposed, others)


def currency_of(hotel_id: int, entered: str) -> str | None:
    """Return only the currency of a hotel's amounts; asks no database where a person entered it.

    Args:
        entered: the profile's currency, empty until a person has entered it.
    """
    return entered or hotel_currency(hotel_id, entered).currency


def is_followed(hotel_id: int) -> bool:
    """Return whether a hotel's figures count room-nights one by one, and not its events."""
    return RoomNightHotel.objects.filter(hotel_id=hotel_id, is_counted=True).exists()


class DoubledEvents(NamedTuple):
    """Room-nights by which a hotel's events and its room-nights differ, over all nights."""

    bookings: int  # booked again while they were sold
    cancellations: int  # cancelled again while they were not


def doubled_events(hotel_id: int) -> DoubledEvents:
    """Return by how many room-nights events and room-nights differ, the two directions apart.

    Night by night, so that a booking that came twice and a cancellation that came twice do not hide
    each other unless they are of the same night. 0 for a hotel whose room-nights are not followed.
    """
    if not is_followed(hotel_id):
        return DoubledEvents(0, 0)
    stay = {"hotel_id": hotel_id, "basis": Basis.STAY}
    days = DashboardData.objects.filter(**stay).values_list(
        "day", F("gross_booking_count") - F("cancellation_count")
    )
    sold = PerformanceData.objects.filter(**stay).order_by().values("day")
    room_nights = dict(sold.annotate(total=Sum("room_nights")).values_list("day", "total"))
    beyond = [net - room_nights.get(day, 0) for day, net in days]
    return DoubledEvents(
        sum(count for count in beyond if count > 0), -sum(count for count in beyond if count < 0)
    )


def events_beyond_room_nights(hotel_id: int) -> int:
    """Return by how many room-nights `GET /dashboard/`, which counts events, is above performance.

    Above where a room-night was booked twice, below (negative) where it was cancelled twice; 0 for
    a hotel whose room-nights are not followed.
    """
    if not is_followed(hotel_id):
        return 0
    stay = {"hotel_id": hotel_id, "basis": Basis.STAY}
    events = DashboardData.objects.filter(**stay).aggregate(
        net=Sum("gross_booking_count", default=0) - Sum("cancellation_count", default=0)
    )
    sold = PerformanceData.objects.filter(**stay).aggregate(net=Sum("room_nights", default=0))
    return int(events["net"] - sold["net"])
