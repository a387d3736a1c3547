"""What is unusual this morning: the page says each in a sentence, or that there is nothing.

Groups, waves of cancellations and nights that are about to sell out are news: they came since the
moment of the page, or lie further ahead than such nights usually do. Silence, failing deliveries
and prices at a bound last until somebody does something about them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from dashboard_service import figures_for_pricing
from dashboard_service.figures.activity_since import Activity
from dashboard_service.figures.available_dates import first_and_last_date
from dashboard_service.figures.hourly_cancellations import cancellations_by_hour
from dashboard_service.figures.stale_data import age_in_words
from dashboard_service.models import Basis
from overview.morning import cancellation_wave
from overview.morning.hotel_morning import HotelMorning
from overview.morning.prices_at_bound import prices_at_bound
from pricing_service.delivery.told_prices import present_receiver
from pricing_service.demand.demand_outlook import load_groups
from pricing_service.demand.group_bookings import learned_threshold

NAMED_NIGHTS: Final = 5  # in a sentence; the rest are counted
LAST_ROOMS_SHARE: Final = 0.05  # of the rooms; at least one room
NEAR_DAYS: Final = 7  # a night that is nearly full so near is no news


@dataclass(frozen=True)
class Unusual:
    """One thing that is unusual; `kind` chooses its sentence in the page."""

    kind: str
    facts: dict[str, Any]


def what_is_unusual(morning: HotelMorning, moment: datetime, now: datetime) -> list[Unusual]:
    """Return what is unusual, the most urgent first.

    Args:
        moment: since when groups and cancellations are news.
        now: the time.
    Raises:
        django.db.Error.
    """
    return [
        *_silence(morning),
        *_failing_deliveries(morning),
        *_cancellations(morning, moment, now),
        *_groups(morning, moment),
        *_overbooked(morning),
        *_about_to_sell_out(morning),
        *_bounds(morning, now),
    ]


def _silence(morning: HotelMorning) -> list[Unusual]:
    if morning.stale_since is None:
        return []
    silent_for = age_in_words(morning.stale_since, morning.hotel.today)
    return [Unusual("stale", {"since": morning.stale_since, "for": silent_for})]


def _failing_deliveries(morning: HotelMorning) -> list[Unusual]:
    if not morning.has_prices or morning.hotel_rules is None:
        return []
    rules = morning.hotel_rules.rules
    receiver = present_receiver(rules) if rules.webhook_url else None
    if receiver is None or receiver.failing_since is None:
        return []
    facts = {"since": receiver.failing_since, "answer": receiver.answer}
    return [Unusual("deliveries", facts)]


def _cancellations(morning: HotelMorning, moment: datetime, now: datetime) -> list[Unusual]:
    cancelled = morning.activity.total().cancelled
    booked = first_and_last_date(morning.hotel.hotel_id, Basis.BOOKED.value)
    if cancelled < cancellation_wave.FEWEST or booked is None:
        return []
    earliest = cancellation_wave.earliest_hour(moment)
    by_hour = cancellations_by_hour(morning.hotel.hotel_id, earliest)
    if by_hour is None:
        return []
    known_from = datetime.combine(booked[0], time(), UTC)
    wave = cancellation_wave.find_wave(cancelled, by_hour, moment, now, known_from)
    return [Unusual("cancellations", wave._asdict())] if wave else []


def _groups(morning: HotelMorning, moment: datetime) -> list[Unusual]:
    hotel_id, rules = morning.hotel.hotel_id, morning.hotel_rules
    rooms = morning.hotel.rooms or max((row.rooms for row in morning.prices.values()), default=None)
    threshold = (rules.rules.group_rooms if rules else None) or learned_threshold(rooms)
    # Most mornings this says that there is none; all of a hotel's groups take longer to read.
    if not figures_for_pricing.rooms_booked_together(hotel_id, threshold, moment):
        return []
    found = []
    for group in load_groups(hotel_id, rules, rooms).bookings:
        if group.booked_at < moment.replace(second=0, microsecond=0):
            continue
        by_night = Counter(night for room in group.rooms for night in room.nights)
        left = sum(change.net for room in group.rooms for change in room.changes)
        facts = {
            "rooms": max(by_night.values()),
            "first": date.fromordinal(min(by_night)),
            "last": date.fromordinal(max(by_night)),
            "booked_at": group.booked_at,
            "is_cancelled": left <= 0,
        }
        found.append(Unusual("group", facts))
    return found


def _overbooked(morning: HotelMorning) -> list[Unusual]:
    nights = [
        night
        for night in morning.nights
        if (rooms := morning.rooms_of(night)) is not None and morning.on_the_books(night) > rooms
    ]
    return [Unusual("overbooked", _named(nights))] if nights else []


def _about_to_sell_out(morning: HotelMorning) -> list[Unusual]:
    nights = []
    for night in morning.nights:
        rooms = morning.rooms_of(night)
        if not rooms:
            continue
        last_rooms = max(1, int(LAST_ROOMS_SHARE * rooms))
        left = rooms - morning.on_the_books(night)
        came = morning.activity.nights.get(night, Activity()).net
        is_news = left + came > last_rooms or (night - morning.first).days > NEAR_DAYS
        if 0 < left <= last_rooms and is_news:
            nights.append(night)
    return [Unusual("selling-out", _named(nights))] if nights else []


def _bounds(morning: HotelMorning, now: datetime) -> list[Unusual]:
    if morning.stale_since is not None:
        return []  # prices stand still then
    on_sale = {
        night: row for night, row in morning.prices.items() if night >= morning.first_on_sale
    }
    return [
        Unusual(
            "bound", {"bound": found.bound, "since": found.longest_since, **_named(found.nights)}
        )
        for found in prices_at_bound(morning.hotel.hotel_id, on_sale, now)
    ]


def _named(nights: list[date]) -> dict[str, Any]:
    """Return the nights that a sentence names, how many there are, and how many are not named."""
    return {
        "nights": nights[:NAMED_NIGHTS],
        "count": len(nights),
        "more": max(0, len(nights) - NAMED_NIGHTS),
    }
