"""The soak test's short form: real processes under load, with and without faults, recounted."""

from math import inf

import pytest

from tests.soak.run import run

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    "database", [pytest.param("sqlite", marks=pytest.mark.thorough), "postgres"]
)
def test_nothing_is_lost_or_counted_twice(database: str) -> None:
    result = run(20, seed=20, database=database, pause_seconds=1.5, longest_stop_seconds=6)
    assert result.problems == [], result
    assert result.kills >= 4, result  # a disaster may take the rest of the time on a busy machine
    assert result.events > 10_000, result


@pytest.mark.thorough
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_many_at_once_disturb_nobody(database: str) -> None:
    """Four event workers, two dashboard workers, loaders, clients: no refusal, no logged error."""
    result = run(8, seed=1, database=database, pause_seconds=inf, longest_stop_seconds=0)
    assert result.problems == [], result
