"""A ratio that is worse by a third than in the kept report is named."""

from typing import Any

import pytest

from benchmarks.__main__ import merged, worse


def row(name: str = "x", limit: str = "-", reach: str = "≥ 0.6", median: float = 1) -> Any:
    return {"name": name, "limit": limit, "reach": reach, "median": median}


@pytest.mark.parametrize(
    ("reach", "before", "now", "is_worse"),
    [
        ("≥ 0.6", 0.9, 0.61, False),
        ("≥ 0.6", 0.9, 0.59, True),
        ("≤ 1.3", 1.0, 1.4, False),
        ("≤ 1.3", 1.0, 1.6, True),
        ("≤ 1.5 s", 0.2, 0.4, True),
    ],
)
def test_worse(reach: str, before: float, now: float, is_worse: bool) -> None:
    rows = [[row(reach=reach, median=median)] for median in (now, before)]
    assert bool(worse(*rows)) == is_worse


def test_a_row_that_is_new_is_not_worse() -> None:
    assert worse([row("new", median=0.1)], []) == []


def test_a_part_measured_anew_takes_the_place_of_the_old_one() -> None:
    before = [row("a"), row("b", "one"), row("b", "other")]
    anew = [row("b", "other", median=2), row("c")]
    assert merged(before, anew) == [*before[:2], *anew]
