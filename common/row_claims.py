"""Claims: of rows that are due, each is worked on by one worker at a time, however many there are.

A claim is a change of the row that makes it undue for a while (a lease): it is written before the
work begins, so that a worker that dies leaves nothing behind but a time that passes. Where work
fails, the pauses between tries double.
"""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import timedelta
from typing import Any, TypeVar

from django.db import connections, router, transaction
from django.db.models import Model, QuerySet

LONGEST_PAUSE = timedelta(hours=1)

Row = TypeVar("Row", bound=Model)


def pause_after(tries: int) -> timedelta:
    """Return the pause after so many failed tries: 1, 2, 4 … minutes, at most LONGEST_PAUSE."""
    return min(timedelta(minutes=2 ** min(tries - 1, 10)), LONGEST_PAUSE)


def claim_first(due: QuerySet[Row], changes: Callable[[Row], Mapping[str, Any]]) -> Row | None:
    """Change the first row that is due and that no other worker claims; return it, or None.

    Rows that another transaction has locked are skipped where the database can do that
    (PostgreSQL). Elsewhere the change is made on condition that the row is still due, and the next
    one is tried when another worker was faster.

    Args:
        due: in the order in which rows are claimed. Changed rows must not be due any more.
        changes: what to write, by field.
    Returns:
        the row with these changes.
    Raises:
        django.db.Error.
    """
    database = router.db_for_write(due.model)
    due = due.using(database)
    can_skip = connections[database].features.has_select_for_update_skip_locked
    rows = due.select_for_update(skip_locked=True) if can_skip else due
    while True:
        with transaction.atomic(using=database) if can_skip else nullcontext():
            row = rows.first()
            if row is None:
                return None
            changed = changes(row)
            if due.filter(pk=row.pk).update(**changed):
                for name, value in changed.items():
                    setattr(row, name, value)
                return row
