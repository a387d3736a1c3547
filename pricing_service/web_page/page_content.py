"""Content of the pricing page: choice of hotels, a month of nights, an opened night, the rules.

Every number of the page is one that `GET /prices/` and `GET /prices/night/` return, too.
"""

from calendar import monthrange
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.access_rights import Access
from common.currencies import DECIMALS_IN_USE, USUAL_DECIMALS
from common.night_marks import night_marks
from common.public_holidays import regions_by_country
from dashboard_service import figures_for_pricing
from dashboard_service.figures_for_pricing import LISTED_HOTELS
from pricing_service import price_listing
from pricing_service.decisions.undo import newest_step
from pricing_service.delivered.delivered_models import DeliveryReport
from pricing_service.delivered.delivered_on_page import with_delivered
from pricing_service.delivery.delivery_status import status_in_words
from pricing_service.delivery.receiver_address import shortened
from pricing_service.delivery.webhook_models import WebhookReceiver
from pricing_service.demand.demand_outlook import (
    find_stale_since,
    first_coming_night,
    load_groups,
    proposed_rooms,
)
from pricing_service.demand.group_bookings import learned_threshold
from pricing_service.event_calendars.calendar_proposals import open_proposals, proposals_state
from pricing_service.market_rates.latest_rates import market_of_nights, newest_sighting
from pricing_service.models import EventCombination, Mode, PriceDecision, PricingRules, PricingState
from pricing_service.notes.night_notes import notes_by_night
from pricing_service.room_types.room_type_nights import unlisted_types
from pricing_service.rules.base_price_check import check_base_price
from pricing_service.rules.pricing_rules import HotelPricingRules, load_rules
from pricing_service.rules.room_type_rules import rooms_difference
from pricing_service.rules.rule_list_models import NightNote
from pricing_service.texts.text_parts import MONTHS, WEEKDAYS, WEEKDAYS_SHORT
from pricing_service.web_page.month_calendar import calendar_cells, month_links, month_summary
from pricing_service.web_page.opened_night import night_content
from pricing_service.web_page.page_address import page_address
from pricing_service.web_page.room_type_choice import room_type_choice, with_prices_of

__all__ = ["LISTED_HOTELS", "content", "default_hotel", "hotel_choices", "page_state"]

# By currency, for reading amounts that a person types; of the others it is the usual number.
UNUSUAL_DECIMALS: Final = {
    code: decimals for code, decimals in DECIMALS_IN_USE.items() if decimals != USUAL_DECIMALS
}
MODE_LABELS: Final = {
    Mode.OFF: _("Nobody: prices are off"),
    Mode.SUGGEST: _("A person accepts prices"),
    Mode.AUTOMATIC: _("Automatic, within limits"),
}
EVENT_COMBINATION_LABELS: Final = {
    EventCombination.LARGEST: _("the one with the largest effect counts"),
    EventCombination.PRODUCT: _("their factors are multiplied"),
}


def hotel_choices(hotel_id: int | None, access: Access) -> list[tuple[int, str]]:
    """Return ids and names of the hotels to choose from, the shown hotel among them."""
    choices = figures_for_pricing.hotels(access.hotels)
    if hotel_id is not None and hotel_id not in dict(choices):
        choices.append((hotel_id, figures_for_pricing.names([hotel_id])[hotel_id]))
    return choices


def default_hotel(access: Access) -> int | None:
    """Return the hotel of an address without one: the first with rules, else with figures."""
    with_rules = PricingRules.objects.order_by("hotel_id").values_list("hotel_id", flat=True)
    if access.hotels is not None:
        with_rules = with_rules.filter(hotel_id__in=access.hotels)
    first = with_rules.first()
    if first is not None:
        return first
    return next((number for number, _ in figures_for_pricing.hotels(access.hotels)), None)


def page_state(hotel_id: int | None, access: Access) -> tuple[Any, ...]:
    """Return a value that changes whenever the page's data do; cheap enough for every request."""
    choices = figures_for_pricing.hotels(access.hotels)
    if hotel_id is None:
        return (choices,)
    hotel = figures_for_pricing.hotel(hotel_id)
    rules = PricingRules.objects.filter(pk=hotel_id).first()
    return (
        choices,
        f"{timezone.now():%Y-%m-%d %H}",
        hotel._replace(local_time=datetime.min),
        first_coming_night(hotel, HotelPricingRules(rules) if rules else None),
        figures_for_pricing.count_future_events(hotel_id),
        figures_for_pricing.is_being_recounted(hotel_id),
        PricingState.objects.filter(pk=hotel_id).values_list().first(),
        rules and rules.updated_at,
        (step := newest_step(hotel_id)) and step.id,
        PriceDecision.objects.filter(hotel_id=hotel_id).values_list("id").first(),
        NightNote.objects.filter(hotel_id=hotel_id).values_list("id").first(),
        WebhookReceiver.objects.filter(pk=hotel_id).values_list().first(),
        DeliveryReport.objects.filter(pk=hotel_id).values_list().first(),
        newest_sighting(hotel_id),
        proposals_state(hotel_id),
    )


def content(
    hotel_id: int,
    month: date | None,
    night: date | None,
    room_type: str | None,
    access: Access,
) -> dict[str, Any]:
    """Return the template context of a hotel's page.

    Args:
        month: its first day; default: the month of the night, else of the first coming night.
        night: the night to open.
        room_type: whose prices the calendar shows; default: the reference's.
        access: of the reader, for the marks of nights.
    Raises:
        django.db.Error.
    """
    hotel = figures_for_pricing.hotel(hotel_id)
    hotel_rules = load_rules(hotel_id)
    first_night = first_coming_night(hotel, hotel_rules)
    first = month or (night or first_night).replace(day=1)
    context: dict[str, Any] = {
        "hotel": hotel,
        "tried_as_of": hotel_rules.rules.try_as_of if hotel_rules else None,
        "stale_since": find_stale_since(hotel, hotel_rules),
        "future_events": figures_for_pricing.count_future_events(hotel_id),
        "is_being_recounted": figures_for_pricing.is_being_recounted(hotel_id),
        "doubled": figures_for_pricing.doubled_events(hotel_id),
        "first": first,
        "hotel_rules": hotel_rules,
        "rooms_question": rooms_question(hotel),
        "unusual_decimals": UNUSUAL_DECIMALS,
        "address": page_address(hotel_id, first),
    }
    if hotel_rules is None:
        return context
    last = first.replace(day=monthrange(first.year, first.month)[1])
    coming = price_listing.list_prices(hotel_id, first_night, has_sentences=False)
    shown = price_listing.list_prices(hotel_id, first, last, has_sentences=False)
    rows = {row["night"]: row for row in shown}
    choice = room_type_choice(hotel_rules, first, room_type)
    shown_type = choice["shown_room_type"]
    shown_rows = with_prices_of(rows, hotel_id, shown_type, (first, last))
    opened = night_content(hotel_rules, night, first_night, shown_type) if night else None
    currency = hotel_rules.rules.currency
    market = market_of_nights(
        hotel_id, first, last, shown_rows, currency=currency, room_type=shown_type, opened=night
    )
    cells = calendar_cells(hotel_id, first, last, shown_rows, first_night, shown_type, market)
    return {
        **context,
        **choice,
        "types_rooms": rooms_difference(hotel_rules.room_types, hotel.rooms),
        "unlisted_types": unlisted_types(hotel_rules, first, last),
        "base_price_check": (
            None
            if hotel_rules.rules.mode == Mode.OFF
            else check_base_price(hotel_rules.rules, first_night)
        ),
        "undo_step": newest_step(hotel_id),
        "currency": currency,
        "coming_count": len(coming),
        "held_count": sum(row["state"] == "held" for row in coming),
        "is_off": hotel_rules.rules.mode == Mode.OFF,
        "modes": MODE_LABELS.items(),
        "event_combinations": EVENT_COMBINATION_LABELS.items(),
        "groups": _groups(hotel, hotel_rules, coming),
        "regions_by_country": regions_by_country(),
        "regions": regions_by_country().get(hotel.country, ()),
        "event_proposals": open_proposals(hotel_id, hotel.today),
        "webhook_shortened": shortened(hotel_rules.rules.webhook_url),
        "webhook_status": status_in_words(hotel_rules.rules),
        "priced": (coming[0]["night"], coming[-1]["night"]) if coming else None,
        "blanks": first.weekday(),
        "marks": night_marks(hotel_id, first, last, access.abilities),
        **with_delivered(hotel_rules, cells, opened, shown_type),
        "has_market": any(one.median for one in market.values()),
        "market": market.get(night) if night else None,
        "summary": _summary(rows, shown_rows, first_night),
        "months": month_links(hotel_id, first_night, first, coming, shown_type),
        "rows_address": urlencode(
            {"hotel_id": hotel_id, "from": first, "to": last}
            | ({"room_type": shown_type} if shown_type else {})
        ),
        "opened": night,
        "note": notes_by_night(hotel_id, night, night).get(night) if night else None,
        **_factors_by_name(hotel_rules.rules),
    }


def _groups(
    hotel: figures_for_pricing.Hotel,
    hotel_rules: HotelPricingRules,
    coming: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return what the settings say about groups: the learned threshold, and whether it counts."""
    # Where nobody told the rooms, the prices have the proposed ones.
    rooms = hotel.rooms or max((row["rooms"] for row in coming), default=None)
    return {
        "learned": learned_threshold(rooms),
        "is_clocked": load_groups(hotel.hotel_id, hotel_rules, rooms).is_clocked,
    }


def _summary(
    rows: dict[date, dict[str, Any]], shown_rows: dict[date, dict[str, Any]], first_night: date
) -> dict[str, Any] | None:
    """Return the totals of the coming nights of the house, with the mean price that is shown."""
    house, shown = (
        month_summary([row for row in some.values() if row["night"] >= first_night])
        for some in (rows, shown_rows)
    )
    if not house or not shown:
        return house
    return house | {name: shown[name] for name in ("price", "recommended") if name in shown}


def rooms_question(hotel: figures_for_pricing.Hotel) -> dict[str, Any] | None:
    """Return what the page asks about a hotel's rooms; None if a person has told them.

    Without rooms there is no automatic price; with a proposal from the bookings there are
    recommended ones.
    """
    if hotel.rooms is not None:
        return None
    return {
        "proposed": proposed_rooms(hotel),
        "has_rooms_by_date": bool(hotel.rooms_by_date),
    }


def _factors_by_name(rules: PricingRules) -> dict[str, Any]:
    """Return the rules' factors by month and weekday, with their names in the reader's language."""
    return {
        "year": [
            (name.render(), factor)
            for name, factor in zip(MONTHS, rules.month_factors, strict=True)
        ],
        "week": [
            (name.render(), short.render(), factor)
            for name, short, factor in zip(
                WEEKDAYS, WEEKDAYS_SHORT, rules.weekday_factors, strict=True
            )
        ],
    }
