"""The page at `/settings/`: name, time zone, currency, language, rooms, types, people."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.access_rights import Ability, access_of
from common.html_pages import read_page_query
from common.strict_input import HotelField, QuerySerializer
from dashboard_service.figures.rooms_for_sale import room_spans
from dashboard_service.hotel_profiles import get_profile
from overview.first_steps.proposals import propose_currency
from overview.hotel_choice import chosen_hotel, hotel_context
from overview.profile_form import profile_form
from pricing_service.models import PricingRules
from pricing_service.room_types.room_type_models import RoomType


class SettingsQuery(QuerySerializer):
    """Query parameters of the page."""

    hotel_id = HotelField(required=False)


@require_safe
def hotel_settings(request: HttpRequest) -> HttpResponse:
    """Return the settings of the hotel in the address, else of the first one."""
    query = read_page_query(
        request, SettingsQuery, Ability.CHANGE_HOTELS, "the settings of hotels", "change"
    )
    if isinstance(query, HttpResponse):
        return query
    access = access_of(request)
    hotel_id = chosen_hotel(query.get("hotel_id"), access)
    context: dict[str, Any] = {
        **hotel_context(hotel_id, access),
        "may_price": hotel_id is not None and access.may(Ability.SET_PRICES, hotel_id),
        "may_manage_people": hotel_id is not None and access.may_manage_people(hotel_id),
    }
    if hotel_id is not None:
        context |= _hotel_context(hotel_id)
    return render(request, "overview/hotel_settings.html", context)


def _hotel_context(hotel_id: int) -> dict[str, Any]:
    profile = get_profile(hotel_id)
    spans = room_spans(profile)
    rules = PricingRules.objects.filter(pk=hotel_id).first()
    return {
        "profile": profile,
        "currency": profile.currency,
        "shown_language": profile.language,
        "proposed_currency": propose_currency(profile),
        "is_being_recounted": profile.time_zone != profile.counted_time_zone,
        "open_spans": [span for span in spans if span.rooms],
        "closed_spans": [span for span in spans if not span.rooms],
        "rules": rules,
        "room_types": list(RoomType.objects.filter(profile=rules)) if rules else [],
        **profile_form(profile),
    }
