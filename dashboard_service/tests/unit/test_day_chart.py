"""The report's chart: bars within the drawing, a round scale, gaps in last year's line."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard_service.month_report.day_chart import BOTTOM, HEIGHT, TOP, WIDTH, day_chart

pytestmark = pytest.mark.unit


def rows(*values: tuple[int | None, int | None]) -> list[dict[str, Any]]:
    first = date(2025, 8, 1)  # a Friday
    return [
        {"first": first + timedelta(days=index), "value": value, "last_year": before}
        for index, (value, before) in enumerate(values)
    ]


def test_a_bar_for_each_night_and_last_year_as_a_line() -> None:
    drawing = day_chart(rows((10, 20), (40, 30), (0, 0)))
    assert drawing
    assert [line["value"] for line in drawing["scale"]] == [0, 10, 20, 30, 40]
    assert [bar["height"] for bar in drawing["bars"]] == [44.5, 178.0, 0.0]
    assert [bar["is_weekend"] for bar in drawing["bars"]] == [False, True, True]
    assert len(drawing["lines"]) == 1
    assert len(drawing["lines"][0].split()) == 3


def test_what_is_not_known_of_last_year_is_a_gap() -> None:
    drawing = day_chart(rows((1, None), (1, 2), (1, None), (1, 3), (1, 4)))
    assert drawing
    assert [len(line.split()) for line in drawing["lines"]] == [1, 2]


def test_without_room_nights_there_is_no_chart() -> None:
    assert day_chart(rows((0, None), (None, 0), (-3, None))) is None
    assert day_chart([]) is None


@given(
    st.lists(
        st.tuples(st.integers(-5, 10**6), st.none() | st.integers(-5, 10**6)),
        min_size=1,
        max_size=31,
    )
)
def test_everything_is_within_the_drawing(values: list[tuple[int, int | None]]) -> None:
    drawing = day_chart(rows(*values))
    if drawing is None:
        return
    assert len(drawing["scale"]) <= 6
    for bar in drawing["bars"]:
        assert 0 <= bar["x"] <= bar["x"] + bar["width"] <= WIDTH
        assert bar["y"] + 0.1 >= TOP
        assert bar["y"] + bar["height"] == pytest.approx(HEIGHT - BOTTOM, abs=0.11)
    heights = [bar["height"] for bar in drawing["bars"]]
    order = sorted(range(len(values)), key=lambda index: values[index][0])
    assert [heights[index] for index in order] == sorted(heights)
