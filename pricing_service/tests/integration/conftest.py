"""What all integration tests of prices share: a day that does not go on while a test runs."""

from collections.abc import Iterator
from datetime import datetime, time

import pytest

from pricing_service import tasks
from pricing_service.demand import tonight


@pytest.fixture(autouse=True, scope="module")
def the_day_stands_still() -> Iterator[None]:
    """Keep the share of the day that is left as it was when a file's tests first asked for it.

    Tonight's forecast sinks from second to second. A test that compares all nights of two moments
    would pass or fail by the second in which it ran.
    """
    shares: dict[time, float] = {}
    real_share = tonight.share_of_day_left

    def first_share(local_time: datetime, check_in_closes: time) -> float:
        return shares.setdefault(check_in_closes, real_share(local_time, check_in_closes))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tonight, "share_of_day_left", first_share)
        yield


@pytest.fixture(autouse=True)
def a_run_prices_all_that_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no run end before its hotels are priced and ask for another, on a machine that is busy."""
    monkeypatch.setattr(tasks, "PRICING_RUN_SECONDS", float("inf"))
