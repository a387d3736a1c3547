"""What competitors ask now for some nights, and where our price stands among them.

What counts now is the newest sighting of each competitor, night and room type. One that is older
than STALE_AFTER is shown as stale and not counted; so is none in another currency than our price.
Each competitor counts once a night, with its lowest rate: beside the prices of the house the lowest
of all its room types, beside those of another room type of ours the lowest of the types of the same
name. One whose rooms are all sold out has no rate. Our place is counted from the cheapest: one more
than the competitors that are cheaper.

One query, whatever the number of nights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import ngettext

from common.currencies import format_amount, minor_unit
from pricing_service.engine.room_type_prices import name_key
from pricing_service.market_rates.rate_models import CompetitorRate

STALE_AFTER: Final = timedelta(days=7)
MOST_LISTED: Final = 100  # sightings on a night's sheet

# The times come from the unique index alone, in its order, and only their rows are read: a window
# over all rows takes six times as long where each night was seen on 90 days.
SQL_NEWEST: Final = """
    SELECT rate.* FROM (
        SELECT night, competitor, room_type, max(seen_at) AS seen_at
        FROM pricing_service_competitorrate
        WHERE hotel_id = %s AND night BETWEEN %s AND %s
        GROUP BY night, competitor, room_type
    ) AS newest
    JOIN pricing_service_competitorrate AS rate ON rate.hotel_id = %s
        AND rate.night = newest.night AND rate.competitor = newest.competitor
        AND rate.room_type = newest.room_type AND rate.seen_at = newest.seen_at
"""


@dataclass(frozen=True)
class Sighting:
    """The newest sighting of a competitor, night and room type."""

    competitor: str
    room_type: str
    rate: str | None  # None: sold out
    amount: Decimal | None
    currency: str
    seen_at: datetime
    age: str  # in words: "3 hours"
    is_stale: bool


@dataclass(frozen=True)
class MarketNight:
    """A night's market: what is compared with our price, and all that was seen."""

    median: str | None = None  # in the currency of our price; None where nothing compares
    place: int | None = None  # of our price, 1 is the cheapest; None without a price of ours
    competitors: int = 0  # that are compared
    hotels: int = 0  # the same with ours
    sold_out: int = 0  # competitors
    other_currencies: int = 0  # competitors with rates in other currencies only
    sightings: list[Sighting] = field(default_factory=list)

    @property
    def listed(self) -> list[Sighting]:
        """The sightings that a sheet shows."""
        return self.sightings[:MOST_LISTED]

    @property
    def unlisted(self) -> int:
        return max(len(self.sightings) - MOST_LISTED, 0)


def market_of_nights(
    hotel_id: int,
    first: date,
    last: date,
    rows: Mapping[date, Mapping[str, Any]],
    *,
    currency: str,
    opened: date | None = None,
    room_type: str | None = None,
) -> dict[date, MarketNight]:
    """Return the market of the nights of which something was seen.

    Args:
        first, last: nights, both included.
        rows: our prices by night, as `price_listing.list_prices` returns them.
        currency: of nights without a price of ours.
        opened: a further night.
        room_type: of ours whose prices the rows have; None for those of the house.
    Raises: django.db.Error.
    """
    now = timezone.now()
    by_night: dict[date, list[Sighting]] = {}
    for row in _newest(hotel_id, first, last, opened):
        by_night.setdefault(row.night, []).append(
            Sighting(
                row.competitor,
                row.room_type,
                None if row.rate is None else format_amount(row.rate, row.currency),
                row.rate,
                row.currency,
                row.seen_at,
                _age(now - row.seen_at),
                now - row.seen_at > STALE_AFTER,
            )
        )
    markets = {}
    for night, sightings in by_night.items():
        ours = rows.get(night, {})
        markets[night] = compare(
            sightings, ours.get("price"), ours.get("currency") or currency, room_type
        )
    return markets


def newest_sighting(hotel_id: int) -> int | None:
    """Return a number that changes whenever something of a hotel's market is recorded."""
    rates = CompetitorRate.objects.filter(hotel_id=hotel_id).order_by("-id")
    return rates.values_list("id", flat=True).first()


def compare(
    sightings: list[Sighting], price: str | None, currency: str, room_type: str | None = None
) -> MarketNight:
    """Return a night's market from its newest sightings.

    Args:
        price: ours; None where there is none, as on a closed night.
        currency: of our price.
        room_type: as of `market_of_nights`.
    """
    wanted = None if room_type is None else name_key(room_type)
    fresh: dict[str, list[Sighting]] = {}
    for one in sightings:
        if not one.is_stale and (wanted is None or name_key(one.room_type) == wanted):
            fresh.setdefault(one.competitor, []).append(one)
    lowest: list[Decimal] = []
    sold_out = others = 0
    for seen in fresh.values():
        amounts = [one.amount for one in seen if one.amount is not None]
        compared = [
            one.amount for one in seen if one.amount is not None and one.currency == currency
        ]
        if compared:
            lowest.append(min(compared))
        elif amounts:
            others += 1
        else:
            sold_out += 1
    ours = None if price is None else Decimal(price)
    middle = median(lowest).quantize(minor_unit(currency)) if lowest else None
    return MarketNight(
        median=None if middle is None else format_amount(middle, currency),
        place=1 + sum(rate < ours for rate in lowest) if lowest and ours is not None else None,
        competitors=len(lowest),
        hotels=len(lowest) + (ours is not None) if lowest else 0,
        sold_out=sold_out,
        other_currencies=others,
        sightings=sightings,
    )


def _age(age: timedelta) -> str:
    """Return how long ago something was, in the largest whole unit: minutes, hours or days."""
    if age >= timedelta(days=1):
        return ngettext("%(count)d day", "%(count)d days", age.days) % {"count": age.days}
    hours, minutes = divmod(max(int(age.total_seconds()), 0) // 60, 60)
    if hours:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _newest(hotel_id: int, first: date, last: date, opened: date | None) -> list[CompetitorRate]:
    """Return the newest sightings of the nights, in order of night, competitor and room type."""
    spans = [(first, last)]
    if opened is not None and not first <= opened <= last:
        spans.append((opened, opened))
    statement = " UNION ALL ".join([SQL_NEWEST] * len(spans))
    values = [value for span in spans for value in (hotel_id, *span, hotel_id)]
    rows = CompetitorRate.objects.raw(statement, values)
    return sorted(rows, key=lambda row: (row.night, row.competitor, row.room_type))
