"""The chart of expected revenue by price of the opened night, as coordinates of a small drawing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from common.currencies import short_amount

WIDTH, HEIGHT = 320, 130  # of the drawing; the page scales it
LEFT, RIGHT, TOP, BOTTOM = 8, 8, 12, 22  # margins, with the prices below
TICKS: Final = 4  # prices named below the drawing
FEWEST_POINTS: Final = 3


def revenue_chart(
    points: list[dict[str, Any]], price: str | None, recommended: str | None, currency: str
) -> dict[str, Any] | None:
    """Return the drawing and what is said beside it; None where there is nothing to compare.

    Args:
        points: by price, with text amounts, as `GET /prices/night/` has them.
        price, recommended: amounts that are among the points; None on a closed night.
    """
    if len(points) < FEWEST_POINTS or price is None or recommended is None:
        return None
    prices = [float(point["price"]) for point in points]
    most = max(point["revenue"] for point in points)
    if most <= 0:
        return None
    span = prices[-1] - prices[0]

    def place(point: dict[str, Any]) -> dict[str, float]:
        part = (float(point["price"]) - prices[0]) / span
        return {
            "x": round(LEFT + part * (WIDTH - LEFT - RIGHT), 1),
            "y": round(HEIGHT - BOTTOM - point["revenue"] / most * (HEIGHT - TOP - BOTTOM), 1),
        }

    places = [place(point) for point in points]
    by_price = {Decimal(point["price"]): point for point in points}
    marks = {
        name: {**point, **place(point)}
        for name, amount in (("in_force", price), ("recommended", recommended))
        if (point := by_price.get(Decimal(amount)))
    }
    named = [points[round(n * (len(points) - 1) / (TICKS - 1))] for n in range(TICKS)]
    return {
        "line": " ".join(f"{at['x']},{at['y']}" for at in places),
        "marks": marks,
        "ticks": [
            {"text": short_amount(Decimal(point["price"]), currency), **place(point)}
            for point in named
        ],
        "best": max(points, key=lambda point: point["revenue"]),
        "width": WIDTH,
        "height": HEIGHT,
        "base": HEIGHT - BOTTOM,
    }
