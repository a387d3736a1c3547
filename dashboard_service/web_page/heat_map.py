"""The calendar of the chosen year, each day coloured by its value of the chosen measure.

Where rooms are known, room-nights and occupancy have bands of occupancy with fixed limits: a colour
means the same in every year and hotel, and closed nights are no empty ones. Other measures have no
limits of their own: their colours are quantiles, each of equally many of the days with a value.
A square says its band without its colour too: by its occupancy, or by the band's number.
"""

from datetime import date, timedelta
from typing import Any, NamedTuple

from common.weekdays import MONDAY, week
from dashboard_service.figures.occupancy_bands import band_limits, band_of, whole_percent
from dashboard_service.figures.period_figures import first_and_last_day
from dashboard_service.figures.sold_room_nights import Sold
from dashboard_service.room_nights import NO_ROOM_NIGHTS
from dashboard_service.web_page.hotel_data import HotelData
from dashboard_service.web_page.measures import Measure
from dashboard_service.web_page.page_choice import Choice
from dashboard_service.web_page.table_rows import is_to_come

LEVELS = 5  # colours for days with a value


class _Square(NamedTuple):
    """What colour and text a day has."""

    level: str | int  # 1 to LEVELS, 0, or a word
    mark: str


def heat_map(
    choice: Choice, data: HotelData, measure: Measure, first_weekday: int = MONDAY
) -> dict[str, Any]:
    """Return the months in weeks of squares, None outside of the month, and the legend.

    Args:
        first_weekday: with which the weeks begin.
    """
    first, last = first_and_last_day(choice.year)
    days: dict[date, dict[str, Any]] = {
        first + timedelta(days=n): {} for n in range((last - first).days + 1)
    }
    for day, square in days.items():
        figures = data.figures(data.sold.get(day, Sold()), day, day)
        net = data.days.get(day, NO_ROOM_NIGHTS).net
        square["occupancy"] = figures["occupancy"]
        square["is_closed"] = figures["rooms_for_sale"] == 0
        square["value"] = net if measure.is_room_nights else measure.value(figures)
        square["net"] = net if measure.is_room_nights else figures["room_nights"]
    has_bands = data.has_occupancy and measure.key in ("room_nights", "occupancy")
    numbers = {day: float(square["value"] or 0) for day, square in days.items()}
    tops = [] if has_bands else _level_tops(list(numbers.values()))

    def mark(day: date) -> _Square:
        square = days[day]
        if square["is_closed"]:
            return _Square("closed", "×")
        if numbers[day] < 0:
            return _Square("minus", "\N{MINUS SIGN}")
        if is_to_come(choice, day, data.today):
            return _Square("later", "")
        if has_bands:
            return _band(square["occupancy"], numbers[day])
        if not numbers[day]:
            return _Square(0, "")
        level = next((n for n, top in enumerate(tops, 1) if numbers[day] <= top), 0)
        return _Square(level, str(level))

    for day, square in days.items():
        square |= {"day": day, **mark(day)._asdict()}
    months = []
    for month in range(1, 13):
        start, end = first_and_last_day(choice.year, month)
        squares: list[dict[str, Any] | None] = [None] * ((start.weekday() - first_weekday) % 7)
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
        "week": week(first_weekday),
        "has_bands": has_bands,
        "legend": _band_legend() if has_bands else _legend(tops, is_whole=measure.is_room_nights),
        "has_minus": any(square["level"] == "minus" for square in days.values()),
        "has_closed": any(square["is_closed"] for square in days.values()),
        "has_unknown": any(square["level"] == "unknown" for square in days.values()),
    }


def _band(occupancy: float | None, number: float) -> _Square:
    """Return the band of a night's occupancy, with its percent rounded down to stay in the band."""
    if occupancy is None:
        return _Square("unknown", "?" if number else "")
    if occupancy <= 0:
        return _Square(0, "0")
    return _Square(band_of(occupancy), str(whole_percent(occupancy)))


def _band_legend() -> list[dict[str, Any]]:
    """Return the limits of each band; the last one has no upper limit."""
    return [
        {"level": level, "from": begin, "to": end}
        for level, (begin, end) in enumerate(band_limits(), 1)
    ]


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
