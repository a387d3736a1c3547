"""The template context of the web page for a hotel, year, period and basis.

Every number is a sum of the same daily rows that `GET /dashboard/` reads, so the page cannot
disagree with the API. The cancellation rate is cancelled room-nights by booked room-nights of the
same span; occupancy is net room-nights by rooms to sell times nights.
"""

from typing import Any

from django.utils import timezone

from common.access_rights import Access
from dashboard_service.figures.available_dates import first_and_last_date, newest_day
from dashboard_service.figures.freshness import changed_at
from dashboard_service.figures.future_events import count_future_events
from dashboard_service.figures.hotel_list import hotels_with_figures
from dashboard_service.figures.period_figures import (
    Period,
    daily_room_nights,
    first_and_last_day,
)
from dashboard_service.figures.recent_activity import recent_activity
from dashboard_service.hotel_profiles import get_profile
from dashboard_service.models import Basis, FeedPosition, HotelProfile
from dashboard_service.web_page.chart import chart_columns
from dashboard_service.web_page.figure_cards import figure_cards
from dashboard_service.web_page.heat_map import heat_map
from dashboard_service.web_page.page_choice import (
    Choice,
    basis_choices,
    month_choices,
    period_choices,
    year_choices,
)
from dashboard_service.web_page.pickup_panel import pickup_panel
from dashboard_service.web_page.table_rows import rows_total, table_rows
from dashboard_service.web_page.year_comparison import compare_with_last_year


def load_state(hotel_id: int | None, access: Access) -> tuple[Any, ...]:
    """Return everything that the page depends on besides its address; cheap, for the ETag.

    The first item is when the hotel's figures last changed.
    """
    listed = [(hotel.hotel_id, hotel.name) for hotel in hotels_with_figures(access.hotels)]
    hour = f"{timezone.now():%Y-%m-%d %H}"  # when a new day begins, its events stop being future
    if hotel_id is None:
        return None, listed, hour
    profile = HotelProfile.objects.filter(hotel_id=hotel_id).values_list().first()
    is_rebuilt = not FeedPosition.current().rebuild_needed
    return changed_at(hotel_id), listed, hour, hotel_id, profile, is_rebuilt


def build_context(
    hotel_id: int, period: Period, basis: str, year: int | None, month: int | None
) -> dict[str, Any]:
    """Return the template context of a hotel's page; only the profile without data on the basis.

    Args:
        year: None for the newest year with data.
    """
    profile = get_profile(hotel_id)
    bounds = first_and_last_date(hotel_id, basis)
    booked = bounds if basis == Basis.BOOKED else first_and_last_date(hotel_id, Basis.BOOKED)
    today = newest_day(hotel_id)
    if bounds is None or booked is None or today is None:
        return {"profile": profile}
    newest_year = min(max(today.year, bounds[0].year), bounds[1].year)
    choice = Choice(
        hotel_id=hotel_id, period=period, basis=basis, year=year or newest_year, month=month
    )
    first, last = first_and_last_day(choice.year)
    days = daily_room_nights(hotel_id, basis, first.replace(year=max(1, first.year - 1)), last)
    rooms = profile.rooms if basis == Basis.STAY else None
    rows = table_rows(choice, days, rooms, bounds[0], today)
    comparison = compare_with_last_year(choice, today, bounds[0], booked[0])
    return {
        "profile": profile,
        "choice": choice,
        "years": year_choices(choice),
        "periods": period_choices(choice),
        "bases": basis_choices(choice),
        "months": month_choices(choice),
        "has_data": any(choice.span[0] <= day <= choice.span[1] for day in days),
        "bounds": bounds,
        "today": today,
        "rooms": rooms,
        "future_events": count_future_events(hotel_id),
        "future_day": booked[1] if booked[1] > today else None,
        "cards": figure_cards(choice, days, comparison, rooms, bounds[0]),
        "comparison": comparison,
        "came_in": recent_activity(hotel_id),
        "rows": rows,
        "sum": rows_total(rows),
        "chart": chart_columns(choice, rows),
        "heat": heat_map(choice, days, rooms, today),
        **pickup_panel(hotel_id, profile.rooms),
    }
