"""The web page at `/`, rendered completely by the server: it works and prints without script.

The page's script requests the same address again and again with the page's ETag, and gets a 304
until the figures change. The page is the only view model: there is no second way to any number.
"""

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from common.access_rights import Ability, access_of
from common.etags import page_fingerprint, page_response
from common.html_pages import read_page_query
from common.weekdays import first_weekday
from dashboard_service.figures.hotel_list import LISTED_HOTELS, first_hotel, hotels_with_figures
from dashboard_service.serializers import PageQuery
from dashboard_service.web_page import page_content

CODE_FINGERPRINT = page_fingerprint(app=Path(__file__).resolve().parents[1])
MAX_TRIES = 3  # to read all figures of a page without a change in between


@require_safe
@gzip_page
def dashboard(request: HttpRequest) -> Any:
    """Return the page of the hotel, year, period, basis and measure in the address."""
    parameters = read_page_query(request, PageQuery, Ability.READ_DASHBOARD, "the dashboard")
    if isinstance(parameters, HttpResponse):
        return parameters
    access = access_of(request)
    hotel_id = parameters.get("hotel_id") or first_hotel(access.hotels)
    state = page_content.load_state(hotel_id, access)
    return page_response(
        request,
        CODE_FINGERPRINT,
        (*state, first_weekday(request)),
        lambda: _render_page(request, parameters, hotel_id, state),
        hotel_id,
    )


def _render_page(
    request: HttpRequest,
    parameters: dict[str, Any],
    hotel_id: int | None,
    state: tuple[Any, ...],
) -> HttpResponse:
    access = access_of(request)
    context: dict[str, Any] = {
        "hotels": hotels_with_figures(access.hotels),
        "listed_hotels": LISTED_HOTELS,
        "hotel_id": hotel_id,
        "base": request.build_absolute_uri("/").rstrip("/"),
        "changed_at": state[0],
    }
    if hotel_id is None:
        return render(request, "dashboard/page.html", context)
    choice: dict[str, Any] = {
        name: parameters.get(name) for name in ("period", "basis", "year", "month", "show")
    }
    for _ in range(MAX_TRIES):
        content = page_content.build_context(
            hotel_id, **choice, first_weekday=first_weekday(request)
        )
        current_state = page_content.load_state(hotel_id, access)
        if current_state == state:
            break
        state = current_state
    content["marks"] = page_content.load_marks(content, access)
    return render(request, "dashboard/page.html", {**context, **content, "asked": choice})
