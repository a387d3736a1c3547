"""What a month's further room-nights are expected to be worth.

A room-night still to come is worth the night's price in force where prices come into force by
themselves, so that guests pay them; else, and where there is no price, the average rate of the
month's room-nights on the books, mixed with that of the same month last year while these are few.
What is expected to be cancelled takes away the average rate on the books.

Pure computation: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pricing_service.month_forecast.total_interval import TotalForecast

LAST_YEAR_ROOM_NIGHTS: Final = 30  # that last year's average rate counts as


@dataclass(frozen=True)
class Rates:
    """Average rates in thousandths of the currency's unit; None where nothing has a rate."""

    on_the_books: float | None
    usual: float | None  # mixed with last year's


@dataclass(frozen=True)
class NightToCome:
    """A coming night: what is expected beyond its books, how sure that is, and its price."""

    further: float  # room-nights; negative where cancellations are expected
    width: float  # of the night's own interval, in room-nights
    price: float | None  # thousandths; None where guests do not pay it or there is none


def usual_rates(
    revenue: int, with_rate: int, last_year_revenue: int, last_year_with_rate: int
) -> Rates:
    """Return the rates of a month from its sums and those of the same month last year."""
    own = revenue / with_rate if with_rate > 0 else None
    before = last_year_revenue / last_year_with_rate if last_year_with_rate > 0 else None
    if own is None or before is None:
        return Rates(own, own if before is None else before)
    share = with_rate / (with_rate + LAST_YEAR_ROOM_NIGHTS)
    return Rates(own, share * own + (1 - share) * before)


def forecast_revenue(
    on_the_books: int, nights: Sequence[NightToCome], total: TotalForecast, rates: Rates
) -> TotalForecast | None:
    """Return a month's revenue in thousandths; None where nobody knows what a room-night is worth.

    The interval is that of the room-nights: what they are worth is taken to be known.

    Args:
        on_the_books: revenue on the books, of nights gone and coming.
        total: the forecast of the month's room-nights.
    """
    expected = float(on_the_books)
    worth = width = 0.0
    for night in nights:
        rate = night.price if night.price is not None else rates.usual
        lost = rates.on_the_books if rates.on_the_books is not None else rate
        if rate is None or lost is None:
            return None
        expected += night.further * (rate if night.further > 0 else lost)
        worth += night.width * rate
        width += night.width
    rate_of_doubt = worth / width if width else 0.0
    return TotalForecast(
        expected,
        expected - (total.expected - total.low) * rate_of_doubt,
        expected + (total.high - total.expected) * rate_of_doubt,
    )
