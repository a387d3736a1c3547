"""The next 90 nights as a strip: occupancy, price and pace of each, weekends and marks.

The strip's drawing is a small picture of each night, whose parts are measured here.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from common.public_holidays import weekend_of
from dashboard_service.figures.occupancy_bands import band_limits, band_of, whole_percent
from overview.morning.hotel_morning import HotelMorning

USUAL_WEEKEND: Final = frozenset({5, 6})  # Saturday, Sunday
# Of the picture, in its own units.
BAR_HEIGHT: Final = 60  # of a night that is full
PACE_HEIGHT: Final = 14  # of a pace of PACE_SHARE or more, up or down
PACE_SHARE: Final = 0.3  # of the rooms
FIRST_NUMBER, LAST_NUMBER = 4, 28


def ninety_nights(morning: HotelMorning) -> dict[str, Any]:
    """Return the nights in order of time, and what the legend needs."""
    priced = [row for night, row in morning.price_rows.items() if night <= morning.last]
    amounts = [float(row["price"]) for row in priced if row["price"] is not None]
    lowest, highest = min(amounts, default=0.0), max(amounts, default=0.0)
    nights = [_night(morning, night, lowest, highest) for night in morning.nights]
    currencies = {row["currency"] for row in priced}
    return {
        "nights": nights,
        "bands": [
            {"level": level, "from": begin, "to": end}
            for level, (begin, end) in enumerate(band_limits(), 1)
        ],
        "has_rooms": any(row["occupancy"] is not None for row in nights),
        "has_prices": bool(amounts),
        "has_pace": any(row["pace"] is not None for row in nights),
        "lowest": f"{lowest:.3f}" if amounts else None,
        "highest": f"{highest:.3f}" if amounts else None,
        "currency": currencies.pop() if len(currencies) == 1 else "",
        "has_closed": any(row["is_closed"] for row in nights),
    }


def is_weekend_night(night: date, country: str) -> bool:
    """Return whether the day after a night is a free weekday, in the hotel's country."""
    weekend = weekend_of(country) if country else USUAL_WEEKEND
    return (night + timedelta(days=1)).weekday() in weekend


def _night(morning: HotelMorning, night: date, lowest: float, highest: float) -> dict[str, Any]:
    rooms, occupancy = morning.rooms_of(night), morning.occupancy(night)
    pace = morning.pace_difference(night)
    price = morning.price_rows.get(night, {})
    amount = price.get("price")
    is_closed = rooms == 0
    return {
        "night": night,
        "is_today": night == morning.hotel.today,
        "is_weekend": is_weekend_night(night, morning.hotel.country),
        "begins_month": night.day == 1 or night == morning.first,
        # Of Mondays, where a month's name leaves room.
        "has_number": night.weekday() == 0 and FIRST_NUMBER <= night.day <= LAST_NUMBER,
        "is_closed": is_closed,
        "on_the_books": morning.on_the_books(night),
        "rooms": rooms,
        "occupancy": occupancy,
        "level": "closed" if is_closed else "unknown" if occupancy is None else band_of(occupancy),
        "percent": None if occupancy is None else whole_percent(occupancy),
        "price": amount,
        "recommended": price.get("recommended"),
        "state": price.get("state", ""),
        "pace": pace,
        "side": "ahead" if (pace or 0) > 0 else "behind" if (pace or 0) < 0 else "even",
        "bar": round(BAR_HEIGHT * min(1.0, occupancy or 0.0), 1),
        "bar_top": round(BAR_HEIGHT * (1 - min(1.0, occupancy or 0.0)), 1),
        "price_top": _price_top(amount, lowest, highest),
        **_pace_bar(pace, rooms),
    }


def _price_top(amount: str | None, lowest: float, highest: float) -> float | None:
    """Return where the price's line is: the highest at the top, the lowest at the bottom."""
    if amount is None:
        return None
    share = (float(amount) - lowest) / (highest - lowest) if highest > lowest else 0.5
    return round((1 - share) * (BAR_HEIGHT - 4), 1)


def _pace_bar(pace: int | None, rooms: int | None) -> dict[str, float]:
    """Return top and height of the bar of a night's pace, below or above its middle line."""
    if not pace or not rooms:
        return {"pace_top": PACE_HEIGHT, "pace_bar": 0.0}
    height = round(PACE_HEIGHT * max(0.15, min(1.0, abs(pace) / rooms / PACE_SHARE)), 1)
    return {"pace_top": PACE_HEIGHT - height if pace > 0 else PACE_HEIGHT, "pace_bar": height}
