"""The calendar of the chosen year, each day coloured by its net room-nights.

The colours are quantiles: each holds equally many of the days with room-nights, because a resort's
year is too uneven for steps of equal height.
"""

from datetime import date, timedelta
from typing import Any

from dashboard_service.figures.period_figures import first_and_last_day
from dashboard_service.room_nights import RoomNightsByDay
from dashboard_service.web_page.page_choice import Choice
from dashboard_service.web_page.table_rows import is_to_come

LEVELS = 5  # colours for days with room-nights


def heat_map(
    choice: Choice, days: RoomNightsByDay, rooms: int | None, today: date
) -> dict[str, Any]:
    """Return the months in weeks of squares, None outside of the month, and the legend.

    Args:
        days: room-nights on the chosen basis, of the chosen year at least.
        rooms: rooms to sell; without them squares have no occupancy.
        today: the newest day with data.
    """
    first, last = first_and_last_day(choice.year)
    nets = {day: counts.net for day, counts in days.items() if first <= day <= last}
    tops = _level_tops(nets)

    def square(day: date) -> dict[str, Any]:
        net = nets.get(day, 0)
        level = next((n for n, top in enumerate(tops, 1) if net <= top), 0) if net > 0 else 0
        return {
            "day": day,
            "net": net,
            "level": "minus" if net < 0 else "later" if is_to_come(choice, day, today) else level,
            "occupancy": net / rooms if rooms else None,
        }

    months = []
    for month in range(1, 13):
        start, end = first_and_last_day(choice.year, month)
        squares: list[dict[str, Any] | None] = [None] * start.weekday()
        squares += [square(start + timedelta(days=n)) for n in range(end.day)]
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
        "legend": _legend(tops),
        "has_minus": any(net < 0 for net in nets.values()),
    }


def _level_tops(nets: dict[date, int]) -> list[int]:
    """Return the highest net room-nights of each level; empty where no day has any."""
    positive = sorted(net for net in nets.values() if net > 0)
    if not positive:
        return []
    return [positive[max(0, len(positive) * (n + 1) // LEVELS - 1)] for n in range(LEVELS)]


def _legend(tops: list[int]) -> list[dict[str, int]]:
    """Return the range of each level, without levels that hold no number of their own."""
    bottoms = [1, *(top + 1 for top in tops)]
    return [
        {"level": level, "from": bottom, "to": top}
        for level, (bottom, top) in enumerate(zip(bottoms, tops, strict=False), 1)
        if bottom <= top
    ]
