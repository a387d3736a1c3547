"""The tables of counts: add to them, load them, delete from them.

All SQL that writes counts is here. Callers of `add_counts` and `delete_counts` hold the lock of
`updater_lock`, so no other process writes at the same time.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connections, router
from django.db.models import QuerySet
from django.utils import timezone

from common.postgres_arrays import array_literals
from dashboard_service.counting.event_counts import (
    HOURS,
    ONE_CANCELLED,
    PICKUP,
    CountKey,
    EventCounts,
)
from dashboard_service.models import DashboardData, HotelFigures, HourlyData, PickupData
from dashboard_service.room_nights import RoomNights


class _Table(NamedTuple):
    """A table that counts are added to: its name, and its key's columns with PostgreSQL types."""

    name: str
    key: dict[str, str]

    def sql_add(self, vendor: str) -> str:
        """Return the statement that adds counts to rows or inserts them.

        SQLite takes one row an execution, PostgreSQL all rows at once, an array for each column.
        """
        columns = [*self.key, "gross_booking_count", "cancellation_count"]
        keys = ", ".join(self.key)
        if vendor == "postgresql":
            arrays = ", ".join(f"%s::{kind}[]" for kind in [*self.key.values(), "bigint"])
            source = (
                f"SELECT {keys}, (both_counts & {ONE_CANCELLED - 1})::int, "
                f"(both_counts >> 32)::int FROM unnest({arrays}) AS new ({keys}, both_counts)"
            )
        else:
            both = f"?{len(self.key) + 1}"
            values = [f"?{number + 1}" for number in range(len(self.key))]
            source = f"VALUES ({', '.join(values)}, {both} & {ONE_CANCELLED - 1}, {both} >> 32)"
        return f"""
            INSERT INTO {self.name} ({", ".join(columns)}) {source}
            ON CONFLICT ({", ".join(self.key)}) DO UPDATE SET
              gross_booking_count = {self.name}.gross_booking_count + excluded.gross_booking_count,
              cancellation_count = {self.name}.cancellation_count + excluded.cancellation_count"""


DAYS = _Table(
    "dashboard_service_dashboarddata", {"hotel_id": "int", "basis": "text", "day": "date"}
)
NIGHTS = _Table(
    "dashboard_service_pickupdata", {"hotel_id": "int", "night_of_stay": "date", "day": "date"}
)
HOURLY = _Table("dashboard_service_hourlydata", {"hotel_id": "int", "hour": "timestamptz"})


def add_counts(counts: EventCounts) -> None:
    """Add counts to the tables and mark the hotels as changed; the caller holds the lock.

    Raises: ProviderError when an event has an impossible date.
    """
    connection = connections[router.db_for_write(DashboardData)]
    tables: list[tuple[_Table, list[Any]]] = list(
        zip((DAYS, NIGHTS, HOURLY), counts.table_rows(), strict=True)
    )
    for table, rows in tables:
        if not rows:
            continue
        statement = table.sql_add(connection.vendor)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(statement, array_literals(rows))
        else:
            # The driver's own method: Django's cursor would convert every parameter.
            with connection.wrap_database_errors:
                connection.connection.executemany(statement, rows)
    mark_as_changed(counts.hotels())


def mark_as_changed(hotels: set[int]) -> None:
    """Record that figures of hotels changed; the caller holds the lock."""
    if not hotels:
        return
    now = timezone.now()
    HotelFigures.objects.bulk_create(
        [HotelFigures(hotel_id=hotel, changed_at=now) for hotel in sorted(hotels)],
        update_conflicts=True,
        unique_fields=["hotel_id"],
        update_fields=["changed_at"],
    )


def delete_counts(hotel_id: int | None) -> None:
    """Delete all counts of a hotel, None for all hotels; the caller holds the lock."""
    selection = {} if hotel_id is None else {"hotel_id": hotel_id}
    for model in (DashboardData, PickupData, HourlyData, HotelFigures):
        model.objects.filter(**selection).delete()


def load_counts(hotel_id: int | None) -> dict[CountKey, RoomNights]:
    """Return the stored counts of a hotel, None for all hotels."""

    def read(rows: QuerySet, *columns: str) -> Iterator[tuple[Any, ...]]:
        if hotel_id is not None:
            rows = rows.filter(hotel_id=hotel_id)
        yield from rows.values_list(
            "hotel_id", *columns, "gross_booking_count", "cancellation_count"
        )

    stored: dict[CountKey, RoomNights] = {
        (hotel, basis, day, None): RoomNights(*counts)
        for hotel, basis, day, *counts in read(DashboardData.objects.all(), "basis", "day")
    }
    stored |= {
        (hotel, PICKUP, day, night): RoomNights(*counts)
        for hotel, day, night, *counts in read(PickupData.objects.all(), "day", "night_of_stay")
    }
    stored |= {
        (hotel, HOURS, hour, None): RoomNights(*counts)
        for hotel, hour, *counts in read(HourlyData.objects.all(), "hour")
    }
    return stored
