"""The page's pace: what is on the books beside the same number of days before, last year.

Table and chart read the same rows. Where last year's records begin within the compared nights, or
after the same time, there is no comparison and the page says why: a part is no measure of a whole.
"""

from datetime import date, timedelta
from typing import Any

from dashboard_service.figures.pace import Pace, paces
from dashboard_service.figures.sold_room_nights import Sold, total
from dashboard_service.web_page.hotel_data import HotelData
from dashboard_service.web_page.measures import Measure
from dashboard_service.web_page.page_choice import Choice

BOOKED_AHEAD_DAYS = 365  # how early a night may be booked


def pace_panel(choice: Choice, data: HotelData, measure: Measure) -> dict[str, Any]:
    """Return a row for each month of the chosen year, or night of the chosen month."""
    found = paces(data.books, choice.year, choice.month)
    return {
        "pace": _rows(choice, data, measure, found),
        "pace_total": _total(found, data, measure) if found else None,
        "pace_as_of": found[0].as_of if found else None,
        "pace_as_of_before": sorted({pace.as_of_before for pace in found}, reverse=True),
        "pace_sold": total(pace.now for pace in found),
        "pace_gaps": _gaps(found),
    }


def chart_pace(
    choice: Choice, data: HotelData, measure: Measure, panel: dict[str, Any]
) -> dict[str, Any] | None:
    """Return pace for the periods of the chart: its rows and gaps, as in `pace_panel`.

    None where the chart has no pace: by day of booking, and where each period is a year.

    Args:
        panel: the page's `pace_panel`, whose rows are the chart's unless that shows a year of days.
    """
    if not data.is_stay or choice.period == "year":
        return None
    if choice.period == "month" or choice.month:
        return {"rows": panel["pace"], "gaps": panel["pace_gaps"]}
    found = paces(data.books, choice.year, by_night=True)
    return {"rows": _rows(choice, data, measure, found), "gaps": _gaps(found)}


def _rows(
    choice: Choice, data: HotelData, measure: Measure, found: list[Pace]
) -> list[dict[str, Any]]:
    return [
        {
            "first": pace.first,
            "first_before": pace.first_before,
            "is_over": pace.last < data.today,
            "opens": None
            if choice.month
            else choice.replace(month=pace.first.month, period="day").address,
            "is_in_part": pace.nights_from is not None and pace.ended is not None,
            **_compared(measure, _now(data, measure, pace), *_before(data, measure, pace),
                        is_comparable=pace.is_comparable),
        }
        for pace in found
    ]  # fmt: skip


def _now(data: HotelData, measure: Measure, pace: Pace) -> Any:
    return measure.value(data.night_figures(pace.now, pace.first, pace.last))


def _before(data: HotelData, measure: Measure, pace: Pace) -> tuple[Any, Any]:
    """Return the measure of last year at the same time and as it ended; None where not known."""
    return _values(data, measure, [pace.earlier, pace.ended], pace.first_before, pace.last_before)


def _values(
    data: HotelData, measure: Measure, sums: list[Sold | None], first: date, last: date
) -> tuple[Any, Any]:
    earlier, ended = (
        None if sold is None else measure.value(data.night_figures(sold, first, last))
        for sold in sums
    )
    return earlier, ended


def _compared(
    measure: Measure, now: Any, before: Any, ended: Any, *, is_comparable: bool
) -> dict[str, Any]:
    """Return the values with the difference to the same time, and whether it is good."""
    difference = measure.difference(now, before) if is_comparable else None
    number = float(difference or 0)
    return {
        "now": now,
        "before": before,
        "ended": ended,
        "difference": difference,
        "mood": "good" if number > 0 else "bad" if number < 0 else "",
    }


def _total(found: list[Pace], data: HotelData, measure: Measure) -> dict[str, Any]:
    """Return the sum of all rows; of last year only where every row of it is known."""
    first, last = found[0], found[-1]
    now = measure.value(
        data.night_figures(total(pace.now for pace in found), first.first, last.last)
    )
    sums = [
        None
        if any(part is None for part in parts)
        else total(part for part in parts if part is not None)
        for parts in ([pace.earlier for pace in found], [pace.ended for pace in found])
    ]
    before, ended = _values(data, measure, sums, first.first_before, last.last_before)
    is_comparable = all(pace.is_comparable for pace in found)
    is_in_part = any(pace.nights_from for pace in found)
    return {
        "is_in_part": is_in_part,
        **_compared(measure, now, before, ended, is_comparable=is_comparable),
    }


def _gaps(found: list[Pace]) -> dict[str, Any]:
    """Return what of last year is not known, to be said beside the figures; empty if all is.

    `nights_from` is the hotel's first night where one of last year's is before it, `too_late` the
    first event where a row's same time lies before it, `booked_from` the first event where bookings
    may be missing that were made up to a year ahead.
    """
    if not found:
        return {}
    booked_from = found[0].booked_from
    known = [pace for pace in found if pace.ended is not None]
    gaps = {
        "nights_from": next((pace.nights_from for pace in found if pace.nights_from), None),
        "too_late": booked_from if any(pace.earlier is None for pace in known) else None,
        "booked_from": booked_from
        if any(
            booked_from > pace.first_before - timedelta(days=BOOKED_AHEAD_DAYS) for pace in known
        )
        else None,
        "none": None if known else True,
    }
    return {name: value for name, value in gaps.items() if value}
