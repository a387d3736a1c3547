"""The template context of the morning's page: each part is a module of this folder."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest
from django.utils import timezone

from common.access_rights import Ability, Access
from common.currencies import currency_decimals
from common.night_marks import marks_state
from dashboard_service.figures.freshness import changed_at, is_incomplete
from dashboard_service.hotel_profiles import get_profile, profile_parts
from overview.morning.ahead_and_behind import nights_that_need_a_person
from overview.morning.hotel_morning import NIGHTS, load_morning
from overview.morning.nights_that_moved import nights_that_moved
from overview.morning.ninety_nights import ninety_nights
from overview.morning.since_when import SinceWhen
from overview.morning.unusual import what_is_unusual
from overview.morning.what_came_in import what_came_in
from pricing_service.models import Mode
from pricing_service.web_page import page_content as pricing_page


def page_state(hotel_id: int, access: Access) -> tuple[Any, ...]:
    """Return a value that changes whenever the page's data do; cheap enough for every request."""
    profile = get_profile(hotel_id)
    return (
        pricing_page.page_state(hotel_id, access),
        changed_at(hotel_id),
        is_incomplete(hotel_id),
        (str(profile), profile.country, profile.region, profile.counted_time_zone),
        profile_parts(hotel_id),
        marks_state(hotel_id, access.abilities),
    )


def waiting_messages(request: HttpRequest) -> str:
    """Return what tells pages with other messages to their reader apart; "" without messages."""
    return request.COOKIES.get(CookieStorage.cookie_name, "")


def build_context(hotel_id: int, since: SinceWhen, access: Access) -> dict[str, Any]:
    """Return the template context of a hotel's morning. Raises: django.db.Error."""
    morning = load_morning(hotel_id, since.moment, access.abilities)
    now: datetime = timezone.now()
    rules = morning.hotel_rules.rules if morning.hotel_rules else None
    needs = nights_that_need_a_person(morning) if morning.has_prices else []
    price_currency = rules.currency if rules else ""
    return {
        "hotel": morning.hotel,
        "since": since,
        "changed_at": changed_at(hotel_id),
        "stale_since": morning.stale_since,
        "came_in": what_came_in(morning.activity),
        "moved": nights_that_moved(morning),
        "needs": needs,
        "unusual": what_is_unusual(morning, morning.activity.since, now),
        "strip": ninety_nights(morning),
        "strip_nights": NIGHTS,
        "marks": morning.marks,
        "rules": rules,
        "is_off": rules is not None and rules.mode == Mode.OFF,
        "moves_by_itself": morning.moves_by_itself,
        "waiting_count": sum(
            row["state"] == "suggested" and morning.first_on_sale <= night <= morning.last
            for night, row in morning.price_rows.items()
        ),
        "may_set": access.may(Ability.SET_PRICES, hotel_id),
        "price_decimals": currency_decimals(price_currency),
        "price_currency": price_currency,
    }
