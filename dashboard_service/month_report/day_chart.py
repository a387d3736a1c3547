"""The report's chart as coordinates of a small drawing: a bar for each night, last year as a line.

It needs no script, so it is on paper whatever prints it.
"""

from math import ceil
from typing import Any, Final

WIDTH, HEIGHT = 760, 210  # of the drawing; the page scales it
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 10, 22  # margins: the scale at the left, the days below
BAR_SHARE: Final = 0.68  # of a night's width
STEPS: Final = (1, 2, 5)  # of the scale, times a power of ten
MOST_LINES: Final = 5
SATURDAY: Final = 5


def day_chart(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the drawing of a month's room-nights; None where there are none.

    Args:
        rows: the nights as `table_rows` returns them, with room-nights as the measure.
    """
    values = [max(0, row["value"] or 0) for row in rows]
    before = [row["last_year"] for row in rows]
    most = max([*values, *(value or 0 for value in before)], default=0)
    if most <= 0:
        return None
    step = _step(most)
    top = ceil(most / step) * step
    night_width = (WIDTH - LEFT - RIGHT) / len(rows)

    def height_of(value: float) -> float:
        return round(value / top * (HEIGHT - TOP - BOTTOM), 1)

    def middle(index: int) -> float:
        return round(LEFT + (index + 0.5) * night_width, 1)

    base = HEIGHT - BOTTOM
    bars = [
        {
            "x": round(LEFT + (index + (1 - BAR_SHARE) / 2) * night_width, 1),
            "y": round(base - height_of(value), 1),
            "width": round(night_width * BAR_SHARE, 1),
            "height": height_of(value),
            "middle": middle(index),
            "day": row["first"].day,
            "is_weekend": row["first"].weekday() >= SATURDAY,
        }
        for index, (row, value) in enumerate(zip(rows, values, strict=True))
    ]
    return {
        "bars": bars,
        "lines": _lines(
            [
                None
                if value is None
                else (middle(index), round(base - height_of(max(0, value)), 1))
                for index, value in enumerate(before)
            ]
        ),
        "scale": [
            {"value": value, "y": round(base - height_of(value), 1)}
            for value in range(0, top + 1, step)
        ],
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "base": base,
    }


def _step(most: int) -> int:
    """Return the step of the scale: a round number that gives a few lines."""
    power = 1
    while True:
        for step in STEPS:
            if ceil(most / (step * power)) <= MOST_LINES:
                return step * power
        power *= 10


def _lines(points: list[tuple[float, float] | None]) -> list[str]:
    """Return the line through the points, in several pieces where a point is not known."""
    pieces: list[list[str]] = [[]]
    for point in points:
        if point is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{point[0]},{point[1]}")
    return [" ".join(piece) for piece in pieces if piece]
