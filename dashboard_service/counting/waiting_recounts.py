"""The hotels that wait to be recounted: requested together or one by one, taken by several workers.

A request of all hotels gives each another `request`; a recount counts only if the request is the
same at its end as at its beginning, so events that were read of a former ledger are never stored.
"""

import uuid
from collections.abc import Iterable

from django.db.models import F

from dashboard_service.counting.hotel_claims import (
    LEASE_SECONDS,
    Claim,
    claim_first,
    free,
    in_seconds,
)
from dashboard_service.models import HotelProfile, HotelRecount, RoomNightHotel

BATCH_ROWS = 1_000


def request_all(hotels: Iterable[int]) -> None:
    """Have all these hotels recounted, from now on; the caller holds the lock of all positions."""
    request = uuid.uuid4().hex
    HotelRecount.objects.bulk_create(
        [HotelRecount(hotel_id=hotel, request=request, is_of_all=True) for hotel in sorted(hotels)],
        update_conflicts=True,
        unique_fields=["hotel_id"],
        update_fields=["request", "is_of_all", "requested_at"],
        batch_size=BATCH_ROWS,
    )


def request_outdated() -> None:
    """Have the hotels recounted that need it by themselves.

    A hotel does when its time zone was changed, or when its room-nights are followed and not
    counted yet.
    """
    outdated = HotelProfile.objects.exclude(counted_time_zone=F("time_zone"))
    hotels = {*outdated.values_list("hotel_id", flat=True), *uncounted_hotels()}
    HotelRecount.objects.bulk_create(
        [HotelRecount(hotel_id=hotel, request=uuid.uuid4().hex) for hotel in sorted(hotels)],
        ignore_conflicts=True,
        batch_size=BATCH_ROWS,
    )


def uncounted_hotels() -> list[int]:
    """Return the hotels whose room-nights are followed, and not counted yet."""
    rows = RoomNightHotel.objects.filter(is_counted=False).order_by("hotel_id")
    return list(rows.values_list("hotel_id", flat=True))


def request_one(hotel_id: int) -> tuple[str, bool]:
    """Have a hotel waiting that its caller is about to recount; return its request.

    So a request of all hotels during the recount shows even if it is done by then.

    Returns: the request, and whether it is the caller's own.
    """
    row, is_own = HotelRecount.objects.get_or_create(
        hotel_id=hotel_id,
        defaults={"request": uuid.uuid4().hex, "claimed_until": in_seconds(LEASE_SECONDS)},
    )
    return row.request, is_own


def withdraw(hotel_id: int, request: str) -> None:
    """Take back a request of one hotel, unless all were requested meanwhile."""
    HotelRecount.objects.filter(pk=hotel_id, request=request).delete()


def request_of(hotel_id: int) -> str | None:
    """Return the request that a hotel waits for; None while it does not wait."""
    rows = HotelRecount.objects.filter(pk=hotel_id)
    return rows.values_list("request", flat=True).first()


def is_done(hotel_id: int) -> None:
    """Take a hotel from those that wait, in the transaction of its new figures."""
    HotelRecount.objects.filter(pk=hotel_id).delete()


def count_free() -> int:
    """Return how many hotels wait that no worker has."""
    return free(HotelRecount.objects.all()).count()


def claim_next() -> Claim[HotelRecount] | None:
    """Take the next hotel; those that somebody asked for go before a recount of all."""
    return claim_first(HotelRecount.objects.order_by("is_of_all", "requested_at", "hotel_id"))
