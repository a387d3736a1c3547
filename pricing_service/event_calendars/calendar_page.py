"""`/pricing/event-calendars/`: the calendars that a hotel reads, and what they propose.

Who reads the hotel's prices sees the page; who sets them adds addresses and answers. It works
without JavaScript: each act is a form that leads back to the page. Addresses are shown whole only
to those who may change them, because their paths often hold a token.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.access_rights import Ability, Access, access_of
from common.html_pages import read_page_query, render_message
from common.number_and_date_texts import number_text
from common.stored_reasons import in_words
from common.strict_input import HotelField, QuerySerializer
from dashboard_service import figures_for_pricing
from pricing_service.delivery.receiver_address import shortened
from pricing_service.event_calendars import calendar_proposals
from pricing_service.event_calendars.calendar_models import EventCalendar
from pricing_service.event_calendars.calendar_proposals import NEUTRAL_FACTOR, NotDone
from pricing_service.event_calendars.calendar_reading import read_one
from pricing_service.event_calendars.calendar_reasons import notice_in_words
from pricing_service.models import PricingRules
from pricing_service.validators import HIGHEST_FACTOR, LOWEST_FACTOR


class CalendarsQuery(QuerySerializer):
    """Query parameters of the page."""

    hotel_id = HotelField()


@require_http_methods(["GET", "HEAD", "POST"])
def event_calendars(request: HttpRequest) -> HttpResponse:
    """Return the page; a POST does what its form asks for and leads back to it."""
    is_post = request.method == "POST"
    ability = Ability.SET_PRICES if is_post else Ability.READ_PRICES
    query = read_page_query(
        request, CalendarsQuery, ability, "prices", "set" if is_post else "read"
    )
    if isinstance(query, HttpResponse):
        return query
    hotel_id = query["hotel_id"]
    if not is_post:
        return _page(request, hotel_id)
    fields = request.POST.dict()
    if any(len(request.POST.getlist(name)) > 1 for name in fields):
        return render_message(request, 400, parameter_errors=[("form", ["given twice"])])
    try:
        _perform(hotel_id, {name: str(value) for name, value in fields.items()}, access_of(request))
    except NotDone as problem:
        return _page(request, hotel_id, str(problem))
    address = f"{reverse('event-calendars')}?{urlencode({'hotel_id': hotel_id})}"
    return HttpResponseRedirect(address)


def _perform(hotel_id: int, fields: dict[str, str], access: Access) -> None:
    """Do what a form asks for. Raises: NotDone, django.db.Error."""
    act = fields.get("act", "")
    if act == "add":
        read_one(calendar_proposals.add_calendar(hotel_id, fields.get("address", ""), access))
    elif act in ("check", "remove"):
        calendar = EventCalendar.objects.filter(
            pk=_number(fields.get("calendar", "")), hotel_id=hotel_id
        ).first()
        if calendar is None:
            raise NotDone(_("This calendar is no longer in the list."))
        if act == "remove":
            calendar_proposals.remove_calendar(calendar, access)
        elif not read_one(calendar):
            raise NotDone(_("The calendar is being read already."))
    elif act == "accept":
        factor = read_factor(fields.get("factor", ""))
        calendar_proposals.accept(hotel_id, _number(fields.get("event", "")), factor, access)
    elif act in _ACTS_OF_AN_EVENT:
        _ACTS_OF_AN_EVENT[act](hotel_id, _number(fields.get("event", "")), access)
    else:
        raise NotDone(_("The form says not what to do."))


_ACTS_OF_AN_EVENT: dict[str, Callable[[int, int, Access], None]] = {
    "move": calendar_proposals.move,
    "remove-vanished": calendar_proposals.remove_vanished,
    "dismiss": lambda hotel_id, number, _access: calendar_proposals.dismiss(hotel_id, number),
    "leave": lambda hotel_id, number, _access: calendar_proposals.leave(hotel_id, number),
}


def read_factor(typed: str) -> float:
    """Return a factor that a person typed, with a point or a comma. Raises: NotDone."""
    text = typed.strip().replace(",", ".", 1)
    try:
        is_number = len(text) <= 10 and text.isascii() and text.replace(".", "", 1).isdigit()
        factor = float(text) if is_number else 0.0
    except ValueError:
        factor = 0.0
    if not LOWEST_FACTOR <= factor <= HIGHEST_FACTOR:
        raise NotDone(
            _("The factor must be a number from %(low)s to %(high)s, like 1.2.")
            % {"low": _factor_text(LOWEST_FACTOR), "high": _factor_text(HIGHEST_FACTOR)}
        )
    return factor


def _factor_text(factor: float) -> str:
    return number_text(Decimal(f"{factor:g}"))


def _number(text: str) -> int:
    """Return a row's number; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def _page(request: HttpRequest, hotel_id: int, problem: str = "") -> HttpResponse:
    hotel = figures_for_pricing.hotel(hotel_id)
    may_set = access_of(request).may(Ability.SET_PRICES, hotel_id)
    calendars = [
        {
            "row": calendar,
            "address": calendar.address if may_set else shortened(calendar.address),
            "host": shortened(calendar.address),
            "failure": in_words(calendar.failure),
            "notice": notice_in_words(calendar.notice),
        }
        for calendar in EventCalendar.objects.filter(hotel_id=hotel_id)
    ]
    context: dict[str, Any] = {
        "hotel": hotel,
        "hotel_id": hotel_id,
        "may_set": may_set,
        "has_rules": PricingRules.objects.filter(pk=hotel_id).exists(),
        "calendars": calendars,
        "proposals": calendar_proposals.open_proposals(hotel_id, hotel.today),
        "neutral_factor": NEUTRAL_FACTOR,
        "most_calendars": calendar_proposals.MOST_CALENDARS,
        "typed": request.POST.get("address", "") if problem else "",
        "problem": problem,
    }
    status = 400 if problem else 200
    response = render(request, "pricing/event_calendars.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response
