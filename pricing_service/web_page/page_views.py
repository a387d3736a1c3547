"""The pricing page at `/pricing/`: the server renders all of it, calendar and opened night.

The page's script requests the same address again, with the ETag of what it shows, from time to time
and after each decision, so that every number comes from this view. Decisions and changes of the
pricing rules go through the REST API; without JavaScript the page is read-only.
"""

import re
from datetime import date
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from rest_framework import serializers

from common.access_rights import Ability, access_of
from common.etags import page_fingerprint, page_response
from common.html_pages import read_page_query
from common.strict_input import DateField, HotelField, QuerySerializer
from common.value_limits import MAX_YEAR, MIN_YEAR
from pricing_service.room_types.room_type_serializers import RoomTypeField
from pricing_service.web_page import page_content

# Part of the ETag, so that browsers load the page again after an upgrade.
CODE_FINGERPRINT = page_fingerprint(app=Path(__file__).resolve().parents[1])


class MonthField(serializers.Field):
    """A month in the form YYYY-MM only; its value is the month's first day."""

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", data):
            raise serializers.ValidationError(_("must be a month like 2024-05"))
        year, month = map(int, data.split("-"))
        if not MIN_YEAR <= year <= MAX_YEAR:
            raise serializers.ValidationError(
                _("must lie in the years %(first)d to %(last)d")
                % {"first": MIN_YEAR, "last": MAX_YEAR}
            )
        return date(year, month, 1)


class PageQuery(QuerySerializer):
    """Query parameters of the page; the page chooses defaults for missing ones."""

    hotel_id = HotelField(required=False)
    month = MonthField(required=False)
    night = DateField(required=False)
    room_type = RoomTypeField(required=False)


@require_safe
@gzip_page
def pricing(request: HttpRequest) -> Any:
    """Return the page of the hotel, month and night in the address."""
    query = read_page_query(request, PageQuery, Ability.READ_PRICES, "prices")
    if isinstance(query, HttpResponse):
        return query
    access = access_of(request)
    hotel_id = query.get("hotel_id") or page_content.default_hotel(access)
    state = page_content.page_state(hotel_id, access)
    return page_response(
        request, CODE_FINGERPRINT, state, lambda: _render(request, query, hotel_id), hotel_id
    )


def _render(request: HttpRequest, query: dict[str, Any], hotel_id: int | None) -> HttpResponse:
    access = access_of(request)
    may_set = hotel_id is not None and access.may(Ability.SET_PRICES, hotel_id)
    context: dict[str, Any] = {
        "hotels": page_content.hotel_choices(hotel_id, access),
        "listed_hotels": page_content.LISTED_HOTELS,
        "hotel_id": hotel_id,
        "may_set": may_set,
        "may_set_rooms": may_set and access.may(Ability.CHANGE_HOTELS, hotel_id or 0),
    }
    if hotel_id is not None:
        context |= page_content.content(
            hotel_id, query.get("month"), query.get("night"), query.get("room_type"), access
        )
    return render(request, "pricing/page.html", context)
