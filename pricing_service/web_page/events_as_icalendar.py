"""`GET /pricing/events.ics`: a hotel's events as a calendar file (iCalendar, RFC 5545).

An event has the same UID as long as its name and first night stay, so that a calendar program that
reads the file again moves nothing and doubles nothing. Its time stamp is the rules' last change.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.access_rights import Ability
from common.etags import etag_response
from common.html_pages import read_page_query
from common.icalendar_text import CONTENT_TYPE, AllDayEvent, calendar_text
from common.strict_input import HotelField, QuerySerializer
from common.table_files import file_name
from dashboard_service import figures_for_pricing
from pricing_service.rules.pricing_rules import HotelPricingRules, load_rules
from pricing_service.texts.written_values import written_number
from pricing_service.web_page.page_views import CODE_FINGERPRINT

_NAMESPACE: Final = uuid5(NAMESPACE_URL, "roompricegenie/events")


class CalendarQuery(QuerySerializer):
    """Parameters of `GET /pricing/events.ics`."""

    hotel_id = HotelField()


@require_safe
def events_calendar(request: HttpRequest) -> Any:
    """Return the file; without events, or before the hotel has prices, an empty calendar."""
    query = read_page_query(request, CalendarQuery, Ability.READ_PRICES, "prices")
    if isinstance(query, HttpResponse):
        return query
    hotel = figures_for_pricing.hotel(query["hotel_id"])
    hotel_rules = load_rules(hotel.hotel_id)
    events = list(all_day_events(hotel_rules)) if hotel_rules else []
    return etag_response(
        request,
        (CODE_FINGERPRINT, hotel.name, events),
        lambda: _file(
            hotel.name, calendar_text(_("%(hotel)s: events") % {"hotel": hotel.name}, events)
        ),
    )


def all_day_events(hotel_rules: HotelPricingRules) -> Iterator[AllDayEvent]:
    """Yield the events of a hotel's rules, in order of time."""
    rules = hotel_rules.rules
    seen: Counter[str] = Counter()
    for event in sorted(hotel_rules.events, key=lambda event: (event.first, event.last)):
        key = f"{rules.hotel_id}/{event.first}/{event.name}"
        seen[key] += 1
        number = f"/{seen[key]}" if seen[key] > 1 else ""
        yield AllDayEvent(
            uid=f"{uuid5(_NAMESPACE, key + number)}@roompricegenie",
            first=event.first,
            last=event.last,
            summary=event.name,
            description=_("Expected demand: %(factor)s times the usual.")
            % {"factor": written_number(event.factor)},
            changed_at=rules.updated_at,
        )


def _file(hotel_name: str, text: str) -> HttpResponse:
    response = HttpResponse(text, content_type=CONTENT_TYPE)
    name = f"{file_name(hotel_name, _('events'))}.ics"
    response["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    return response
