"""The page at `/`: the morning of the hotel visited last; with a query, the dashboard's page.

Whoever has no hotel with figures, or may not read prices, has the dashboard's page here, which says
what to do.
"""

from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.views.decorators.http import require_safe

from common.access_rights import access_of
from dashboard_service.web_page.page_views import dashboard
from overview.morning.page_views import NEEDED, default_hotel, morning_address


@require_safe
def home(request: HttpRequest) -> Any:
    """Lead to the morning, or return the dashboard's page."""
    access = access_of(request)
    if request.GET or not access.is_known or not access.abilities >= NEEDED:
        return dashboard(request)
    hotel_id = default_hotel(request)
    if hotel_id is None:
        return dashboard(request)
    # An address of its own, so that an open page stays with its hotel.
    return HttpResponseRedirect(morning_address(hotel_id))
