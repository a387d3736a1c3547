"""The tables of reservations' histories, performance and pace: add to them, read and delete them.

All SQL that writes them is here, in few statements for any number of rows. Callers hold the lock of
`updater_lock`, so no other process writes at the same time.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.db import connections, router
from django.db.models import QuerySet

from common.postgres_arrays import array_literals
from dashboard_service.counting.revenue_counts import PaceKey, PerformanceKey, RevenueCounts
from dashboard_service.encoded_reservations import History, Reservation, booked_minute
from dashboard_service.models import PaceData, PerformanceData, ReservationState, RoomNightHotel

RoomNightHotels = dict[int, bool]  # hotel number to whether its room-nights are counted

_STATES = "dashboard_service_reservationstate"
_DESCRIPTION = {"currency": "text", "room_type": "text", "channel": "text", "segment": "text"}
_PERFORMANCE = {"hotel_id": "int", "basis": "text", "day": "date", **_DESCRIPTION}
_PACE = {"hotel_id": "int", "night_of_stay": "date", "day": "date", "currency": "text"}
_SUMS = ("room_nights", "room_nights_with_rate", "revenue")
_TABLES: dict[str, dict[str, str]] = {
    "dashboard_service_performancedata": _PERFORMANCE,
    "dashboard_service_pacedata": _PACE,
}
_MODELS = (ReservationState, PerformanceData, PaceData)


def room_night_hotels() -> RoomNightHotels:
    """Return the hotels whose room-nights are followed."""
    return dict(RoomNightHotel.objects.values_list("hotel_id", "is_counted"))


def mark_room_night_hotels(hotels: RoomNightHotels) -> None:
    """Save hotels whose room-nights are followed."""
    RoomNightHotel.objects.bulk_create(
        [RoomNightHotel(hotel_id=hotel, is_counted=hotels[hotel]) for hotel in sorted(hotels)],
        update_conflicts=True,
        unique_fields=["hotel_id"],
        update_fields=["is_counted"],
    )


def add_new_events(new: Mapping[Reservation, History], counts: RevenueCounts) -> None:
    """Save new events of reservations, and add to the figures what they change.

    Args:
        counts: empty; what is added is counted in it.
    Raises: ProviderError.
    """
    if new:
        _save_histories(counts.count_changes(_load_histories(new), new))
        add_sums(counts)


def save_recount(histories: Mapping[Reservation, str], counts: RevenueCounts) -> None:
    """Save the encoded histories and the figures of hotels that have none."""
    if histories:
        _save_histories(histories.items())
        add_sums(counts)


def delete_room_nights(hotel_id: int | None) -> None:
    """Delete all histories and figures of a hotel, None for all hotels."""
    for model in _MODELS:
        _of(model._default_manager.all(), hotel_id).delete()


def add_sums(counts: RevenueCounts) -> None:
    """Add sums to the rows of performance and pace, or insert them."""
    vendor = connections[router.db_for_write(PerformanceData)].vendor
    sums: tuple[Mapping[Any, tuple[int, ...]], ...] = (counts.performance(), counts.pace())
    for (table, key), found in zip(_TABLES.items(), sums, strict=True):
        columns = {**key, **dict.fromkeys(_SUMS, "bigint")}
        added = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in _SUMS)
        statement = (
            f"INSERT INTO {table} ({', '.join(columns)}) {_source(columns, vendor)} "
            f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {added}"
        )
        _execute_many(statement, [(*row, *values) for row, values in found.items()])


def load_performance(hotel_id: int) -> dict[PerformanceKey, tuple[int, ...]]:
    """Return a hotel's rows of performance, without those that are zero."""
    return _load(PerformanceData.objects.filter(hotel_id=hotel_id), _PERFORMANCE)


def load_pace(hotel_id: int) -> dict[PaceKey, tuple[int, ...]]:
    """Return a hotel's rows of pace, without those that are zero."""
    return _load(PaceData.objects.filter(hotel_id=hotel_id), _PACE)


def load_histories(hotel_id: int) -> tuple[dict[Reservation, str], dict[Reservation, str | None]]:
    """Return a hotel's histories, encoded, and the minutes in which they were booked."""
    histories: dict[Reservation, str] = {}
    minutes: dict[Reservation, str | None] = {}
    rows = ReservationState.objects.filter(hotel_id=hotel_id)
    for name, text, minute in rows.values_list("reservation", "events", "booked_minute").iterator():
        histories[hotel_id, name] = text
        minutes[hotel_id, name] = minute
    return histories, minutes


def hotels_with_rows() -> set[int]:
    """Return the hotels that have a history or a figure."""
    return {
        hotel
        for model in _MODELS
        for hotel in model._default_manager.order_by().values_list("hotel_id", flat=True).distinct()
    }


def _of(rows: QuerySet, hotel_id: int | None) -> QuerySet:
    return rows if hotel_id is None else rows.filter(hotel_id=hotel_id)


def _load(rows: QuerySet, key: Mapping[str, str]) -> dict[Any, tuple[int, ...]]:
    width = len(key)
    loaded = {}
    for row in rows.order_by().values_list(*key, *_SUMS).iterator():
        if any(row[width:]):
            names = (
                value.isoformat() if kind == "date" else value
                for value, kind in zip(row, key.values(), strict=False)
            )
            loaded[tuple(names)] = row[width:]
    return loaded


def _load_histories(reservations: Iterable[Reservation]) -> dict[Reservation, str]:
    """Return the saved histories among some reservations, in one statement."""
    connection = connections[router.db_for_write(ReservationState)]
    keys = [*reservations]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"SELECT s.hotel_id, s.reservation, s.events FROM {_STATES} s "
                "JOIN unnest(%s::int[], %s::text[]) AS new (hotel, reservation) "
                "ON s.hotel_id = new.hotel AND s.reservation = new.reservation",
                array_literals(keys),
            )
        else:
            # CROSS JOIN keeps the order: SQLite looks each key up in the table's index.
            cursor.execute(
                "SELECT s.hotel_id, s.reservation, s.events FROM json_each(%s) AS new "
                f"CROSS JOIN {_STATES} s ON s.hotel_id = json_extract(new.value, '$[0]') "
                "AND s.reservation = json_extract(new.value, '$[1]')",
                [orjson.dumps(keys).decode()],
            )
        return {(hotel, reservation): text for hotel, reservation, text in cursor.fetchall()}


def _save_histories(histories: Iterable[tuple[Reservation, str]]) -> None:
    vendor = connections[router.db_for_write(ReservationState)].vendor
    columns = {
        "hotel_id": "int", "reservation": "text", "events": "text", "booked_minute": "text",
    }  # fmt: skip
    statement = (
        f"INSERT INTO {_STATES} ({', '.join(columns)}) {_source(columns, vendor)} "
        "ON CONFLICT (hotel_id, reservation) DO UPDATE "
        "SET events = excluded.events, booked_minute = excluded.booked_minute"
    )
    rows = [(*reservation, text, booked_minute(text)) for reservation, text in histories]
    _execute_many(statement, rows)


def _source(columns: Mapping[str, str], vendor: str) -> str:
    """Return what a statement inserts: PostgreSQL takes all rows at once, SQLite one at a time."""
    if vendor == "postgresql":
        arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
        return f"SELECT * FROM unnest({arrays})"
    return f"VALUES ({', '.join('?' for _ in columns)})"


def _execute_many(statement: str, rows: list[tuple[Any, ...]]) -> None:
    if not rows:
        return
    connection = connections[router.db_for_write(ReservationState)]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(statement, array_literals(rows))
    else:
        rows.sort()  # neighbours in the index come one after the other
        # The driver's own method: Django's cursor would convert every parameter.
        with connection.wrap_database_errors:
            connection.connection.executemany(statement, rows)
