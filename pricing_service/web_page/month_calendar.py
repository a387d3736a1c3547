"""The pricing page's calendar: the nights of a month, its summary, and links to other months.

*Ahead* and *behind* is the distance of what is on the books from what is usual by now.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from common.currencies import format_amount, minor_unit
from common.value_limits import MAX_YEAR, MIN_YEAR
from pricing_service.market_rates.latest_rates import MarketNight
from pricing_service.texts.text_parts import WEEKDAYS_SHORT
from pricing_service.web_page.page_address import night_address, page_address

LINKED_MONTHS: Final = 13  # the coming 365 nights are in at most 13 calendar months
# Characters of an amount up to which its type is as large as usual, and somewhat smaller; the
# page's script counts the same.
USUAL_CHARACTERS: Final = 7
LONG_CHARACTERS: Final = 10
# Distances from the booking curve, as shares of the rooms, from which a night is shown in the
# second and the third colour.
LEVEL_2_SHARE: Final = 0.05
LEVEL_3_SHARE: Final = 0.15


def calendar_cells(
    hotel_id: int,
    first: date,
    last: date,
    rows: dict[date, dict[str, Any]],
    first_night: date,
    room_type: str | None = None,
    market: Mapping[date, MarketNight] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """Return one cell for each night first … last, with or without a price.

    Args:
        rows: nights as `price_listing.list_prices` returns them, by night.
        first_night: the first coming night, which is tonight until check-in closes.
        room_type: whose prices the rows have; None for the reference's.
        market: competitors' rates, of the nights of which there are any.
    """
    nights = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [
        _cell(night, rows.get(night), first_night)
        | {"address": night_address(hotel_id, night, room_type), "market": market.get(night)}
        for night in nights
    ]


def _cell(night: date, row: dict[str, Any] | None, first_night: date) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "night": night,
        "weekday": WEEKDAYS_SHORT[night.weekday()].render(),
        "is_past": night < first_night,
        "row": row,
    }
    if row is None:
        return cell
    rooms = row["rooms"]
    bar_percent = {
        name: round(min(100.0, 100 * max(0.0, row[key]) / rooms), 1) if rooms else 0.0
        for name, key in (
            ("books", "on_the_books"),
            ("expected", "expected_on_the_books"),
            ("forecast", "forecast"),
        )
    }
    return {
        **cell,
        "percent": None if row["occupancy"] is None else round(100 * row["occupancy"]),
        "bar": bar_percent,
        "size": amount_size(row["price"], row["recommended"]),
        "is_suggested": row["state"] == "suggested" and night >= first_night,
        **curve_distance(row),
    }


def amount_size(*amounts: str | None) -> str:
    """Return the class of cells whose longest amount is long (98,765,432), longer, or neither."""
    texts = (f"{Decimal(amount):,}".removesuffix(".00") for amount in amounts if amount)
    length = max(map(len, texts), default=0)
    return "longer" if length > LONG_CHARACTERS else "long" if length > USUAL_CHARACTERS else ""


def curve_distance(row: dict[str, Any]) -> dict[str, Any]:
    """Return how far a night is off its booking curve: room-nights, side, and level 0 to 3."""
    gap = round(row["on_the_books"] - row["expected_on_the_books"])
    share = abs(gap) / row["rooms"] if row["rooms"] else 0.0
    level = 3 if share >= LEVEL_3_SHARE else 2 if share >= LEVEL_2_SHARE else 1
    side = "ahead" if gap > 0 else "behind" if gap < 0 else "even"
    return {"gap": gap, "side": side, "level": level if gap else 0}


def month_links(
    hotel_id: int,
    first_night: date,
    shown_month: date,
    coming: list[dict[str, Any]],
    room_type: str | None = None,
) -> dict[str, Any]:
    """Return links to the coming months, and to those before and after the shown one.

    Each link has the number of the month's suggestions.

    Args:
        coming: all coming nights as `price_listing.list_prices` returns them.
        room_type: whose prices the calendar shows; None for the reference's.
    """
    suggestions = Counter(row["night"].replace(day=1) for row in _suggested(coming))
    months = (_add_months(first_night.replace(day=1), count) for count in range(LINKED_MONTHS))

    def link(month: date | None) -> dict[str, Any] | None:
        if month is None:
            return None
        return {
            "first": month,
            "address": page_address(hotel_id, month, room_type=room_type),
            "suggested": suggestions[month],
            "is_shown": month == shown_month,
        }

    return {
        "all": [link(month) for month in months if month],
        "before": link(_add_months(shown_month, -1)),
        "after": link(_add_months(shown_month, 1)),
    }


def month_summary(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the totals of a month's coming nights; None if there are none.

    Closed nights are counted, and are in no other total.
    """
    if not rows:
        return None
    closed = [row for row in rows if row["state"] == "closed"]
    nights = len(rows)
    rows = [row for row in rows if row["state"] != "closed"]
    if not rows:
        return {"nights": nights, "closed": nights, "suggested": []}
    rooms = sum(row["rooms"] for row in rows)

    def share_of_rooms(name: str) -> float | None:
        return sum(row[name] for row in rows) / rooms if rooms else None

    totals = {name: sum(row[name] for row in rows) for name in ("rooms", "on_the_books")}
    expected = sum(row["expected_on_the_books"] for row in rows)
    return {
        **curve_distance({**totals, "expected_on_the_books": expected}),
        **totals,
        "nights": nights,
        "closed": len(closed),
        "price": _mean_amount(rows, "price"),
        "recommended": _mean_amount(rows, "recommended"),
        "currency": rows[0]["currency"],
        "size": max(amount_size(row["price"], row["recommended"]) for row in rows),
        "occupancy": share_of_rooms("on_the_books"),
        "forecast": round(sum(row["forecast"] for row in rows)),
        "forecast_occupancy": share_of_rooms("forecast"),
        # What "accept all" sends: the prices that the person sees.
        "suggested": [
            {"night": row["night"].isoformat(), "recommended": row["recommended"]}
            for row in _suggested(rows)
        ],
        "held": sum(row["state"] == "held" for row in rows),
    }


def _mean_amount(rows: list[dict[str, Any]], name: str) -> str:
    """Return the mean of the nights' amounts as text with the decimals of their currency."""
    mean = sum((Decimal(row[name]) for row in rows), Decimal(0)) / len(rows)
    return format_amount(mean.quantize(minor_unit(rows[0]["currency"])), rows[0]["currency"])


def _suggested(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["state"] == "suggested"]


def _add_months(month: date, count: int) -> date | None:
    """Return the month `count` later; None outside the years that an address may name."""
    year, index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(year, index + 1, 1) if MIN_YEAR <= year <= MAX_YEAR else None
