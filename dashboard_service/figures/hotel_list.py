"""The hotels that have figures: the page's list, the first one, and the rows with totals for REST.

Wherever `allowed` is a parameter, it is the hotels that the client may see; None for all.
"""

from typing import Any

from django.db.models import Max, Min, QuerySet, Sum

from dashboard_service.hotel_profiles import get_profiles, serialize_profile
from dashboard_service.models import DashboardData, HotelFigures, HotelProfile

LISTED_HOTELS = 500  # a page with more hotels has an input for the number instead of a list


def hotels_with_figures(allowed: frozenset[int] | None) -> list[HotelProfile]:
    """Return the profiles of hotels with figures, by number.

    At most LISTED_HOTELS + 1, so that the caller sees that there are more than LISTED_HOTELS.
    """
    return list(get_profiles(list(_numbers(allowed)[: LISTED_HOTELS + 1])).values())


def first_hotel(allowed: frozenset[int] | None) -> int | None:
    """Return the lowest number of a hotel with figures; None when there are no figures."""
    return _numbers(allowed).first()


def _numbers(allowed: frozenset[int] | None) -> QuerySet[HotelFigures, int]:
    hotels = HotelFigures.objects.order_by("hotel_id")
    if allowed is not None:
        hotels = hotels.filter(hotel_id__in=allowed)
    return hotels.values_list("hotel_id", flat=True)


def hotel_rows(
    basis: str, after: int, limit: int, allowed: frozenset[int] | None = None
) -> list[dict[str, Any]]:
    """Return hotels with data by number: profile, first and last date on a basis, and totals.

    Args:
        after: only hotels with a higher number.
    """
    rows = DashboardData.objects.filter(basis=basis, hotel_id__gt=after)
    if allowed is not None:
        rows = rows.filter(hotel_id__in=allowed)
    hotels = (
        rows.order_by("hotel_id")
        .values("hotel_id")
        .annotate(
            first_date=Min("day"),
            last_date=Max("day"),
            gross=Sum("gross_booking_count"),
            cancelled=Sum("cancellation_count"),
        )[:limit]
    )
    profiles = get_profiles([hotel["hotel_id"] for hotel in hotels])
    return [
        {
            **serialize_profile(profiles[hotel["hotel_id"]]),
            "first_date": hotel["first_date"],
            "last_date": hotel["last_date"],
            "booking_count": hotel["gross"] - hotel["cancelled"],
            "gross_booking_count": hotel["gross"],
            "cancellation_count": hotel["cancelled"],
        }
        for hotel in hotels
    ]
