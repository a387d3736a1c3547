"""Forecasts of months that this process made lately, kept while what they are made of stays.

A forecast learns from every past night, which takes some tenths of a second; most pages that show
it are looked at again and again. How much of tonight is left changes with the minute, so a forecast
is kept for a quarter of an hour at most.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import date
from typing import Any, Final

from dashboard_service import figures_for_pricing
from pricing_service.month_forecast.month_forecast import MonthForecast, forecast_months
from pricing_service.prices_of_many_hotels import price_states

MOST_FORECASTS: Final = 200  # of some kilobytes each
MINUTES: Final = 15

_lock = threading.Lock()
_forecasts: OrderedDict[tuple[Any, ...], list[MonthForecast]] = OrderedDict()


def recent_forecast_months(
    hotel_id: int, first: date | None = None, last: date | None = None
) -> list[MonthForecast]:
    """Return what `forecast_months` returns, or returned a short while ago.

    Raises: django.db.Error.
    """
    # Before the forecast is made, so that it is never older than what it is kept under.
    key = (hotel_id, first, last, *_parts(hotel_id))
    with _lock:
        if key in _forecasts:
            _forecasts.move_to_end(key)
            return _forecasts[key]
    months = forecast_months(hotel_id, first, last)
    with _lock:
        _forecasts[key] = months
        while len(_forecasts) > MOST_FORECASTS:
            _forecasts.popitem(last=False)
    return months


def _parts(hotel_id: int) -> tuple[Any, ...]:
    """Return all that a hotel's forecast depends on."""
    hotel = figures_for_pricing.hotel(hotel_id)
    now = hotel.local_time
    quarter = now.replace(minute=now.minute // MINUTES * MINUTES, second=0, microsecond=0)
    return (
        hotel._replace(local_time=quarter),
        figures_for_pricing.changed([hotel_id]).get(hotel_id),
        figures_for_pricing.is_being_recounted(hotel_id),
        price_states([hotel_id])[hotel_id].parts,
    )
