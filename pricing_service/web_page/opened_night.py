"""The opened night of the pricing page: price, factors, booking curve, decisions."""

from datetime import date, timedelta
from typing import Any, Final

from common.currencies import currency_decimals
from pricing_service import price_listing
from pricing_service.room_types.room_type_listing import room_types_of_night
from pricing_service.rules.pricing_rules import HotelPricingRules
from pricing_service.web_page.month_calendar import curve_distance
from pricing_service.web_page.page_address import night_address, page_address
from pricing_service.web_page.revenue_chart import revenue_chart

CHART_KEYS: Final = (
    "curve", "forecast", "forecast_low", "forecast_high", "days_before", "rooms",
)  # fmt: skip


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
    days_before = details["days_before"]
    point = next(point for point in details["curve"] if point["days_before"] == days_before)
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
        "decisions": [{**row, "steps": _made_from_text(row)} for row in details["decisions"]],
        "last_year": point["last_year"],
        "chart": {name: details[name] for name in CHART_KEYS},
        "step": details["price_step"],
        "before": night_address(hotel_id, night - timedelta(days=1), room_type),
        "after": night_address(hotel_id, night + timedelta(days=1), room_type),
        "close": page_address(hotel_id, night.replace(day=1), room_type=room_type),
    }


def _made_from_text(decision: dict[str, Any]) -> str:
    """Return what the recommended price at a decision was made from, in one line; "" if unknown."""
    made_from = decision["made_from"]
    if not made_from:
        return ""
    factors = "".join(
        f" × {name} {factor:.2f}" for name, factor in made_from["factors"].items() if factor != 1
    )
    return (
        f"Recommended {decision['recommended']} {decision['currency']}: base "
        f"{made_from['base_price']}{factors}, between {made_from['minimum_price']} and "
        f"{made_from['maximum_price']}; "
        f"{decision['on_the_books']} of {made_from['rooms']} rooms booked "
        f"{made_from['days_before']} days before, forecast {made_from['forecast']:.0f}."
    )


def _rounded(amount: float, details: dict[str, Any]) -> str:
    """Return an amount as text with the decimals of the night's currency."""
    return f"{amount:.{currency_decimals(details['currency'])}f}"


def _price_steps(details: dict[str, Any]) -> dict[str, Any]:
    """Return the way from the base price to the recommended one, factor by factor.

    All of it as it was when the price was made.
    """
    night, events = details["night"], details["events"]
    labels = {
        "month": f"{night:%B}",
        "weekday": f"{night:%A}",
        "event": f"Event: {events}" if events else "Event",
        "lead time": f"Lead time, {details['days_before']} days",
        "demand": "Demand and rooms left",
        "trial": "Tried, to learn how guests respond",
        # Of prices that a version before made.
        "occupancy": "Occupancy against the curve",
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
        "bound_origin": details["bound_origin"],
    }
