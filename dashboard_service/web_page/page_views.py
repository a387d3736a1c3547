"""The web page at `/`: rendered here whole, so that it works, links and prints without script.

Its script asks for the same address again and again with the ETag of what it shows, and gets a 304
until the figures change. That makes the page itself the only view model: there is no second way to
any number.
"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from common.access_rights import Ability, access_of
from common.error_responses import DATABASE_AWAY
from common.etags import fingerprint, tagged
from common.html_pages import asked_for, away
from dashboard_service.serializers import PageQuery
from dashboard_service.web_page import page_content

HERE = Path(__file__).resolve().parents[1]
WRITTEN = fingerprint(HERE, *(HERE.parent / name for name in ("templates", "static")))
TRIES = 3  # until nothing changed between the first and the last query of a page


@require_safe
@gzip_page
def dashboard(request: HttpRequest) -> Any:
    """The page of the hotel, year, period and basis in the address."""
    asked = asked_for(request, PageQuery, Ability.READ_DASHBOARD, "the dashboard")
    if isinstance(asked, HttpResponse):
        return asked
    access = access_of(request)
    try:
        hotel_id = asked.get("hotel_id") or page_content.first_hotel(access)
        state = page_content.state(hotel_id, access)
        return tagged(
            request,
            (
                WRITTEN,
                request.get_full_path(),
                access.number,
                sorted(access.hotels or ()),
                _token(request),
                state,
            ),
            lambda: _shown(request, asked, hotel_id, state),
        )
    except DATABASE_AWAY as error:
        return away(request, error)


def _token(request: HttpRequest) -> str:
    """What the page's own form must show; another login has another."""
    return (
        request.COOKIES.get(settings.CSRF_COOKIE_NAME, "") if access_of(request).by_session else ""
    )


def _shown(
    request: HttpRequest, asked: dict[str, Any], hotel_id: int | None, state: tuple[Any, ...]
) -> HttpResponse:
    context: dict[str, Any] = {
        "hotels": page_content.hotels(access_of(request)),
        "listed_hotels": page_content.LISTED_HOTELS,
        "hotel_id": hotel_id,
        "base": request.build_absolute_uri("/").rstrip("/"),
        "changed_at": state[0],
    }
    if hotel_id is None:
        return render(request, "dashboard/page.html", context)
    wanted: dict[str, Any] = {
        name: asked.get(name) for name in ("period", "basis", "year", "month")
    }
    for _ in range(TRIES):
        found = page_content.content(hotel_id, **wanted)
        now = page_content.state(hotel_id, access_of(request))
        if now == state:
            break
        state = now
    return render(request, "dashboard/page.html", {**context, **found, "asked": wanted})
