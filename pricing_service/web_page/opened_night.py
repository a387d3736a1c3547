"""The opened night of the pricing page: price, factors, booking curve, decisions."""

from datetime import date, timedelta
from typing import Any, Final

from pricing_service import price_listing
from pricing_service.engine.event_combination import combine_events
from pricing_service.engine.price_formula import FACTORS
from pricing_service.rules.pricing_rules import HotelPricingRules
from pricing_service.web_page.month_calendar import curve_distance
from pricing_service.web_page.page_address import night_address, page_address

CHART_KEYS: Final = (
    "curve", "forecast", "forecast_low", "forecast_high", "days_before", "rooms",
)  # fmt: skip


def night_content(
    hotel_rules: HotelPricingRules, night: date, tomorrow: date
) -> dict[str, Any] | None:
    """Return what the page shows of an opened night; None if it has no price."""
    hotel_id = hotel_rules.rules.hotel_id
    details = price_listing.night_details(hotel_id, night)
    if details is None:
        return None
    days_before = details["days_before"]
    point = next(point for point in details["curve"] if point["days_before"] == days_before)
    return {
        **details,
        **curve_distance(details),
        "is_past": night < tomorrow,
        "is_recommended": details["price"] == details["recommended"],
        "steps": _price_steps(hotel_rules, details),
        "last_year": point["last_year"],
        "chart": {name: details[name] for name in CHART_KEYS},
        "step": price_listing.format_amount(hotel_rules.rules.price_step),
        "before": night_address(hotel_id, night - timedelta(days=1)),
        "after": night_address(hotel_id, night + timedelta(days=1)),
        "close": page_address(hotel_id, night.replace(day=1)),
    }


def _price_steps(hotel_rules: HotelPricingRules, details: dict[str, Any]) -> dict[str, Any]:
    """Return the way from the base price to the recommended one, factor by factor."""
    night = details["night"]
    formula_rules = hotel_rules.formula_rules()
    _, counted = combine_events(formula_rules.occasions, night, formula_rules.event_combination)
    events = [event.name for event in counted]
    labels = {
        "month": f"{night:%B}",
        "weekday": f"{night:%A}",
        "event": f"Event: {', '.join(events)}" if events else "Event",
        "occupancy": "Occupancy against the curve",
        "lead time": f"Lead time, {details['days_before']} days",
    }
    amount, rows = float(details["base_price"]), []
    for name in FACTORS:
        factor = details["factors"][name]
        amount *= factor
        rows.append({"name": labels[name], "factor": factor, "amount": round(amount, 2)})
    lowest, highest = float(details["minimum_price"]), float(details["maximum_price"])
    bound = "minimum" if amount < lowest else "maximum" if amount > highest else ""
    if any(fixed.night == night for fixed in hotel_rules.fixed_prices):
        bound = "fixed"
    origin = formula_rules.night_bounds(night).origin(bound)
    return {"rows": rows, "amount": round(amount, 2), "bound": bound, "bound_origin": origin}
