"""A ratio that is worse by a third than in the kept report is named."""

import pytest

from benchmarks.__main__ import worse


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
    rows = [[{"name": "x", "reach": reach, "median": median}] for median in (now, before)]
    assert bool(worse(*rows)) == is_worse


def test_a_row_that_is_new_is_not_worse() -> None:
    assert worse([{"name": "new", "reach": "≥ 0.6", "median": 0.1}], []) == []
