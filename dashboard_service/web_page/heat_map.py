"""The calendar of the chosen year, each day coloured by its value of the chosen measure.

The colours are quantiles: each holds equally many of the days with a value, because a resort's
year is too uneven for steps of equal height.
"""

from datetime import date, timedelta
from typing import Any

from dashboard_service.figures.period_figures import first_and_last_day
from dashboard_service.figures.sold_room_nights import Sold
from dashboard_service.room_nights import NO_ROOM_NIGHTS
from dashboard_service.web_page.hotel_data import HotelData
from dashboard_service.web_page.measures import Measure
from dashboard_service.web_page.page_choice import Choice
from dashboard_service.web_page.table_rows import is_to_come

LEVELS = 5  # colours for days with a value


def heat_map(choice: Choice, data: HotelData, measure: Measure) -> dict[str, Any]:
    """Return the months in weeks of squares, None outside of the month, and the legend."""
    first, last = first_and_last_day(choice.year)
    days: dict[date, dict[str, Any]] = {
        first + timedelta(days=n): {} for n in range((last - first).days + 1)
    }
    for day, square in days.items():
        figures = data.figures(data.sold.get(day, Sold()), day, day)
        net = data.days.get(day, NO_ROOM_NIGHTS).net
        square["occupancy"] = figures["occupancy"]
        square["value"] = net if measure.is_room_nights else measure.value(figures)
        square["net"] = net if measure.is_room_nights else figures["room_nights"]
    numbers = {day: float(square["value"] or 0) for day, square in days.items()}
    tops = _level_tops(list(numbers.values()))

    def level(day: date) -> str | int:
        number = numbers[day]
        if number < 0:
            return "minus"
        if is_to_come(choice, day, data.today):
            return "later"
        return next((n for n, top in enumerate(tops, 1) if number <= top), 0) if number else 0

    for day, square in days.items():
        square |= {"day": day, "level": level(day)}
    months = []
    for month in range(1, 13):
        start, end = first_and_last_day(choice.year, month)
        squares: list[dict[str, Any] | None] = [None] * start.weekday()
        squares += [days[start + timedelta(days=n)] for n in range(end.day)]
        squares += [None] * (-len(squares) % 7)
        months.append(
            {
                "first": start,
                "choice": choice.replace(month=month, period="day"),
                "weeks": [squares[n : n + 7] for n in range(0, len(squares), 7)],
            }
        )
    return {
        "months": months,
        "legend": _legend(tops, is_whole=measure.is_room_nights),
        "has_minus": any(number < 0 for number in numbers.values()),
    }


def _level_tops(numbers: list[float]) -> list[float]:
    """Return the highest value of each level; empty where no day has any."""
    positive = sorted(number for number in numbers if number > 0)
    if not positive:
        return []
    return [positive[max(0, len(positive) * (n + 1) // LEVELS - 1)] for n in range(LEVELS)]


def _legend(tops: list[float], *, is_whole: bool) -> list[dict[str, Any]]:
    """Return the range of each level, without levels that hold no value of their own.

    Args:
        is_whole: the values are whole numbers, so that a level begins one above the one before.
    """
    if is_whole:
        highest = [int(top) for top in tops]
        bottoms: list[float] = [1, *(top + 1 for top in highest)]
        return [
            {"level": level, "from": bottom, "to": top}
            for level, (bottom, top) in enumerate(zip(bottoms, highest, strict=False), 1)
            if bottom <= top
        ]
    return [
        {"level": level, "from": bottom, "to": top}
        for level, (bottom, top) in enumerate(zip([0.0, *tops], tops, strict=False), 1)
        if bottom < top
    ]
