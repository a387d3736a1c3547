"""The page's pace table: what is on the books beside the same number of days before, last year."""

from datetime import date
from typing import Any

from dashboard_service.figures.pace import paces
from dashboard_service.figures.sold_room_nights import Sold, total
from dashboard_service.web_page.hotel_data import HotelData
from dashboard_service.web_page.measures import Measure
from dashboard_service.web_page.page_choice import Choice


def pace_panel(choice: Choice, data: HotelData, measure: Measure) -> dict[str, Any]:
    """Return a row for each month of the chosen year, or night of the chosen month."""
    found = paces(data.books, choice.year, choice.month)

    def value(sold: Sold | None, first: date, last: date) -> Any:
        return None if sold is None else measure.value(data.night_figures(sold, first, last))

    rows = []
    for pace in found:
        now = value(pace.now, pace.first, pace.last)
        before = value(pace.earlier, pace.first_before, pace.last_before)
        rows.append(
            {
                "first": pace.first,
                "first_before": pace.first_before,
                "is_over": pace.last < data.today,
                "opens": None
                if choice.month
                else choice.replace(month=pace.first.month, period="day").address,
                **_mood(measure, now, before),
                "ended": value(pace.ended, pace.first_before, pace.last_before),
            }
        )
    return {
        "pace": rows,
        "pace_total": _total(found, measure, value) if found else None,
        "pace_as_of": found[0].as_of if found else None,
        "pace_as_of_before": sorted({pace.as_of_before for pace in found}, reverse=True),
        "pace_sold": total(pace.now for pace in found),
    }


def _mood(measure: Measure, now: Any, before: Any) -> dict[str, Any]:
    """Return two values with their difference, and whether it is good."""
    difference = measure.difference(now, before)
    number = float(difference or 0)
    return {
        "now": now,
        "before": before,
        "difference": difference,
        "mood": "good" if number > 0 else "bad" if number < 0 else "",
    }


def _total(found: list[Any], measure: Measure, value: Any) -> dict[str, Any]:
    """Return the sum of all rows; of last year only where every row of it is known."""
    first, last = found[0], found[-1]
    is_known = all(pace.earlier is not None for pace in found)
    now = value(total(pace.now for pace in found), first.first, last.last)
    before, ended = (
        value(total(parts), first.first_before, last.last_before) if is_known else None
        for parts in (
            [pace.earlier or Sold() for pace in found], [pace.ended or Sold() for pace in found],
        )
    )  # fmt: skip
    return {**_mood(measure, now, before), "ended": ended}
