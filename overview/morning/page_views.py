"""The morning's page at `/morning/`: the server renders all of it, and its forms need no script.

The page's script requests the same address again with the ETag of what it shows, and sends the
forms' decisions to the REST API. An opening of the page by a user is a visit, a renewal is none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from rest_framework import serializers

from common.access_rights import Ability, Access, access_of
from common.etags import page_fingerprint, page_response
from common.html_pages import read_page_query, render_message
from common.strict_input import HotelField, QuerySerializer
from dashboard_service import figures_for_pricing
from dashboard_service.figures.hotel_list import first_hotel
from overview.hotel_choice import hotel_context
from overview.morning import last_visits, page_content
from overview.morning.since_when import SinceField, SinceWhen, choose_moment

CODE_FINGERPRINT: Final = page_fingerprint(app=Path(__file__).resolve().parents[1])
RENEWAL_HEADER: Final = "X-Renewal"  # sent by static/common/server_requests.js
NEEDED: Final = frozenset({Ability.READ_DASHBOARD, Ability.READ_PRICES})


class MorningQuery(QuerySerializer):
    """Query parameters of the page; the page chooses defaults for missing ones."""

    hotel_id = HotelField(required=False)
    since = SinceField(required=False)


def morning_address(hotel_id: int, **parameters: str) -> str:
    """Return the address of a hotel's morning."""
    return f"{reverse('morning')}?{urlencode({'hotel_id': hotel_id, **parameters})}"


def default_hotel(request: HttpRequest) -> int | None:
    """Return the hotel whose morning the sender opened last, else the first; None without any.

    Raises: django.db.Error.
    """
    access = access_of(request)
    user_id = _user_id(request, access)
    visited = last_visits.hotel_visited_last(user_id, access.hotels) if user_id else None
    return visited or first_hotel(access.hotels)


@require_safe
@gzip_page
def morning(request: HttpRequest) -> Any:
    """Return the page of the hotel and the moment in the address."""
    query = read_page_query(request, MorningQuery, Ability.READ_PRICES, "prices")
    if isinstance(query, HttpResponse):
        return query
    access = access_of(request)
    if not access.abilities >= NEEDED:
        reason = _("%(name)s may not read the dashboard") % {"name": access.name}
        return render_message(request, 403, forbidden=reason)
    try:
        hotel_id = query.get("hotel_id") or default_hotel(request)
        if hotel_id is None:  # the home page says how the first events come in
            return HttpResponseRedirect(reverse("home"))
        since = _since(request, access, hotel_id, query.get("since"))
    except serializers.ValidationError as error:
        details: Any = error.detail
        return render_message(request, 400, parameter_errors=list(details.items()))
    state = (
        page_content.waiting_messages(request),
        since,
        page_content.page_state(hotel_id, access),
    )
    return page_response(
        request, CODE_FINGERPRINT, state, lambda: _render(request, hotel_id, since), hotel_id
    )


def _since(request: HttpRequest, access: Access, hotel_id: int, asked: Any) -> SinceWhen:
    """Return since when the page tells, and record the visit. Raises: ValidationError."""
    hotel = figures_for_pricing.hotel(hotel_id)
    user_id = _user_id(request, access)
    last_visit = None
    if user_id is not None:
        if request.method == "GET" and RENEWAL_HEADER not in request.headers:
            last_visits.record_visit(user_id, hotel_id, timezone.now())
        last_visit = last_visits.end_of_last_visit(user_id, hotel_id)
    return choose_moment(asked, last_visit, hotel.local_time)


def _user_id(request: HttpRequest, access: Access) -> int | None:
    """Return the user who is logged in; None for a key and in an open system."""
    return request.user.pk if access.by_session else None


def _render(request: HttpRequest, hotel_id: int, since: SinceWhen) -> HttpResponse:
    access = access_of(request)
    context = {
        **hotel_context(hotel_id, access),
        **page_content.build_context(hotel_id, since, access),
    }
    return render(request, "overview/morning.html", context)
