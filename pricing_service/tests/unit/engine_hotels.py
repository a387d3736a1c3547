"""Made-up hotels for tests of the engine: rules with round numbers, bookings of some nights."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np

from pricing_service.engine import History, HotelRules
from pricing_service.engine.belief import Belief, learn

AS_OF = date(2026, 6, 17)  # a Wednesday
SATURDAY = date(2026, 7, 4)
ROOMS = 12
Booked = tuple[date, date, int]  # night, day, room-nights


def hotel_rules(**changes: Any) -> HotelRules:
    """Return rules: base 100, bounds 60 and 250, step 1, nothing is tried."""
    fields: dict[str, Any] = {
        "base": 100, "minimum": 60, "maximum": 250, "rooms": ROOMS, "try_prices": False, **changes,
    }  # fmt: skip
    for name in {"base", "minimum", "maximum", "step"} & fields.keys():
        fields[name] = Decimal(fields[name])
    return HotelRules(**fields)


def booked(rows: Iterable[Booked]) -> History:
    """Return the history of single bookings, without cancellations and offers."""
    table = [(night.toordinal(), day.toordinal(), count) for night, day, count in rows]
    night, day, count = np.array(table, dtype=np.int64).reshape(-1, 3).T
    return History((night, day, count, np.zeros_like(count)))


def sold(books: int, night: date = SATURDAY) -> History:
    """Return a hotel whose only bookings are those of one night, of today."""
    return booked([(night, AS_OF, books)] if books else [])


@cache
def past_year() -> History:
    """Return a hotel with a year of nights, most sold, and some sold out; nothing of this week."""
    rng = np.random.default_rng(3)
    rows = []
    for ahead in range(-365, 120):
        night = AS_OF + timedelta(days=ahead)
        for lead in rng.exponential(20, size=rng.poisson(10)).astype(int):
            day = night - timedelta(days=int(lead))
            if day < AS_OF - timedelta(days=7):
                rows.append((night, day, 1))
    return booked(rows)


@cache
def past_year_belief() -> Belief:
    """Return what the engine learns from `past_year`, with the rules of `hotel_rules`."""
    return learn(hotel_rules(), past_year(), AS_OF)
