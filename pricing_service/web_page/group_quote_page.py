"""The page of group quotes at `/pricing/group-quote/`: a form, and below it the answer.

The form is sent as an address, which needs no script, stores nothing, and can be kept or passed on.
Every number is one that `POST /prices/group-quote/` returns, too; what is wrong is said at its
field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from rest_framework import serializers

from common.access_rights import Ability, Access, access_of
from common.currencies import currency_decimals
from common.html_pages import read_page_query, without_empty
from common.strict_input import HotelField, QuerySerializer
from dashboard_service import figures_for_pricing
from pricing_service.demand.demand_outlook import first_coming_night
from pricing_service.group_quotes.group_quote import InvalidQuote, quote_group
from pricing_service.group_quotes.quote_serializers import GroupQuoteInput
from pricing_service.rules.pricing_rules import load_rules
from pricing_service.web_page import page_content

FIELDS: Final = ("arrival", "departure", "rooms", "rate")
LONGEST_TEXT: Final = 40  # of a field


class GroupQuoteQuery(QuerySerializer):
    """Query parameters of the page; what the form's fields hold is read as a quote reads it."""

    hotel_id = HotelField(required=False)
    arrival = serializers.CharField(required=False, max_length=LONGEST_TEXT)
    departure = serializers.CharField(required=False, max_length=LONGEST_TEXT)
    rooms = serializers.CharField(required=False, max_length=LONGEST_TEXT)
    rate = serializers.CharField(required=False, max_length=LONGEST_TEXT)


@require_safe
def group_quote(request: HttpRequest) -> HttpResponse:
    """Return the page, with a quote if the address has a field of the form."""
    without_empty(request, FIELDS)
    query = read_page_query(request, GroupQuoteQuery, Ability.READ_PRICES, "prices")
    if isinstance(query, HttpResponse):
        return query
    access = access_of(request)
    hotel_id = query.get("hotel_id") or page_content.default_hotel(access)
    typed: dict[str, str] = {name: query[name].strip() for name in FIELDS if name in query}
    context = _context(access, hotel_id, typed)
    status = 400 if context.get("errors") else 200
    return render(request, "pricing/group_quote.html", context, status=status)


def _context(access: Access, hotel_id: int | None, typed: Mapping[str, str]) -> dict[str, Any]:
    context: dict[str, Any] = {
        "hotels": page_content.hotel_choices(hotel_id, access),
        "listed_hotels": page_content.LISTED_HOTELS,
        "hotel_id": hotel_id,
        "typed": typed,
    }
    if hotel_id is None:
        return context
    hotel = figures_for_pricing.hotel(hotel_id)
    hotel_rules = load_rules(hotel_id)
    currency = hotel_rules.rules.currency if hotel_rules else ""
    context |= {
        "hotel": hotel,
        "currency": currency,
        "signed_kind": f"signed-amount:{currency_decimals(currency)}",
        "first_night": first_coming_night(hotel, hotel_rules),
        "hotel_rules": hotel_rules,
    }
    if hotel_rules is None or not typed:
        return context
    quote, errors = quote_or_errors(hotel_id, typed)
    shown = {"errors": errors} if quote is None else {"quote": quote}
    return context | shown | {"quote_address": urlencode({"hotel_id": hotel_id, **typed})}


def quote_or_errors(
    hotel_id: int, typed: Mapping[str, str]
) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """Return the quote for what the form's fields hold, or None and what is wrong by field.

    Raises: django.db.Error.
    """
    serializer = GroupQuoteInput(data={"hotel_id": hotel_id, **_as_rest(typed)})
    if not serializer.is_valid():
        return None, _errors(serializer.errors)
    try:
        return quote_group(serializer.group()), {}
    except InvalidQuote as error:
        return None, _errors(error.errors)


def _as_rest(typed: Mapping[str, str]) -> dict[str, str]:
    """Return what a person typed as REST takes it: a decimal comma is a point.

    Fields that have to be filled are there, so that each says so.
    """
    values = {"arrival": "", "departure": "", "rooms": "", **typed}
    if re.fullmatch(r"[0-9]+,[0-9]{1,2}", values.get("rate", "")):
        values["rate"] = values["rate"].replace(",", ".")
    return values


def _errors(reasons: Mapping[str, Any]) -> dict[str, str]:
    """Return one text for each field; what belongs to no field of the form is under `rest`."""
    errors: dict[str, str] = {}
    for name, found in reasons.items():
        texts = found if isinstance(found, list) else [found]
        field = name if name in FIELDS else "rest"
        errors[field] = "; ".join([*filter(None, [errors.get(field)]), *map(str, texts)])
    return errors
