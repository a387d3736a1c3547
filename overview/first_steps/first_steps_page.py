"""The page at `/first-steps/`: data, the hotel, its rooms, its prices, each step saved by itself.

Steps are saved through the REST API, which decides what is valid; the page shows what is done, what
is next, and what the data propose. The language is chosen first. The page can be left and taken up
again at any step.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.access_rights import Ability, Access, access_of
from common.html_pages import read_page_query
from common.number_and_date_texts import current_language
from common.strict_input import HotelField, QuerySerializer
from dashboard_service import figures_for_pricing
from dashboard_service.hotel_profiles import get_profile
from overview.first_steps.proposals import propose_currency, propose_prices
from overview.first_steps.step_progress import first_prices, step_progress
from overview.hotel_choice import chosen_hotel, hotel_context
from overview.profile_form import language_choices, profile_form
from pricing_service.demand.demand_outlook import proposed_rooms
from pricing_service.models import PricingRules


class FirstStepsQuery(QuerySerializer):
    """Query parameters of the page."""

    hotel_id = HotelField(required=False)


@require_safe
def first_steps(request: HttpRequest) -> HttpResponse:
    """Return the page of the hotel in the address, else of the first one."""
    query = read_page_query(request, FirstStepsQuery, Ability.READ_DASHBOARD, "the dashboard")
    if isinstance(query, HttpResponse):
        return query
    access = access_of(request)
    hotel_id = chosen_hotel(query.get("hotel_id"), access)
    context: dict[str, Any] = {
        **hotel_context(hotel_id, access),
        "may_upload": _may(access, Ability.WRITE_EVENTS, hotel_id),
        "may_change": _may(access, Ability.CHANGE_HOTELS, hotel_id),
        "may_price": _may(access, Ability.SET_PRICES, hotel_id),
        "next": "data",
        "languages": language_choices(),
    }
    if hotel_id is not None:
        context |= _hotel_context(hotel_id)
    return render(request, "overview/first_steps.html", context)


def _may(access: Access, ability: Ability, hotel_id: int | None) -> bool:
    """Return whether the sender has an ability with the hotel; without one yet, with any."""
    return ability in access.abilities if hotel_id is None else access.may(ability, hotel_id)


def _hotel_context(hotel_id: int) -> dict[str, Any]:
    profile = get_profile(hotel_id)
    hotel = figures_for_pricing.hotel(hotel_id)
    done = step_progress(profile)
    context: dict[str, Any] = {
        "profile": profile,
        "done": done,
        "next": done.next,
        # Whoever goes these steps has chosen a language, which is proposed for the hotel.
        "shown_language": profile.language or current_language(),
        "currency": profile.currency or propose_currency(profile),
        "is_being_recounted": profile.time_zone != profile.counted_time_zone,
        **profile_form(profile),
    }
    proposed = proposed_rooms(hotel) if done.data and profile.rooms is None else None
    context |= {"proposed_rooms": proposed, "shown_rooms": profile.rooms or proposed}
    if done.data and not done.base_price:
        context["proposal"] = propose_prices(hotel)
    if done.base_price:
        context["rules"] = PricingRules.objects.get(pk=hotel_id)
        context["prices"] = first_prices(hotel_id)
    return context
