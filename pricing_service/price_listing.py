"""Prices as they are shown: over REST, as CSV, and on the page."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from pricing_service.decisions.automatic_pricing import is_worth_a_change
from pricing_service.demand.bookings import YEAR, Bookings
from pricing_service.demand.demand_outlook import Outlook, bookings_of, look, usual_shares
from pricing_service.demand.on_the_books_history import MAX_DAYS_BEFORE, OnTheBooksHistory
from pricing_service.engine.price_formula import price
from pricing_service.models import Mode, NightPrice, PriceDecision
from pricing_service.rules.pricing_rules import Told, told

COLUMNS = (
    "hotel_id", "night", "price", "currency", "recommended", "state", "days_before", "rooms",
    "on_the_books", "occupancy", "expected_on_the_books", "forecast", "forecast_low",
    "forecast_high", "sentence", "priced_at",
)  # fmt: skip
SHOWN_DECISIONS = 50
AS_THEY_ARE = (
    "hotel_id", "night", "days_before", "rooms", "on_the_books", "expected_on_the_books",
    "forecast", "forecast_low", "forecast_high", "sentence", "priced_at",
)  # fmt: skip


def two_decimals(amount: Decimal) -> str:
    """Money as text, so that no program rounds it on the way."""
    return f"{amount:.2f}"


def shown(told: Told, row: NightPrice) -> dict[str, Any]:
    """A night as COLUMNS."""
    found = {name: getattr(row, name) for name in AS_THEY_ARE} | {
        "price": two_decimals(row.price),
        "currency": told.profile.currency,
        "recommended": two_decimals(row.recommended),
        "state": state(told, row),
        "occupancy": round(row.on_the_books / row.rooms, 4) if row.rooms else None,
    }
    return {name: found[name] for name in COLUMNS}


def state(told: Told, row: NightPrice) -> str:
    """Is the price held by a person, in force as recommended, or is another one suggested?"""
    if row.is_held:
        return "held"
    is_other = is_worth_a_change(told.profile, row.price, row.recommended)
    return "suggested" if is_other else "in force"


def span(
    hotel_id: int, first: date | None = None, last: date | None = None
) -> list[dict[str, Any]]:
    """A hotel's nights in order of time; none of a hotel without prices.

    Args:
        first: without it, the first night that is still to come.
        last: without it, a year after the first.
    """
    known = told(hotel_id)
    if known is None or known.profile.mode == Mode.OFF:
        return []
    rows = NightPrice.objects.filter(hotel_id=hotel_id)
    if first is None:
        newest = rows.order_by("-night").values_list("night", flat=True).first()
        if newest is None:
            return []
        first = newest - timedelta(days=MAX_DAYS_BEFORE - 1)
        first = min(first, last) if last else first
    last = last or first + timedelta(days=MAX_DAYS_BEFORE - 1)
    return [shown(known, row) for row in rows.filter(night__range=(first, last)).order_by("night")]


def night(hotel_id: int, night: date) -> dict[str, Any] | None:
    """A night with its factors, booking curve and decisions; None where it has no price."""
    known = told(hotel_id)
    row = NightPrice.objects.filter(hotel_id=hotel_id, night=night).first()
    if known is None or row is None or known.profile.mode == Mode.OFF:
        return None
    profile = known.profile
    decisions = PriceDecision.objects.filter(hotel_id=hotel_id, night=night)[:SHOWN_DECISIONS]
    return {
        **shown(known, row),
        "factors": row.factors,
        "base_price": two_decimals(profile.base_price),
        "minimum_price": two_decimals(profile.minimum_price),
        "maximum_price": two_decimals(profile.maximum_price),
        "curve": curve(known, row),
        "decisions": [decision(one) for one in decisions],
    }


def decision(made: PriceDecision) -> dict[str, Any]:
    """A decision as it is shown."""
    return {
        "id": made.id,
        "hotel_id": made.hotel_id,
        "night": made.night,
        "made_at": made.made_at,
        "action": made.action,
        "old_price": None if made.old_price is None else two_decimals(made.old_price),
        "new_price": two_decimals(made.new_price),
        "recommended": two_decimals(made.recommended),
        "on_the_books": made.on_the_books,
        "reason": made.reason,
        "who": made.who,
    }


def curve(known: Told, row: NightPrice) -> list[dict[str, Any]]:
    """The booking curve of a night: as it went, as it should go, and as last year's went."""
    bookings = bookings_of(row.hotel_id)
    as_of = row.night - timedelta(days=row.days_before)
    days = np.arange(MAX_DAYS_BEFORE, -1, -1)
    history = OnTheBooksHistory(bookings, as_of, MAX_DAYS_BEFORE, None)
    shares = usual_shares(history, known, np.full_like(days, max(row.days_before, 1)), days)
    target = known.profile.target_occupancy[row.night.month - 1]
    now = _accumulated(bookings, as_of, row.night)
    year_ago = row.night - timedelta(days=YEAR)
    _, booked, _ = bookings.until(as_of)
    is_known = len(booked) > 0 and int(booked[0]) <= year_ago.toordinal()
    before = _accumulated(bookings, as_of, year_ago) if is_known else []
    return [
        {
            "days_before": int(left),
            "on_the_books": now[left] if left >= row.days_before else None,
            "expected": round(row.rooms * target * share, 1),
            "last_year": before[left] if before else None,
        }
        for left, share in zip(days, shares, strict=True)
    ]


def _accumulated(bookings: Bookings, as_of: date, night: date) -> list[int]:
    """On the books of a night by days before, from 0."""
    nights, days, net = bookings.until(as_of)
    mine = nights == night.toordinal()
    lead = np.clip(night.toordinal() - days[mine], 0, MAX_DAYS_BEFORE)
    gained = np.bincount(lead, net[mine], minlength=MAX_DAYS_BEFORE + 1)
    total: list[int] = gained[::-1].cumsum()[::-1].astype(int).tolist()
    return total


def preview(outlook: Outlook, wanted: Told) -> list[dict[str, Any]]:
    """What would be recommended with other rules."""
    rules = wanted.rules()
    nights = [one.night for one in outlook.situations]
    rows = NightPrice.objects.filter(hotel_id=wanted.profile.hotel_id)
    known = {row.night: row for row in rows.filter(night__range=(nights[0], nights[-1]))}
    answer = []
    for situation in outlook.situations:
        made, row = price(rules, situation), known.get(situation.night)
        answer.append(
            {
                "hotel_id": wanted.profile.hotel_id,
                "night": situation.night,
                "price": two_decimals(row.price) if row else None,
                "recommended": two_decimals(row.recommended) if row else None,
                "would_be": two_decimals(made.amount),
                "sentence": made.sentence,
            }
        )
    return answer


def preview_of(hotel_id: int, wanted: Told) -> list[dict[str, Any]]:
    """The same, with how the nights stand now."""
    return preview(look(hotel_id, wanted), wanted)
