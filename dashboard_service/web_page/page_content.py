"""The template context of the web page for a hotel, year, period, basis and measure.

Every number is a sum of the same rows that REST reads, so the page cannot disagree with it: net,
gross and cancelled are events, as in `GET /dashboard/`; revenue, ADR, RevPAR and occupancy are of
room-nights on the books and of rooms for sale by date, as in `GET /dashboard/performance/`.
"""

from datetime import date
from typing import Any, NamedTuple

from django.utils import timezone

from common.access_rights import Access
from common.night_marks import Marks, marks_state, night_marks
from common.weekdays import MONDAY
from dashboard_service.figures.freshness import changed_at
from dashboard_service.figures.future_events import count_future_events
from dashboard_service.figures.hotel_list import hotels_with_figures
from dashboard_service.figures.period_figures import (
    Period,
    daily_room_nights,
    first_and_last_day,
)
from dashboard_service.figures.recent_activity import recent_activity
from dashboard_service.figures.rooms_for_sale import rooms_for_sale
from dashboard_service.figures.sold_room_nights import SoldRoomNights, sold_between
from dashboard_service.figures.stale_data import age_in_words, stale_since
from dashboard_service.hotel_profiles import get_profile, profile_parts
from dashboard_service.models import Basis, FeedPosition, HotelProfile
from dashboard_service.room_nights import total_between
from dashboard_service.web_page.breakdown_panel import breakdown_panel
from dashboard_service.web_page.chart import chart_columns
from dashboard_service.web_page.figure_cards import figure_cards
from dashboard_service.web_page.heat_map import heat_map
from dashboard_service.web_page.hotel_data import HotelData
from dashboard_service.web_page.measures import Show, measure_options
from dashboard_service.web_page.pace_panel import chart_pace, pace_panel
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
    rooms = profile_parts(hotel_id)
    marks = marks_state(hotel_id, access.abilities)
    return changed_at(hotel_id), listed, hour, hotel_id, profile, rooms, is_rebuilt, marks


def load_marks(content: dict[str, Any], access: Access) -> Marks:
    """Return the marks of all nights that a page shows.

    Args:
        content: as `build_context` returns it.
    """
    if "choice" not in content:
        return {}
    year = first_and_last_day(content["choice"].year)
    coming = (content["pickup"][0]["night_of_stay"], content["pickup"][-1]["night_of_stay"])
    spans = [year] if year[0] <= coming[0] and coming[1] <= year[1] else [year, coming]
    return {
        night: marks
        for begin, end in spans
        for night, marks in night_marks(
            content["choice"].hotel_id, begin, end, access.abilities
        ).items()
    }


class LoadedPage(NamedTuple):
    """What a page with data is made from: the choice that it shows, and the hotel's days."""

    profile: HotelProfile
    choice: Choice
    data: HotelData
    bounds: tuple[date, date]  # first and last day with data on the basis
    booked: tuple[date, date]  # first and last day of events


def build_context(
    hotel_id: int,
    period: Period,
    basis: str,
    year: int | None,
    month: int | None,
    show: Show = "room_nights",
    first_weekday: int = MONDAY,
) -> dict[str, Any]:
    """Return the template context of a hotel's page; only the profile without data on the basis.

    Args:
        year: None for the newest year with data.
        show: the measure of chart, calendar, pickup and pace; room-nights where there is no other.
        first_weekday: with which the calendar's weeks begin.
    """
    loaded = load_page(hotel_id, period, basis, year, month, show)
    if loaded is None:
        return {"profile": get_profile(hotel_id)}
    return page_context(loaded, first_weekday)


def load_page(
    hotel_id: int,
    period: Period,
    basis: str,
    year: int | None,
    month: int | None,
    show: Show = "room_nights",
) -> LoadedPage | None:
    """Return what `page_context` needs; None without data. Arguments as of `build_context`."""
    profile = get_profile(hotel_id)
    books = SoldRoomNights(hotel_id, profile)
    nights, booked, today = books.dates.stay, books.dates.booked, books.dates.newest
    bounds = booked if basis == Basis.BOOKED else nights
    if bounds is None or booked is None or today is None:
        return None
    newest_year = min(max(today.year, bounds[0].year), bounds[1].year)
    choice = Choice(
        hotel_id=hotel_id,
        period=period,
        basis=basis,
        year=year or newest_year,
        month=month,
        show=show,
    )
    first, last = first_and_last_day(choice.year)
    first = first.replace(year=max(1, first.year - 1))
    data = HotelData(
        basis=basis,
        books=books,
        rooms=rooms_for_sale(profile),
        first_day=bounds[0],
        first_night=nights[0] if nights else None,
        today=today,
        days=daily_room_nights(hotel_id, basis, first, last),
        sold=books.by_day(
            basis,
            # A table of years has them all.
            min(first, bounds[0]) if period == "year" else first,
            max(last, bounds[1]) if period == "year" else last,
        ),
    )
    return LoadedPage(profile, choice, data, bounds, booked)


def page_context(loaded: LoadedPage, first_weekday: int = MONDAY) -> dict[str, Any]:
    """Return the template context of a page with data. Arguments as of `build_context`."""
    profile, choice, data, bounds, booked = loaded
    hotel_id, books, today = choice.hotel_id, data.books, data.today
    options = measure_options(choice, data)
    measure = options.measure
    choice = choice.replace(show=measure.key)
    rows = table_rows(choice, data, measure)
    comparison = compare_with_last_year(choice, today, bounds[0], booked[0])
    sold = sold_between(data.sold, *choice.span)
    pace = pace_panel(choice, data, measure)
    lines = chart_pace(choice, data, measure, pace)
    beyond = total_between(data.days, *choice.span).net - sold.room_nights
    return {
        "profile": profile,
        "choice": choice,
        "years": year_choices(choice),
        "periods": period_choices(choice),
        "bases": basis_choices(choice),
        "months": month_choices(choice),
        "measures": options,
        "measure": measure,
        "has_data": any(choice.span[0] <= day <= choice.span[1] for day in data.days),
        "bounds": bounds,
        "today": today,
        **_staleness(data),
        "has_money": data.has_money,
        "has_occupancy": data.has_occupancy,
        "has_rooms": data.rooms.is_known,
        "currency": books.currency,
        "amount": f"amount:{data.decimals}",
        "sold": sold,
        "events_beyond_sold": beyond,
        "events_short_of_sold": -beyond,
        "future_events": count_future_events(hotel_id),
        "future_day": booked[1] if booked[1] > today else None,
        "cards": figure_cards(choice, data, comparison),
        "comparison": comparison,
        "came_in": recent_activity(hotel_id),
        "rows": rows,
        "sum": rows_total(data, rows),
        "chart": chart_columns(choice, rows, measure, lines),
        "chart_gaps": lines["gaps"] if lines else {},
        "heat": heat_map(choice, data, measure, first_weekday),
        "heat_unit": "amount:0" if measure.key == "revenue" else measure.unit,
        **breakdown_panel(choice, data, measure, comparison),
        **pace,
        **pickup_panel(data, measure),
    }


def _staleness(data: HotelData) -> dict[str, Any]:
    """Return since when a hotel's data are stale, and for how long in words; None and "" if not."""
    dates = data.books.dates
    since = stale_since(data.books.hotel_id, dates.newest, dates.today, data.rooms.spans)
    return {"stale_since": since, "stale_for": age_in_words(since, dates.today) if since else ""}
