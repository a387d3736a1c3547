"""Comparing a benchmark report with a saved one, and merging new rows into it."""

from typing import Any

import pytest

from benchmarks.__main__ import find_regressions, labelled_rows, merge_rows


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
def test_a_figure_worse_by_a_third_is_a_regression(
    reach: str, before: float, now: float, is_worse: bool
) -> None:
    rows = [[row(reach=reach, median=median)] for median in (now, before)]
    assert bool(find_regressions(*rows)) == is_worse


def test_a_new_row_is_no_regression() -> None:
    assert find_regressions([row("new", median=0.1)], []) == []


def test_a_row_measured_again_replaces_the_old_one() -> None:
    before = [row("a"), row("b", "one"), row("b", "other")]
    new_rows = [row("b", "other", median=2), row("c")]
    assert merge_rows(before, new_rows) == [*before[:2], *new_rows]


def test_a_row_keeps_the_machine_on_which_it_was_measured() -> None:
    machines = [{"cpu": cpu, "cores": 2, "python": "3.11.7"} for cpu in ("Old", "New")]
    rows = labelled_rows(labelled_rows([row()], machines[0]), machines[1])
    assert [each["measured_on"] for each in rows] == ["Old, 2 cores, Python 3.11.7"]
