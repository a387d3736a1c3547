"""A group quote: the least rate at which a hotel earns as much with a group as without it.

The engine says what each night loses (`engine.group_value`), from the same rules, figures and
belief as the recommended prices. A night whose price a person keeps is counted at that price.
Nothing is stored and no price changes: the same question on the same day has the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.currencies import format_amount, minor_unit, why_not_in_minor_units
from common.error_limits import MAX_REPORTED_ERRORS
from common.number_and_date_texts import number_text
from dashboard_service import figures_for_pricing
from dashboard_service.figures_for_pricing import Hotel, RoomsForSaleByNight
from pricing_service.demand.demand_outlook import (
    chosen_day,
    find_stale_since,
    first_coming_night,
    usual_rooms,
)
from pricing_service.demand.engine_basis import EngineBasis, engine_basis
from pricing_service.demand.engine_history import load_booking_rows, net_bookings
from pricing_service.engine.group_value import (
    GroupDoesNotFit,
    GroupNight,
    group_nights,
    least_rate,
)
from pricing_service.group_quotes.quote_sentence import night_note, quote_sentence, stale_warning
from pricing_service.models import Mode, NightPrice
from pricing_service.rules.pricing_rules import HotelPricingRules, load_rules
from pricing_service.texts.written_values import iso_day, written_amount

MAX_NIGHTS: Final = 31  # of a quote
# The time of a quote grows with the square of the rooms: at most about ten seconds.
MAX_NIGHTS_TIMES_SQUARED_ROOMS: Final = 2_000_000


class InvalidQuote(Exception):
    """No quote is possible; `errors` has the reasons by field."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(str(errors))
        self.errors = errors


@dataclass(frozen=True)
class GroupRequest:
    """What a group asks for.

    Attributes:
        nights: in order of time, each once; at least one.
        is_listed: whether the nights were told one by one; else by arrival and departure.
        rooms: on each night; at least 1.
        rate: offered per room-night, in the hotel's currency; None without an offer.
    """

    hotel_id: int
    nights: list[date]
    is_listed: bool
    rooms: int
    rate: Decimal | None = None

    def refused(self, reasons: list[str], field: str = "arrival") -> InvalidQuote:
        """Return the error that names nights: in the field in which they were told."""
        reported = reasons[:MAX_REPORTED_ERRORS]
        return InvalidQuote({"nights" if self.is_listed else field: reported})


def quote_group(group: GroupRequest) -> dict[str, Any]:
    """Return the quote as REST shows it.

    Raises:
        InvalidQuote, django.db.Error.
    """
    hotel_rules = load_rules(group.hotel_id)
    if hotel_rules is None:
        reason = _("hotel %(hotel)d has no pricing rules") % {"hotel": group.hotel_id}
        raise InvalidQuote({"hotel_id": [reason]})
    currency = hotel_rules.rules.currency
    if group.rate is not None and (reason := why_not_in_minor_units(group.rate, currency)):
        raise InvalidQuote({"rate": [reason]})
    hotel = figures_for_pricing.hotel(group.hotel_id)
    stale_since = find_stale_since(hotel, hotel_rules)
    basis = _load_basis(group, hotel, hotel_rules, stale_since)
    prices = _prices(hotel_rules, group.nights)
    try:
        nights = group_nights(
            basis.rules,
            basis.belief,
            basis.history,
            basis.as_of,
            group.nights,
            group.rooms,
            held={night: row.price for night, row in prices.items() if row.is_held},
            day_left=basis.day_left,
        )
    except GroupDoesNotFit as error:
        reasons = [_rooms_left(left, night) for night, left in error.rooms_left.items()]
        raise InvalidQuote({"rooms": reasons[:MAX_REPORTED_ERRORS]}) from error
    quote = _serialize(group, currency, nights, prices, chosen_day(hotel, hotel_rules))
    if stale_since:
        quote["sentence"] += f" {stale_warning(stale_since)}"
    return quote


def _load_basis(
    group: GroupRequest, hotel: Hotel, hotel_rules: HotelPricingRules, stale_since: date | None
) -> EngineBasis:
    """Return what the engine is asked with, after checking that it can say something of the nights.

    Args:
        stale_since: the day of the newest event, where the hotel's events have stopped.
    Raises:
        InvalidQuote, django.db.Error.
    """
    as_of = stale_since or chosen_day(hotel, hotel_rules)
    first = first_coming_night(hotel, hotel_rules)
    last = min(
        first + timedelta(days=settings.PRICED_NIGHTS - 1),
        as_of + timedelta(days=settings.PRICED_NIGHTS),
    )
    if past := [
        _("%(night)s is past: %(first)s is the first on sale")
        % {"night": iso_day(night), "first": iso_day(first)}
        for night in group.nights
        if night < first
    ]:
        raise group.refused(past)
    if beyond := [_too_far(night, last, stale_since) for night in group.nights if night > last]:
        raise group.refused(beyond, "departure")
    rows = load_booking_rows(group.hotel_id, hotel.today, as_of)
    usual = usual_rooms(hotel, net_bookings(rows), as_of)
    rooms = RoomsForSaleByNight(usual, hotel_rules.rooms_for_sale)
    by_night = {night: rooms(night) for night in group.nights}
    if unknown := [night for night, count in by_night.items() if count is None]:
        reason = _("nobody told how many rooms hotel %(hotel)d has on %(night)s") % {
            "hotel": group.hotel_id, "night": iso_day(unknown[0]),
        }  # fmt: skip
        raise InvalidQuote({"hotel_id": [reason]})
    if closed := [
        _("the hotel is closed on %(night)s") % {"night": iso_day(night)}
        for night in group.nights
        if not by_night[night]
    ]:
        raise group.refused(closed)
    most = max(count or 0 for count in by_night.values())
    if len(group.nights) * most**2 > MAX_NIGHTS_TIMES_SQUARED_ROOMS:
        fit = MAX_NIGHTS_TIMES_SQUARED_ROOMS // most**2
        if not fit:
            reason = _("%(rooms)s rooms are too many for a quote") % {"rooms": number_text(most)}
            raise InvalidQuote({"hotel_id": [reason]})
        reason = ngettext(
            "for a hotel of %(rooms)d rooms, at most %(nights)d night",
            "for a hotel of %(rooms)d rooms, at most %(nights)d nights",
            fit,
        ) % {"rooms": most, "nights": fit}
        raise group.refused([reason], "departure")
    return engine_basis(hotel, hotel_rules, as_of, usual, rows)


def _too_far(night: date, last: date, stale_since: date | None) -> str:
    values = {"night": iso_day(night), "last": iso_day(last)}
    if stale_since is None:
        return _("%(night)s is too far: the last night with a forecast is %(last)s") % values
    values["since"] = iso_day(stale_since)
    return (
        _(
            "%(night)s is too far: no events since %(since)s, and the last night with a forecast "
            "is %(last)s"
        )
        % values
    )


def _prices(hotel_rules: HotelPricingRules, nights: list[date]) -> dict[date, NightPrice]:
    """Return the prices in force, in the hotel's present currency, by night."""
    rules = hotel_rules.rules
    if rules.mode == Mode.OFF:
        return {}
    rows = NightPrice.objects.filter(hotel_id=rules.hotel_id, night__in=nights)
    return {
        row.night: row for row in rows if not row.is_closed and row.currency in ("", rules.currency)
    }


def _rooms_left(left: int, night: date) -> str:
    values = {"count": left, "night": iso_day(night)}
    if not left:
        return _("no room is left on %(night)s") % values
    return (
        ngettext(
            "only %(count)d room is left on %(night)s",
            "only %(count)d rooms are left on %(night)s",
            left,
        )
        % values
    )


def _serialize(
    group: GroupRequest,
    currency: str,
    nights: list[GroupNight],
    prices: dict[date, NightPrice],
    today: date,
) -> dict[str, Any]:
    """Return the quote as REST shows it.

    Args:
        today: the hotel's, or the day as of which a person tries prices.
    """
    unit, room_nights = minor_unit(currency), group.rooms * len(nights)
    # Rounded up: whoever offers the least rate leaves the hotel no worse than without the group.
    rate = _rounded_up(least_rate(nights), unit)
    total = rate * room_nights
    offered = None if group.rate is None else group.rate * room_nights
    gain = None if offered is None else offered - total
    rows = []
    for night in nights:
        row = prices.get(night.night)
        rows.append(
            {
                "night": night.night,
                "days_before": (night.night - today).days,
                "rooms_left": night.rooms_left,
                "price": None if row is None else format_amount(row.price, currency),
                "least_rate": format_amount(_rounded_up(night.least_rate, unit), currency),
                "displaced_room_nights": round(night.room_nights, 1),
                "displaced_revenue": format_amount(_rounded_up(night.revenue, unit), currency),
                "note": _note(night, currency, row),
            }
        )
    return {
        "hotel_id": group.hotel_id,
        "currency": currency,
        "rooms": group.rooms,
        "least_rate": format_amount(rate, currency),
        "least_total": format_amount(total, currency),
        "offered_rate": None if group.rate is None else format_amount(group.rate, currency),
        "offered_total": None if offered is None else format_amount(offered, currency),
        "gain": None if gain is None else format_amount(gain, currency),
        "sentence": quote_sentence(nights, currency, rate, group.rate, gain),
        "nights": rows,
    }


def _note(night: GroupNight, currency: str, row: NightPrice | None) -> str:
    if row is None:
        return night_note(night)
    is_below = float(row.price) < night.least_rate and row.price != row.recommended
    recommended = written_amount(row.recommended, currency) if is_below else ""
    return night_note(night, is_held=row.is_held, recommended=recommended)


def _rounded_up(amount: float, unit: Decimal) -> Decimal:
    """Return an amount in whole units of the currency, never less."""
    # Less than a thousandth of a unit is an error of the arithmetic, and no revenue.
    return ((Decimal(amount) / unit) - Decimal("0.001")).to_integral_value(ROUND_CEILING) * unit + 0
