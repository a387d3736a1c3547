"""Database rows that several tests start from: made once, and for each test as they were.

The rows are made in a transaction that stays open; each test's own is a savepoint in it and is
rolled back, as Django's `setUpTestData` does. For tests that commit nothing: not for those with
`transaction=True`, which would find the rows, and for fixtures of a class or of a module of which
every test needs the rows.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import transaction


@contextmanager
def prepared_rows(
    django_db_blocker: Any, databases: Sequence[str], prepare: Callable[[], object]
) -> Iterator[None]:
    """Make rows with `prepare`, and take them back at the end.

    Args:
        django_db_blocker: the fixture; a caller needs `django_db_setup` too.
        databases: the aliases of all databases that `prepare` or a test writes to.
    """
    with django_db_blocker.unblock(), ExitStack() as transactions:
        for alias in databases:
            transactions.enter_context(_rolled_back(alias))
        prepare()
        with django_db_blocker.block():
            yield


@contextmanager
def _rolled_back(alias: str) -> Iterator[None]:
    """Open a transaction that counts as a test's own, in which durable ones may begin."""
    atomic = transaction.atomic(alias)
    atomic._from_testcase = True  # type: ignore[attr-defined]  # as Django's TestCase does
    with atomic:
        yield
        transaction.set_rollback(True, alias)
