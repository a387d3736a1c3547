"""Recording competitors' rates: only appended, each sighting once.

A sighting that is known already changes nothing; one that is known with another rate is a conflict,
which changes nothing either and is counted.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db import connections, router, transaction
from django.utils import timezone

from pricing_service.market_rates.rate_models import CompetitorRate
from pricing_service.market_rates.rate_validation import SeenRate, identity

ROWS_AT_ONCE: Final = 1_000  # of one statement: SQLite takes 32,766 values
COLUMNS: Final = (*SeenRate._fields, "recorded_at")
_IDENTITY: Final = ", ".join(SeenRate._fields[:5])


class Recorded(NamedTuple):
    """How many sightings were new, known, and known with another rate or currency."""

    created: int
    duplicates: int
    conflicts: int = 0

    def as_answer(self) -> dict[str, int]:
        """Return the counts as REST shows them: conflicts only if any."""
        counts = self._asdict()
        if not self.conflicts:
            del counts["conflicts"]
        return counts


def record_rates(rates: Sequence[SeenRate]) -> Recorded:
    """Store those of the sightings that are not known yet, all of them or none.

    Args:
        rates: valid ones in any order, repetitions allowed.
    Raises:
        django.db.Error: nothing was recorded.
    """
    # Sorted, so that two writers of the same sightings lock them in the same order.
    ordered = sorted(rates, key=identity)
    created = 0
    with transaction.atomic(using=_database()):
        for batch in _batches(ordered):
            created += _insert(batch)
    duplicates = len(ordered) - created
    conflicts = sum(map(_count_conflicts, _batches(ordered))) if duplicates else 0
    return Recorded(created, duplicates, conflicts)


def _batches(rates: Sequence[SeenRate]) -> list[Sequence[SeenRate]]:
    return [rates[start : start + ROWS_AT_ONCE] for start in range(0, len(rates), ROWS_AT_ONCE)]


def _database() -> str:
    return router.db_for_write(CompetitorRate)


def _insert(rates: Sequence[SeenRate]) -> int:
    """Insert sightings within the caller's transaction; return how many were new."""
    connection = connections[_database()]
    columns = {field.name: field for field in CompetitorRate._meta.fields}
    fields = [columns[name] for name in COLUMNS]
    now = timezone.now()
    values = [
        field.get_db_prep_save(value, connection)
        for row in rates
        for field, value in zip(fields, (*row, now), strict=True)
    ]
    row_marks = f"({', '.join(['%s'] * len(fields))})"
    statement = (
        f"INSERT INTO {CompetitorRate._meta.db_table} ({', '.join(COLUMNS)}) "  # noqa: S608  # constants only
        f"VALUES {', '.join([row_marks] * len(rates))} ON CONFLICT ({_IDENTITY}) DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _count_conflicts(rates: Sequence[SeenRate]) -> int:
    """Return how many sightings are stored with another rate or currency."""
    stored: dict[tuple[Any, ...], tuple[Decimal | None, str]] = {
        tuple(row[:5]): row[5:]
        for row in CompetitorRate.objects.filter(
            hotel_id__in={row.hotel_id for row in rates},
            night__range=(min(row.night for row in rates), max(row.night for row in rates)),
            competitor__in={row.competitor for row in rates},
            seen_at__in={row.seen_at for row in rates},
        ).values_list(*SeenRate._fields)
    }
    return sum(stored[identity(row)] != (row.rate, row.currency) for row in rates)
