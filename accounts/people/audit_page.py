"""The page of a hotel's audit log at `/people/audit/`, also as CSV; for those who manage it."""

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from rest_framework import serializers

from accounts.audit_entry_model import AuditEntry
from accounts.people import hotel_audit
from accounts.people.people_page import LISTED_HOTELS, PeopleQuery, chosen_hotel, hotels_of_page
from common import hotel_directory
from common.access_rights import Ability, access_of
from common.html_pages import read_page_query, render_message
from common.renderers_and_parsers import CsvRenderer
from common.strict_input import WholeNumberField

PAGE_SIZE = 50
CSV_ROWS = 10_000
MAX_NUMBER = 2**63 - 1  # of a row, in the database


class AuditQuery(PeopleQuery):
    """Query parameters of the page."""

    who = serializers.CharField(required=False, max_length=200)
    before = WholeNumberField(required=False, min_value=1, max_value=MAX_NUMBER)


class _AuditColumns:
    csv_columns = ("time", "who", "did", "details")


@never_cache
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """Return the newest entries, or those before an entry; `format=csv` returns them as CSV."""
    if request.GET.get("who") == "":  # the form's choice of everybody
        filled = request.GET.copy()
        del filled["who"]
        request.GET = QueryDict(filled.urlencode())
    query = read_page_query(request, AuditQuery, Ability.READ_DASHBOARD, "the audit log")
    if isinstance(query, HttpResponse):
        return query
    output_format = request.GET.get("format")
    if output_format not in (None, "csv"):
        return render_message(
            request,
            400,
            parameter_errors=[("format", [_("known is: %(names)s") % {"names": "csv"}])],
        )
    hotels = hotels_of_page(access_of(request))
    hotel_id = chosen_hotel(request, query, hotels)
    if isinstance(hotel_id, HttpResponse):
        return hotel_id
    directory = hotel_directory.hotels()
    who = query.get("who")
    entries = hotel_audit.entries_of(hotel_id, who)
    zone = directory.time_zone(hotel_id)
    if output_format:
        return _csv(hotel_id, hotel_audit.page_of(entries, CSV_ROWS).entries, zone)
    page = hotel_audit.page_of(entries, PAGE_SIZE, query.get("before"))
    chosen = {"hotel_id": hotel_id, **({"who": who} if who else {})}
    context = {
        "hotels": hotels,
        "listed_hotels": LISTED_HOTELS,
        "hotel_id": hotel_id,
        "hotel_name": directory.names([hotel_id])[hotel_id],
        "time_zone": zone,
        "names": hotel_audit.names_in(hotel_audit.entries_of(hotel_id)),
        "who": who,
        "entries": page.entries,
        "is_first_page": "before" not in query,
        "newest": f"{reverse('people-audit')}?{urlencode(chosen)}",
        "csv": f"{reverse('people-audit')}?{urlencode({**chosen, 'format': 'csv'})}",
        "older": page.before
        and f"{reverse('people-audit')}?{urlencode({**chosen, 'before': page.before})}",
    }
    return render(request, "accounts/hotel_audit.html", context)


def _csv(hotel_id: int, entries: list[AuditEntry], zone: str) -> HttpResponse:
    rows: list[dict[str, Any]] = [
        {
            "time": entry.at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds"),
            "who": entry.who,
            "did": entry.get_act_display(),
            "details": entry.details,
        }
        for entry in entries
    ]
    text = CsvRenderer().render(rows, renderer_context={"view": _AuditColumns})
    headers = {"Content-Disposition": f'attachment; filename="hotel-{hotel_id}-audit-log.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)
