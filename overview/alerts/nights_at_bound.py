"""Nights whose price in force is at a bound, and since when, of several hotels in two statements.

It is the rule of `overview.morning.prices_at_bound`, for any number of days.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import F, Max

from overview.morning.prices_at_bound import Bound, bound_of
from pricing_service.models import Mode, NightPrice, PriceDecision, PricingRules


class NightAtBound(NamedTuple):
    """A night whose price is at a bound since the last decision that changed it."""

    night: date
    bound: Bound
    since: datetime


def nights_at_bound(
    hotels: Collection[int], first: date, now: datetime
) -> dict[int, list[NightAtBound]]:
    """Return the nights from a first one on, by hotel, in order of time; those of hotels whose
    prices are off or tried are left out. Raises: django.db.Error."""
    live = PricingRules.objects.filter(hotel_id__in=hotels, try_as_of=None).exclude(mode=Mode.OFF)
    numbers = list(live.values_list("hotel_id", flat=True))
    rows = NightPrice.objects.filter(hotel_id__in=numbers, night__gte=first)
    rows = rows.defer("sentence_texts").order_by("night")
    bounds: dict[tuple[int, date], Bound] = {}
    for row in rows:
        bound = bound_of(row)
        if bound is not None:
            bounds[row.hotel_id, row.night] = bound
    if not bounds:
        return {}
    decisions = PriceDecision.objects.filter(
        hotel_id__in={hotel for hotel, _ in bounds}, night__gte=first, made_at__lte=now
    ).exclude(old_price=F("new_price"))
    changed = decisions.order_by().values_list("hotel_id", "night").annotate(Max("made_at"))
    since = {(hotel, night): made_at for hotel, night, made_at in changed}
    found: dict[int, list[NightAtBound]] = {}
    for (hotel, night), bound in bounds.items():
        if (hotel, night) in since:
            found.setdefault(hotel, []).append(NightAtBound(night, bound, since[hotel, night]))
    return found
