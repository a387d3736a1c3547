"""What the engine is told of a hotel's past: bookings, cancellations, and the prices in force.

Bookings come from the dashboard's figures. Prices come from the record of decisions: a price stays
in force from its decision until the next one, and what was in force at the end of each of the
hotel's own days is what guests were offered on that day. From before a night's first decision
nobody knows a price; neither while the night was closed, nor while its price was in another
currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

import numpy as np
from django.db import connections, router

from dashboard_service import figures_for_pricing
from dashboard_service.figures_for_pricing import Hotel
from pricing_service.demand.bookings import Bookings, Floats, Ints
from pricing_service.engine.belief import AHEAD, last_cut_off
from pricing_service.engine.observations import PAST_NIGHTS
from pricing_service.models import Action, PriceDecision

# Decisions that leave a closed night's price as unseen as it is.
UNSEEN: Final = (Action.CLOSE, Action.RELEASE, Action.UNDO)

SQL_DECISIONS = """
    SELECT {night}, {second}, {price}, action, currency
    FROM pricing_service_pricedecision
    WHERE hotel_id = %s AND night BETWEEN %s AND %s
    ORDER BY night, id"""
SQL_COLUMNS: Final = {
    "sqlite": {
        "night": "CAST(julianday(night) - 1721424.5 AS int)",
        "second": "CAST(strftime('%%s', made_at) AS int)",
        "price": "CAST(new_price AS real)",
    },
    "postgresql": {
        "night": "(night - date '0001-01-01') + 1",
        "second": "CAST(floor(extract(epoch FROM made_at)) AS bigint)",
        "price": "CAST(new_price AS double precision)",
    },
}

BookingRows = tuple[Ints, Ints, Ints, Ints]  # night, day, booked, cancelled
OfferRows = tuple[Ints, Ints, Floats]  # night, day, price


def load_booking_rows(hotel_id: int, today: date, as_of: date) -> BookingRows:
    """Return every booking and cancellation of a hotel, those of the future as made on a day.

    Events dated in the future (local times without offset, a wrong year) are on the books at once.

    Args:
        today: in the hotel's time zone; what is dated later is in the future.
        as_of: the day on which events in the future count.
    Raises: django.db.Error.
    """
    rows = figures_for_pricing.booked_and_cancelled(hotel_id)
    nights, days, booked, cancelled = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    days = np.where(days > today.toordinal(), as_of.toordinal(), days)
    return nights, days, booked, cancelled


def net_bookings(rows: BookingRows) -> Bookings:
    """Return the net room-nights of booking rows."""
    nights, days, booked, cancelled = rows
    return Bookings(nights, days, booked - cancelled)


def load_offers(hotel: Hotel, as_of: date, currency: str) -> OfferRows:
    """Return night, day and price in force at that day's end, for all days up to as_of.

    Args:
        currency: of the hotel's prices.
    Raises: django.db.Error.
    """
    # From the cut-off, so that what is learned from them stays the same for a week.
    first = date.fromordinal(last_cut_off(as_of) - PAST_NIGHTS)
    last = as_of + timedelta(days=AHEAD)
    rows = _load_decisions(hotel.hotel_id, first, last)
    if not rows:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    night_column, second_column, price_column, actions, currencies = zip(*rows, strict=True)
    night, second = np.array(night_column, np.int64), np.array(second_column, np.int64)
    price = np.array(price_column, np.float64)
    is_foreign = [bool(code) and code != currency for code in currencies]
    price[np.array(is_foreign)] = np.nan
    price[_while_closed(night_column, actions)] = np.nan
    day = _local_days(second, hotel.local_time.tzinfo or UTC)
    return _filled(night, day, price, as_of.toordinal())


def _load_decisions(
    hotel_id: int, first: date, last: date
) -> list[tuple[int, int, float, str, str]]:
    """Return night, second (of the epoch), new price, action and currency, in order of time."""
    connection = connections[router.db_for_read(PriceDecision)]
    sql = SQL_DECISIONS.format(**SQL_COLUMNS[connection.vendor])
    with connection.cursor() as cursor:
        cursor.execute(sql, [hotel_id, first, last])
        return list(cursor.fetchall())


def _while_closed(nights: Sequence[int], actions: Sequence[str]) -> list[int]:
    """Return which decisions, in order of night and time, leave a night closed."""
    closed, indexes = -1, []
    for index, (night, action) in enumerate(zip(nights, actions, strict=True)):
        if action == Action.CLOSE:
            closed = night
        elif action not in UNSEEN:
            closed = -1
        if closed == night:
            indexes.append(index)
    return indexes


def _local_days(seconds: Ints, zone: tzinfo) -> Ints:
    """Return the days, as ordinals in a time zone, of seconds of the epoch."""
    first = datetime.fromtimestamp(int(seconds.min()), zone).date()
    last = datetime.fromtimestamp(int(seconds.max()), zone).date()
    days = np.arange(first.toordinal(), last.toordinal() + 1)
    midnights = [
        datetime.combine(date.fromordinal(int(day)), time.min, zone).timestamp() for day in days
    ]
    local: Ints = days[np.searchsorted(np.array(midnights), seconds, side="right") - 1]
    return local


def _filled(night: Ints, day: Ints, price: Floats, as_of: int) -> OfferRows:
    """Return the price of each night at each day's end, from its first decision to the night."""
    is_last = np.ones(len(night), bool)  # of its night on its day
    is_last[:-1] = (night[1:] != night[:-1]) | (day[1:] != day[:-1])
    night, day, price = night[is_last], day[is_last], price[is_last]
    end = np.minimum(night, as_of)
    is_followed = night[1:] == night[:-1]
    end[:-1] = np.where(is_followed, np.minimum(end[:-1], day[1:] - 1), end[:-1])
    days = np.where(np.isnan(price), 0, np.maximum(end - day + 1, 0))
    started = np.cumsum(days) - days
    offer_day = np.repeat(day - started, days) + np.arange(days.sum())
    return np.repeat(night, days), offer_day, np.repeat(price, days)
