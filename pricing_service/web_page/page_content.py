"""What the pricing page shows of a hotel: a month of nights, one of them opened, the settings.

Every number is one that `GET /prices/` and `GET /prices/night/` give too. *Ahead* and *behind* is
the distance of what is on the books from the booking curve that leads to the target occupancy.
"""

from calendar import monthrange
from collections import Counter
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.utils import timezone

from common.access_rights import Access
from common.value_limits import MAX_YEAR, MIN_YEAR
from dashboard_service import figures_for_pricing
from dashboard_service.figures_for_pricing import LISTED_HOTELS
from pricing_service import price_listing
from pricing_service.demand.demand_outlook import day_of
from pricing_service.engine.price_formula import FACTORS
from pricing_service.models import Mode, PriceDecision, PricingProfile, PricingState
from pricing_service.rules.pricing_rules import Told, told

__all__ = ["LISTED_HOTELS", "content", "first_hotel", "hotels", "state"]

SHOWN_MONTHS: Final = 13  # so many begin in the coming 365 nights
MODES: Final = {
    Mode.OFF: "Nobody: prices are off",
    Mode.SUGGEST: "A person accepts prices",
    Mode.AUTOMATIC: "Automatic, within limits",
}
# From which share of the rooms a night counts as more, and as much, off its curve.
MORE, MUCH = 0.05, 0.15


def hotels(hotel_id: int | None, access: Access) -> list[tuple[int, str]]:
    """The hotels to choose from, the shown one among them."""
    listed = figures_for_pricing.hotels(access.hotels)
    if hotel_id is not None and hotel_id not in dict(listed):
        listed.append((hotel_id, figures_for_pricing.names([hotel_id])[hotel_id]))
    return listed


def first_hotel(access: Access) -> int | None:
    """The hotel to show when nobody chose one: one with prices before one with figures."""
    priced = PricingProfile.objects.order_by("hotel_id").values_list("hotel_id", flat=True)
    priced = priced if access.hotels is None else priced.filter(hotel_id__in=access.hotels)
    first = priced.first()
    if first is not None:
        return first
    return next((number for number, _ in figures_for_pricing.hotels(access.hotels)), None)


def state(hotel_id: int | None, access: Access) -> tuple[Any, ...]:
    """What the page depends on beside its address; cheap to ask again and again."""
    listed = figures_for_pricing.hotels(access.hotels)
    if hotel_id is None:
        return (listed,)
    return (
        listed,
        f"{timezone.now():%Y-%m-%d %H}",
        figures_for_pricing.hotel(hotel_id),
        PricingState.objects.filter(pk=hotel_id).values_list().first(),
        PricingProfile.objects.filter(pk=hotel_id).values_list("updated_at").first(),
        PriceDecision.objects.filter(hotel_id=hotel_id).values_list("id").first(),
    )


def content(hotel_id: int, month: date | None, night: date | None) -> dict[str, Any]:
    """Everything on the page of a hotel.

    Args:
        month: its first day; without it, the month of the night, or of the first coming one.
        night: the one that is opened.
    """
    hotel = figures_for_pricing.hotel(hotel_id)
    known = told(hotel_id)
    as_of = day_of(hotel)
    tomorrow = as_of + timedelta(days=1)
    first = month or (night or tomorrow).replace(day=1)
    found: dict[str, Any] = {
        "hotel": hotel,
        "as_of": as_of,
        "is_history": as_of < hotel.today,
        "first": first,
        "told": known,
        "address": _address(hotel_id, first),
    }
    if known is None:
        return found
    last = first.replace(day=monthrange(first.year, first.month)[1])
    coming = price_listing.span(hotel_id, tomorrow)
    rows = {row["night"]: row for row in price_listing.span(hotel_id, first, last)}
    return {
        **found,
        "is_off": known.profile.mode == Mode.OFF,
        "modes": MODES.items(),
        "priced": (coming[0]["night"], coming[-1]["night"]) if coming else None,
        "blanks": first.weekday(),
        "cells": [
            _cell(hotel_id, first.replace(day=number), rows, tomorrow)
            for number in range(1, last.day + 1)
        ],
        "summary": _summary([row for row in rows.values() if row["night"] >= tomorrow]),
        "months": _months(hotel_id, tomorrow, first, coming),
        "rows_address": urlencode({"hotel_id": hotel_id, "from": first, "to": last}),
        "opened": night,
        "night": _night(known, night, tomorrow) if night else None,
        **_year_and_week(known.profile),
    }


def _year_and_week(profile: PricingProfile) -> dict[str, Any]:
    """What the settings list by month and by weekday; targets in per cent, as people type them."""
    targets = [round(100 * share, 1) for share in profile.target_occupancy]
    months = [f"{date(2024, number, 1):%B}" for number in range(1, 13)]
    weekdays = [f"{date(2024, 1, number):%A}" for number in range(1, 8)]  # 2024 began on a Monday
    return {
        "year": list(zip(months, profile.month_factors, targets, strict=True)),
        "week": list(zip(weekdays, profile.weekday_factors, strict=True)),
    }


def _address(hotel_id: int, month: date, night: date | None = None) -> str:
    """The query string that shows this month, and this night opened."""
    given = {"hotel_id": str(hotel_id), "month": f"{month:%Y-%m}"}
    return "?" + urlencode(given | ({"night": night.isoformat()} if night else {}))


def _shifted(month: date, by: int) -> date | None:
    """The month so many later; None outside the years that an address may name."""
    year, index = divmod(month.year * 12 + month.month - 1 + by, 12)
    return date(year, index + 1, 1) if MIN_YEAR <= year <= MAX_YEAR else None


def _months(
    hotel_id: int, tomorrow: date, shown: date, coming: list[dict[str, Any]]
) -> dict[str, Any]:
    """The months to go to, each with its number of suggestions."""
    waiting = Counter(row["night"].replace(day=1) for row in _suggested(coming))
    months = (_shifted(tomorrow.replace(day=1), by) for by in range(SHOWN_MONTHS))

    def link(month: date | None) -> dict[str, Any] | None:
        if month is None:
            return None
        return {
            "first": month,
            "address": _address(hotel_id, month),
            "suggested": waiting[month],
            "is_shown": month == shown,
        }

    return {
        "all": [link(month) for month in months if month],
        "before": link(_shifted(shown, -1)),
        "after": link(_shifted(shown, 1)),
    }


def _suggested(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["state"] == "suggested"]


def _cell(
    hotel_id: int, night: date, rows: dict[date, dict[str, Any]], tomorrow: date
) -> dict[str, Any]:
    """A night of the calendar, with or without a price."""
    row = rows.get(night)
    found: dict[str, Any] = {"night": night, "is_past": night < tomorrow, "row": row}
    if row is None:
        return found
    rooms = row["rooms"]
    share = {
        name: round(min(100.0, 100 * max(0.0, row[key]) / rooms), 1) if rooms else 0.0
        for name, key in (
            ("books", "on_the_books"),
            ("expected", "expected_on_the_books"),
            ("forecast", "forecast"),
        )
    }
    return {
        **found,
        "address": _address(hotel_id, night.replace(day=1), night),
        "percent": None if row["occupancy"] is None else round(100 * row["occupancy"]),
        "bar": share,
        "is_suggested": row["state"] == "suggested" and night >= tomorrow,
        **_against_curve(row),
    }


def _against_curve(row: dict[str, Any]) -> dict[str, Any]:
    """How far a night is ahead of or behind its booking curve, in room-nights and in levels."""
    gap = round(row["on_the_books"] - row["expected_on_the_books"])
    share = abs(gap) / row["rooms"] if row["rooms"] else 0.0
    level = 3 if share >= MUCH else 2 if share >= MORE else 1
    side = "ahead" if gap > 0 else "behind" if gap < 0 else "even"
    return {"gap": gap, "side": side, "level": level if gap else 0}


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The coming nights of the shown month as one; None where there are none."""
    if not rows:
        return None
    rooms = sum(row["rooms"] for row in rows)

    def share(name: str) -> float | None:
        return sum(row[name] for row in rows) / rooms if rooms else None

    total = {name: sum(row[name] for row in rows) for name in ("rooms", "on_the_books")}
    expected = sum(row["expected_on_the_books"] for row in rows)
    return {
        **_against_curve({**total, "expected_on_the_books": expected}),
        **total,
        "nights": len(rows),
        "price": sum(float(row["price"]) for row in rows) / len(rows),
        "recommended": sum(float(row["recommended"]) for row in rows) / len(rows),
        "occupancy": share("on_the_books"),
        "forecast": round(sum(row["forecast"] for row in rows)),
        "forecast_occupancy": share("forecast"),
        "suggested": [row["night"].isoformat() for row in _suggested(rows)],
        "held": sum(row["state"] == "held" for row in rows),
    }


def _night(known: Told, night: date, tomorrow: date) -> dict[str, Any] | None:
    """The opened night; None where it has no price."""
    found = price_listing.night(known.profile.hotel_id, night)
    if found is None:
        return None
    now = next(one for one in found["curve"] if one["days_before"] == found["days_before"])
    names = ("curve", "forecast", "forecast_low", "forecast_high", "days_before", "rooms")
    hotel_id, month = known.profile.hotel_id, night.replace(day=1)
    before, after = (night + timedelta(days=step) for step in (-1, 1))
    return {
        **found,
        **_against_curve(found),
        "is_past": night < tomorrow,
        "is_recommended": found["price"] == found["recommended"],
        "steps": _steps(known, found),
        "last_year": now["last_year"],
        "chart": {name: found[name] for name in names},
        "step": price_listing.two_decimals(known.profile.price_step),
        "before": _address(hotel_id, before.replace(day=1), before),
        "after": _address(hotel_id, after.replace(day=1), after),
        "close": _address(hotel_id, month),
    }


def _steps(known: Told, found: dict[str, Any]) -> dict[str, Any]:
    """From the base price to the recommended one, factor by factor."""
    night = found["night"]
    events = [one.name for one in known.events if one.first <= night <= one.last]
    names = {
        "month": f"{night:%B}",
        "weekday": f"{night:%A}",
        "event": f"Event: {', '.join(events)}" if events else "Event",
        "occupancy": "Occupancy against the curve",
        "lead time": f"Lead time, {found['days_before']} days",
    }
    amount, rows = float(found["base_price"]), []
    for name in FACTORS:
        factor = found["factors"][name]
        amount *= factor
        rows.append({"name": names[name], "factor": factor, "amount": round(amount, 2)})
    is_fixed = any(one.night == night for one in known.fixed_prices)
    lowest, highest = float(found["minimum_price"]), float(found["maximum_price"])
    bound = "minimum" if amount < lowest else "maximum" if amount > highest else ""
    return {"rows": rows, "amount": round(amount, 2), "bound": "fixed" if is_fixed else bound}
