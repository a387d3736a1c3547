"""What the report of a month says: the page's own figures of its nights, pace and pickup.

Every number is one of `page_content.build_context`, by night of stay; nothing is worked out anew.
"""

from datetime import date
from typing import Any, Final

from django.utils import timezone

from common.value_limits import MAX_YEAR, MIN_YEAR
from dashboard_service.figures.available_dates import newest_day
from dashboard_service.hotel_profiles import get_profile
from dashboard_service.models import Basis
from dashboard_service.month_report.day_chart import day_chart
from dashboard_service.web_page import page_content
from dashboard_service.web_page.measures import Measure
from dashboard_service.web_page.pace_panel import pace_panel
from dashboard_service.web_page.page_choice import Choice

PACE_MONTHS: Final = 6  # from the month of the newest data on
PICKUP_NIGHTS: Final = 31  # that are listed; the total is that of the page


def report_content(hotel_id: int, month: date | None) -> dict[str, Any]:
    """Return the template context of the report; only the profile of a hotel without data.

    Args:
        month: its first day; None for the month of the newest data.
    Raises:
        django.db.Error.
    """
    today = newest_day(hotel_id)
    if today is None:
        return {"profile": get_profile(hotel_id)}
    month = month or today.replace(day=1)
    loaded = page_content.load_page(hotel_id, "day", Basis.STAY, month.year, month.month)
    if loaded is None:
        return {"profile": get_profile(hotel_id)}
    content = page_content.page_context(loaded)
    return {
        **content,
        "month": month,
        "made_at": timezone.now(),
        "drawing": day_chart(content["rows"]),
        "coming": _coming_pace(loaded, content["measure"]),
        "pickup": content["pickup"][:PICKUP_NIGHTS],
        "months": neighbours(month),
        "pace_choice": Choice(hotel_id=hotel_id, period="month", basis=Basis.STAY, year=today.year),
    }


def _coming_pace(loaded: page_content.LoadedPage, measure: Measure) -> list[dict[str, Any]]:
    """Return the page's rows of pace of the coming months, that of today the first."""
    rows: list[dict[str, Any]] = []
    this_month = loaded.data.today.replace(day=1)
    for year in (this_month.year, this_month.year + 1):
        if len(rows) < PACE_MONTHS:
            choice = loaded.choice.replace(period="month", year=year, month=None)
            pace = pace_panel(choice, loaded.data, measure)["pace"]
            rows += [row for row in pace if row["first"] >= this_month]
    return rows[:PACE_MONTHS]


def neighbours(month: date) -> dict[str, date | None]:
    """Return the first days of the month before and the one after; None for a year out of reach."""

    def moved(months: int) -> date | None:
        year, index = divmod(month.year * 12 + month.month - 1 + months, 12)
        return date(year, index + 1, 1) if MIN_YEAR <= year <= MAX_YEAR else None

    return {"before": moved(-1), "after": moved(1)}
