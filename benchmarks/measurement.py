"""Sizes of a run, results with their goals, and measuring request rates in pairs.

A ratio compares the system with a limit that is measured in the same run. Both are measured in
turn and divided pair by pair, so that other load on the machine affects both alike.
"""

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.http_client import load

CLIENTS = 8
PLAIN = "plain Django REST Framework"  # the obvious way to build the same API
WORKER_STARTS_SECONDS = 4  # a worker does not announce that it listens


@dataclass
class RunSize:
    """How much a run measures."""

    events: int  # in the ledger, for reading and counting
    loaded: int  # events of a CSV file
    rounds: int  # pairs of measurements; the report shows their median
    seconds: float  # duration of one measurement of a request rate
    growth: tuple[int, int]  # events of the small and of the large ledger
    chain: tuple[int, ...]  # hotels, smallest first
    chain_rooms: int  # of each of these hotels; 40 have 30,626 events in two years


SIZES = {
    "small": RunSize(
        events=200_000,
        loaded=400_000,
        rounds=3,
        seconds=2,
        growth=(100_000, 1_000_000),
        chain=(10, 30, 100),
        chain_rooms=5,
    ),
    "full": RunSize(
        events=1_000_000,
        loaded=1_000_000,
        rounds=5,
        seconds=5,
        growth=(100_000, 10_000_000),
        chain=(100, 300, 1_000),
        chain_rooms=40,
    ),
}


@dataclass
class Result:
    """A row of the report.

    Args:
        limit: what the system is compared with; "-" for an absolute figure.
        reach: the goal: "≥" or "≤", a number, and perhaps a unit.
        values: ratios (system to limit), or figures in `unit`.
    """

    name: str
    limit: str
    reach: str
    values: list[float]
    unit: str = "ratio"
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def is_reached(self) -> bool:
        sign, _, bound = self.reach.partition(" ")
        number = float(bound.split()[0])
        return self.median >= number if sign == "≥" else self.median <= number


def compare_rates(
    size: RunSize, measure_ours: Callable[[], float], measure_limit: Callable[[], float]
) -> tuple[list[float], dict[str, Any]]:
    """Measure two rates in turn; return their ratios and the rates as a result's detail."""
    pairs = [(measure_limit(), measure_ours()) for _ in range(size.rounds)]
    detail = {"ours_per_s": [ours for _, ours in pairs], "limit_per_s": [one for one, _ in pairs]}
    return [ours / limit for limit, ours in pairs], detail


def request_rate(
    port: int, make_request: Callable[[], bytes], seconds: float, expected: set[int]
) -> float:
    """Return requests per second of CLIENTS clients. Raises: RuntimeError on another status."""
    result = load(port, make_request, CLIENTS, seconds)
    if set(result.statuses) - expected:
        raise RuntimeError(f"unexpected statuses: {result.statuses}")
    return result.requests_per_second
