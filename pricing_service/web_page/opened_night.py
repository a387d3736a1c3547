"""The opened night of the pricing page: price, factors, booking curve, decisions."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.currencies import currency_decimals
from common.number_and_date_texts import date_text, number_text
from common.translatable_text import Text
from pricing_service import price_listing
from pricing_service.demand.on_the_books_history import MAX_DAYS_BEFORE
from pricing_service.room_types.room_type_listing import room_types_of_night
from pricing_service.rules.pricing_rules import HotelPricingRules
from pricing_service.texts.action_names import ACTION_NAMES, STATE_NAMES, name_in_words
from pricing_service.texts.text_parts import (
    MONTHS,
    WEEKDAYS,
    Part,
    all_joined_with_and,
    season_from_json,
    season_text,
)
from pricing_service.texts.written_values import written_number
from pricing_service.web_page.month_calendar import curve_distance
from pricing_service.web_page.page_address import night_address, page_address
from pricing_service.web_page.revenue_chart import revenue_chart

CHART_KEYS: Final = (
    "curve", "forecast", "forecast_low", "forecast_high", "rooms",
)  # fmt: skip

FACTOR_NAMES: Final = {
    "month": Text("month"),
    "weekday": Text("weekday"),
    "event": Text("event"),
    "lead time": Text("lead time"),
    "demand": Text("demand"),
    "trial": Text("trial"),
    "occupancy": Text("occupancy"),
}


def night_content(
    hotel_rules: HotelPricingRules, night: date, first_night: date, room_type: str | None = None
) -> dict[str, Any] | None:
    """Return what the page shows of an opened night; None if it has no price.

    Args:
        room_type: whose prices the calendar shows behind it; None for the reference's.
    """
    hotel_id = hotel_rules.rules.hotel_id
    details = price_listing.night_details(hotel_id, night)
    if details is None:
        return None
    known_days_before = _known_days_before(details)
    lead = min(known_days_before, MAX_DAYS_BEFORE)
    point = next(point for point in details["curve"] if point["days_before"] == lead)
    return {
        **details,
        "room_types": room_types_of_night(hotel_id, night) if details["price"] else [],
        **curve_distance(details),
        "is_past": night < first_night,
        "is_recommended": details["price"] == details["recommended"],
        "steps": _price_steps(details),
        "free_rooms": max(details["rooms"] - details["on_the_books"], 0),
        "revenue_chart": revenue_chart(
            details["revenue_curve"],
            details["price"],
            details["recommended"],
            details["currency"],
        ),
        "state_name": name_in_words(STATE_NAMES, details["state"]),
        "decisions": [
            {
                **row,
                "action": name_in_words(ACTION_NAMES, row["action"]),
                "steps": _made_from_text(row),
            }
            for row in details["decisions"]
        ],
        "last_year": point["last_year"],
        "known_days_before": known_days_before,
        "chart": {name: details[name] for name in CHART_KEYS} | {"days_before": lead},
        "step": details["price_step"],
        "before": night_address(hotel_id, night - timedelta(days=1), room_type),
        "after": night_address(hotel_id, night + timedelta(days=1), room_type),
        "close": page_address(hotel_id, night.replace(day=1), room_type=room_type),
    }


def _known_days_before(details: dict[str, Any]) -> int:
    """Return how many days before the night its figures are of."""
    as_of: date | None = details["figures_as_of"]
    return (details["night"] - as_of).days if as_of else int(details["days_before"])


def _made_from_text(decision: dict[str, Any]) -> str:
    """Return what the recommended price at a decision was made from, in one line; "" if unknown."""
    made_from = decision["made_from"]
    if not made_from:
        return ""
    factors = "".join(
        f" × {name_in_words(FACTOR_NAMES, name)} {number_text(factor, 'amount:2')}"
        for name, factor in made_from["factors"].items()
        if factor != 1
    )
    values = {
        "price": written_number(Decimal(decision["recommended"])),
        "currency": decision["currency"],
        "base": written_number(Decimal(made_from["base_price"])),
        "factors": factors,
        "minimum": written_number(Decimal(made_from["minimum_price"])),
        "maximum": written_number(Decimal(made_from["maximum_price"])),
        "booked": decision["on_the_books"],
        "rooms": made_from["rooms"],
        "days": made_from["days_before"],
        "forecast": f"{made_from['forecast']:.0f}",
    }
    if as_of := made_from.get("figures_as_of"):
        values["date"] = date_text(date.fromisoformat(as_of), "long")
        return (
            _(
                "Recommended %(price)s %(currency)s: base %(base)s%(factors)s, between %(minimum)s "
                "and %(maximum)s; %(booked)d of %(rooms)d rooms booked %(days)d days before "
                "(figures as of %(date)s), forecast %(forecast)s."
            )
            % values
        )
    return (
        _(
            "Recommended %(price)s %(currency)s: base %(base)s%(factors)s, between %(minimum)s and "
            "%(maximum)s; %(booked)d of %(rooms)d rooms booked %(days)d days before, forecast "
            "%(forecast)s."
        )
        % values
    )


def _rounded(amount: float, details: dict[str, Any]) -> str:
    """Return an amount as text with the decimals of the night's currency."""
    return f"{amount:.{currency_decimals(details['currency'])}f}"


def _price_steps(details: dict[str, Any]) -> dict[str, Any]:
    """Return the way from the base price to the recommended one, factor by factor.

    All of it as it was when the price was made.
    """
    night, events = details["night"], _rendered(all_joined_with_and(details["event_names"]))
    days = _known_days_before(details)
    labels = {
        "month": MONTHS[night.month - 1].render(),
        "weekday": WEEKDAYS[night.weekday()].render(),
        "event": _("Event: %(names)s") % {"names": events} if events else _("Event"),
        "lead time": ngettext("Lead time, %(days)d day", "Lead time, %(days)d days", days)
        % {"days": days},
        "demand": _("Demand and rooms left"),
        "trial": _("Tried, to learn how guests respond"),
        # Of prices that a version before made.
        "occupancy": _("Occupancy against the curve"),
    }
    amount, rows = float(details["base_price"]), []
    # In order: PostgreSQL keeps no order of a JSON object's keys.
    for name in (name for name in labels if name in details["factors"]):
        factor = details["factors"][name]
        amount *= factor
        rows.append({"name": labels[name], "factor": factor, "amount": _rounded(amount, details)})
    return {
        "rows": rows,
        "amount": _rounded(amount, details),
        "bound": details["bound"],
        "bound_season": _bound_season(details),
    }


def _bound_season(details: dict[str, Any]) -> str:
    """Return the season whose bound limits a price, in words; empty for the hotel's own bound."""
    if stored := details["bound_season"]:
        return _rendered(season_text(season_from_json(stored)))
    return str(details["bound_origin"]).removeprefix(" of ")  # of prices of the version before


def _rendered(part: Part) -> str:
    return part if isinstance(part, str) else part.render()
