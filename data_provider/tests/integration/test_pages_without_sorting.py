"""Pages of events come from an index in their order: what follows them costs nothing."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from data_provider import ledger
from data_provider.event_validation import EventRow
from data_provider.ledger import event_export

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)
MOMENT = datetime(2024, 3, 1, tzinfo=UTC)


def plans(work: Callable[[], object]) -> str:
    """Return how the database executes each SELECT of some work, with a sort only if it must."""
    connection = connections["data_provider"]
    statements: list[tuple[str, Any]] = []

    def remember(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.strip().startswith("SELECT"):
            statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(remember):
        work()
    assert statements
    lines: list[str] = []
    with connection.cursor() as cursor:
        explain = "EXPLAIN QUERY PLAN"
        if connection.vendor == "postgresql":
            explain = "EXPLAIN"
            for method in ("sort", "seqscan", "bitmapscan"):
                cursor.execute(f"SET enable_{method} = off")
        for sql, params in statements:
            cursor.execute(f"{explain} {sql}", params)
            lines += [str(row) for row in cursor.fetchall()]
        if connection.vendor == "postgresql":
            cursor.execute("RESET ALL")
    return "\n".join(lines)


@pytest.mark.parametrize(
    "work",
    [
        lambda: ledger.read_events([], 100),
        lambda: ledger.read_events([], 100, after=ledger.Place(MOMENT, 5)),
        lambda: ledger.read_events([ledger.Condition("timestamp", ">=", MOMENT)], 100),
        lambda: ledger.read_feed(0, 100),
        lambda: event_export.export_events(date(2024, 4, 1), Path("nowhere"), print),
    ],
    ids=["all", "next page", "since", "feed", "export"],
)
def test_no_page_is_sorted(
    work: Callable[[], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ledger.record([EventRow(1, "2024-03-01 10:00:00", f"{1:032x}", "2024-05-01", 1, None)])
    plan = plans(work)
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan
