"""What the tests' PostgreSQL committed is there after a crash, or a soak would blame the system."""

import threading
from contextlib import suppress

import psycopg
import pytest

from tests.postgres import Postgres, postgres_server

pytestmark = pytest.mark.one_database  # the server is the test's own
ENOUGH = 2_000


def test_what_was_committed_is_there_after_a_crash() -> None:
    with postgres_server() as server:
        url = server.environment["DATABASE_URL"].replace("postgres://", "postgresql://")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE numbers (number int)")
        committed = _commit_until_it_crashes(server, url)
        with psycopg.connect(url) as connection:
            rows = {number for (number,) in connection.execute("SELECT number FROM numbers")}
    assert committed >= ENOUGH
    assert rows >= set(range(committed)), "the last one may be there without an answer"


def _commit_until_it_crashes(server: Postgres, url: str) -> int:
    """Return how many commits were answered."""
    committed, is_enough = 0, threading.Event()

    def commit() -> None:
        nonlocal committed
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
            while True:
                connection.execute("INSERT INTO numbers VALUES (%s)", [committed])
                committed += 1
                if committed == ENOUGH:
                    is_enough.set()

    client = threading.Thread(target=commit)
    client.start()
    assert is_enough.wait(60)
    server.crash_and_restart()
    client.join(60)
    return committed
