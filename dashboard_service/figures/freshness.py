"""When a hotel's figures last changed, and the result of the last check against a recount.

How far the figures are behind the ledger is in `dashboard_service.feed_lag`, which asks the Data
Provider.
"""

from datetime import UTC, datetime
from typing import Any

from django.db import connections, router
from django.db.models import Max

from dashboard_service.models import (
    CheckReport,
    CheckRound,
    FeedPosition,
    HotelFigures,
    HotelRecount,
    RoomNightHotel,
)

SQL_CHANGED_AT = "SELECT changed_at FROM dashboard_service_hotelfigures WHERE hotel_id = "


def changed_at(hotel_id: int) -> datetime | None:
    """Return when a hotel's figures last changed; None without figures."""
    # This runs with every request, so it uses the driver's own method: a query set takes ten times
    # as long, Django's cursor three times.
    connection: Any = connections[router.db_for_read(HotelFigures)]
    connection.close_if_health_check_failed()  # as Django's cursor does: the network may be cut
    connection.ensure_connection()
    with connection.wrap_database_errors:
        marker = "?" if connection.vendor == "sqlite" else "%s"
        row = connection.connection.execute(SQL_CHANGED_AT + marker, (hotel_id,)).fetchone()
    moment: datetime | None = row[0] if row else None
    return moment.replace(tzinfo=UTC) if moment else None  # SQLite's driver returns it naive


def lag_of_hotels(lag: dict[str, Any], hotels: frozenset[int]) -> dict[str, Any]:
    """Return what of the lag behind the ledger concerns a client with some hotels only.

    Positions and numbers of events would tell how much the other hotels sell. Whether anything is
    behind, and for how long, concerns everybody: 1 stands for any number.

    Args:
        lag: as `dashboard_service.feed_lag` returns it.
    """
    own = HotelFigures.objects.filter(hotel_id__in=hotels).aggregate(newest=Max("changed_at"))
    of_all = ("events_behind_is_estimate", "shares")
    shown = {name: value for name, value in lag.items() if name not in of_all}
    behind = lag["events_behind"]
    return {
        **shown,
        "position": None,
        "events_behind": None if behind is None else min(behind, 1),
        "updated_at": own["newest"],
    }


def last_check() -> dict[str, Any]:
    """Return the result of the last check of all hotels, and how far the present round is.

    Nulls before the first check, and where no round goes on.
    """
    names = (
        "checked_at", "events", "counts", "differences", "repaired", "begun_at", "hotels",
        "repaired_hotels", "unchecked_hotels",
    )  # fmt: skip
    report = CheckReport.objects.values(*names).first() or dict.fromkeys(names)
    present = CheckRound.objects.filter(is_open=True, is_listed=True).first()
    return {
        **report,
        "round_begun_at": present.begun_at if present else None,
        "round_hotels": present.hotels if present else None,
        "round_checked": present.checked if present else None,
    }


def is_incomplete(hotel_id: int) -> bool:
    """Return whether a hotel's figures may lack rows, until a recount of all hotels reaches it."""
    if FeedPosition.current().rebuild_needed:
        return True
    return HotelRecount.objects.filter(pk=hotel_id, is_of_all=True).exists()


def incomplete_hotels() -> set[int]:
    """Return the hotels whose figures may lack rows, but for an upgrade that concerns all."""
    rows = HotelRecount.objects.filter(is_of_all=True)
    return set(rows.values_list("hotel_id", flat=True))


def count_waiting_hotels() -> int:
    """Return how many hotels have figures that a recount is to replace."""
    uncounted = RoomNightHotel.objects.filter(is_counted=False).exclude(
        hotel_id__in=HotelRecount.objects.values("hotel_id")
    )
    return HotelRecount.objects.count() + uncounted.count()
