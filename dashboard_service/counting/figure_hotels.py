"""Which hotels there are: those of the stored figures and those of the ledger.

Both are needed: a hotel that only the ledger has lacks its figures, one that only the figures have
must lose them.
"""

from typing import Any

from django.db import connections, router

from dashboard_service.data_provider_client import Provider
from dashboard_service.models import (
    DashboardData,
    HotelFigures,
    HourlyData,
    PaceData,
    PerformanceData,
    PickupData,
    ReservationState,
    RoomNightHotel,
)

TABLES: tuple[Any, ...] = (
    DashboardData, PickupData, HourlyData, HotelFigures, RoomNightHotel, ReservationState,
    PerformanceData, PaceData,
)  # fmt: skip
# Jumps from hotel to hotel over the index that begins with hotel_id; DISTINCT would read all of it.
SQL_HOTELS = """
    WITH RECURSIVE hotels (hotel_id) AS (
      SELECT (SELECT min(hotel_id) FROM {table})
      UNION ALL
      SELECT (SELECT min(t.hotel_id) FROM {table} t WHERE t.hotel_id > hotels.hotel_id)
      FROM hotels WHERE hotels.hotel_id IS NOT NULL
    )
    SELECT hotel_id FROM hotels WHERE hotel_id IS NOT NULL"""


def hotels_of_figures() -> set[int]:
    """Return the hotels that have a row in any table of figures."""
    found: set[int] = set()
    with connections[router.db_for_write(HotelFigures)].cursor() as cursor:
        for model in TABLES:
            cursor.execute(SQL_HOTELS.format(table=model._meta.db_table))
            found.update(hotel for (hotel,) in cursor.fetchall())
    return found


def hotels_of_ledger(provider: Provider) -> set[int]:
    """Return the hotels that have events. Raises: ProviderError."""
    return {hotel for page in provider.hotels() for hotel in page}
