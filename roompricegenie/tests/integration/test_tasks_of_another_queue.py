"""A run that comes through another queue, as the version before sends it, moves to its own."""

from pathlib import Path

import pytest
import redis

from roompricegenie.celery import (
    CHECK_DASHBOARD_DATA,
    CHECKS_QUEUE,
    DELIVER_PRICES,
    LEDGER_QUEUE,
    MAIL_QUEUE,
    MAKE_MESSAGES,
    PRICE_WHAT_CHANGED,
    PRICES_QUEUE,
    RECOUNT_WHAT_CHANGED,
    REFRESH_PORTFOLIO,
    SEND_MESSAGES,
    WEBHOOK_QUEUE,
)  # fmt: skip
from roompricegenie.tests.integration.test_task_nudges import broker as broker
from roompricegenie.tests.integration.test_task_nudges import python

pytestmark = pytest.mark.one_database

MOVED = {
    PRICES_QUEUE: [PRICE_WHAT_CHANGED],
    CHECKS_QUEUE: [CHECK_DASHBOARD_DATA, RECOUNT_WHAT_CHANGED],
    MAIL_QUEUE: [MAKE_MESSAGES, SEND_MESSAGES, REFRESH_PORTFOLIO],
    WEBHOOK_QUEUE: [DELIVER_PRICES],
}


def test_they_move_and_do_nothing_where_they_came(
    broker: redis.Redis, valkey_socket: Path, tmp_path: Path
) -> None:
    tasks = [task for names in MOVED.values() for task in names]
    code = (
        "from roompricegenie.celery import app; app.loader.import_default_modules()\n"
        f"for name in {tasks!r}:\n"
        f"    app.tasks[name].apply(routing_key={LEDGER_QUEUE!r}, throw=True)"
    )
    python(code, valkey_socket, tmp_path)  # no database is there: work would fail
    assert {queue: broker.llen(queue) for queue in (*MOVED, LEDGER_QUEUE)} == {
        **{queue: len(names) for queue, names in MOVED.items()},
        LEDGER_QUEUE: 0,
    }
