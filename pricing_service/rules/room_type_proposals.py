"""Proposals for room types, from what a hotel sold by type in the last year.

The type with the most room-nights is proposed as the reference. Rates are compared night by night,
so that a type that sells in summer only is not taken for a dear one. The number of rooms is what
was sold on the fullest nights: a lower bound, which a person corrects.

`propose_room_types` is pure; `room_types_from_history` reads what it needs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from dashboard_service import figures_for_pricing
from dashboard_service.figures_for_pricing import SoldByRoomType
from pricing_service.demand.bookings import YEAR
from pricing_service.engine.room_type_prices import HIGHEST_PERCENT, LOWEST_PERCENT, name_key
from pricing_service.rules.pricing_rules import load_rules
from pricing_service.rules.room_type_rules import reference_of
from pricing_service.rules.rule_proposals import FULL_HOUSE_QUANTILE, MIN_NIGHTS_FOR_ROOMS

MAX_PROPOSED: Final = 20
MIN_ROOM_NIGHTS: Final = 20  # of a type, below which it may be a misspelling, and a mean is chance


@dataclass
class _Type:
    spellings: Counter[str] = field(default_factory=Counter)
    room_nights: Counter[date] = field(default_factory=Counter)
    with_rate: Counter[date] = field(default_factory=Counter)
    revenue: Counter[date] = field(default_factory=Counter)


def room_types_from_history(hotel_id: int, as_of: date) -> list[dict[str, Any]]:
    """Return proposed room types from the nights of the year up to as_of, as REST shows them.

    None for a hotel whose events say no room types. Raises: django.db.Error.
    """
    first = as_of - timedelta(days=YEAR - 1)
    sold = figures_for_pricing.sold_by_room_type(hotel_id, first, as_of) or []
    hotel_rules = load_rules(hotel_id)
    known = hotel_rules.room_types if hotel_rules else []
    reference = reference_of(known)
    return propose_room_types(
        sold, reference.name if reference else None, [room_type.name for room_type in known]
    )


def propose_room_types(
    sold: Iterable[SoldByRoomType], reference: str | None = None, known: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Return proposed room types, those with the most room-nights first.

    Args:
        sold: past nights; of all types, those without a name too.
        reference: the hotel's reference type; None: it has no room types, and one is proposed.
        known: names of the types that the hotel has, which are not proposed again.
    """
    sold = list(sold)
    nights = sorted({row.night for row in sold if row.room_nights > 0})
    if not nights or (nights[-1] - nights[0]).days + 1 < MIN_NIGHTS_FOR_ROOMS:
        return []
    types = _by_name(sold)
    large = [key for key, one in types.items() if one.room_nights.total() >= MIN_ROOM_NIGHTS]
    # Of two that are equal the first by the alphabet, so that the answer does not vary.
    large.sort(key=lambda key: (-types[key].room_nights.total(), key))
    if not large:
        return []
    reference_key = large[0] if reference is None else name_key(reference)
    has = {name_key(name) for name in known}
    return [
        {
            "name": types[key].spellings.most_common(1)[0][0],
            "is_reference": reference is None and key == reference_key,
            "percent": None if key == reference_key else _percent(types, key, reference_key),
            "rooms": _rooms(types[key], nights),
            "room_nights": types[key].room_nights.total(),
        }
        for key in large[:MAX_PROPOSED]
        if key not in has
    ]


def _by_name(sold: Iterable[SoldByRoomType]) -> dict[str, _Type]:
    types: defaultdict[str, _Type] = defaultdict(_Type)
    for night, name, room_nights, with_rate, revenue in sold:
        if key := name_key(name):
            one = types[key]
            one.spellings[name.strip()] += room_nights
            one.room_nights[night] += room_nights
            one.with_rate[night] += with_rate
            one.revenue[night] += revenue
    return dict(types)


def _rooms(one: _Type, nights: list[date]) -> int:
    """Return the rooms of a type, from the nights in which the hotel sold any room."""
    counts = [one.room_nights[night] for night in nights]
    return max(1, int(np.ceil(np.quantile(counts, FULL_HOUSE_QUANTILE))))


def _percent(types: Mapping[str, _Type], key: str, reference_key: str) -> int | None:
    """Return by how many per cent a type's rates are above the reference's on the same nights."""
    one, reference = types[key], types.get(reference_key)
    if reference is None:
        return None
    both = [
        night
        for night, with_rate in one.with_rate.items()
        if min(with_rate, reference.with_rate[night]) > 0
    ]
    if sum(one.with_rate[night] for night in both) < MIN_ROOM_NIGHTS:
        return None
    at_reference = sum(
        one.with_rate[night] * reference.revenue[night] / reference.with_rate[night]
        for night in both
    )
    if at_reference <= 0:
        return None
    ratio = sum(one.revenue[night] for night in both) / at_reference
    return min(max(round(100 * (ratio - 1)), LOWEST_PERCENT), HIGHEST_PERCENT)
