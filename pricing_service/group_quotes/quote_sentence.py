"""A group quote in plain sentences, from its numbers.

    20 rooms from 12 to 14 May 2028 (2 nights): at 84.00 EUR a room-night or more you earn as much
    as without the group. It displaces about 12 room-nights of other guests, most on Saturday
    13 May (about 9). Offered 95.00: 440 better than without the group.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from common.currencies import format_amount
from pricing_service.engine.group_value import GroupNight

# Shares of the rooms: left before the group, and with it, up to which a night is said to be full.
NEARLY_FULL, LAST_ROOMS = 0.2, 0.1
# Shares of the group's rooms that displace other guests: from which, and below which, it is said.
SELLS_OUT, STAYS_EMPTY = 0.8, 0.05
WHOLE_FROM: Final = 100  # amounts of a difference that are told without decimals


def quote_sentence(
    nights: Sequence[GroupNight],
    currency: str,
    least_rate: Decimal,
    offered: Decimal | None,
    gain: Decimal | None,
) -> str:
    """Return the quote in words.

    Args:
        nights: in order of time.
        least_rate, offered: per room-night.
        gain: of the offer over all room-nights; None without an offer.
    """
    wanted = nights[0].wanted
    rooms = "1 room" if wanted == 1 else f"{wanted} rooms"
    stay = f"{rooms} {_stay([night.night for night in nights])}"
    if least_rate:
        text = (
            f"{stay}: at {format_amount(least_rate, currency)} {currency} a room-night or more you "
            f"earn as much as without the group."
        )
    else:
        text = f"{stay}: these rooms would stay empty, so that you lose nothing at any rate."
    parts = [text, _displaced(nights)]
    if offered is not None and gain is not None:
        parts.append(f"Offered {format_amount(offered, currency)}: {_gain(gain, currency)}.")
    return " ".join(parts)


def stale_warning(since: date) -> str:
    """Return what a quote says where the hotel's events have stopped."""
    return f"No event since {_day(since)} {since.year}: what was booked later is not in it."


def night_note(night: GroupNight, *, is_held: bool = False, recommended: str = "") -> str:
    """Return what is to be known of a night; empty where nothing is.

    Args:
        is_held: whether a person keeps the night's price.
        recommended: price of the night, where the price in force is below its least rate.
    """
    left, after = night.rooms_left, night.rooms_left - night.wanted
    parts = []
    if left <= NEARLY_FULL * night.rooms:
        parts.append(f"Nearly full: {night.rooms - left} of {night.rooms} rooms are booked.")
    if not after:
        parts.append("The group takes the last room." if left == 1 else "No room is left then.")
    elif after <= max(1.0, LAST_ROOMS * night.rooms):
        parts.append(f"{after} {'room is' if after == 1 else 'rooms are'} left then.")
    if night.room_nights >= SELLS_OUT * night.wanted:
        parts.append("Sells out without the group, most likely.")
    elif night.room_nights < STAYS_EMPTY * night.wanted:
        parts.append("These rooms would stay empty, most likely.")
    if is_held:
        parts.append("Counted at the price that a person set.")
    elif recommended:
        parts.append(f"Counted with recommended prices: now {recommended}.")
    return " ".join(parts)


def _stay(nights: Sequence[date]) -> str:
    """Return the nights: on one day, from arrival to departure, or as many between two days."""
    first, last = nights[0], nights[-1]
    if len(nights) == 1:
        return f"on {first:%A} {_day(first)} {first.year}"
    is_one_stay = (last - first).days == len(nights) - 1
    end = last + timedelta(days=1) if is_one_stay else last
    start = str(first.day) if (first.year, first.month) == (end.year, end.month) else _day(first)
    if first.year != end.year:
        start += f" {first.year}"
    span = f"from {start} to {_day(end)} {end.year}"
    return f"{span} ({len(nights)} nights)" if is_one_stay else f"on {len(nights)} nights {span}"


def _displaced(nights: Sequence[GroupNight]) -> str:
    told = [(night, round(night.room_nights)) for night in nights if night.room_nights >= 0.5]
    if not told:
        return "It displaces hardly any other guest."
    most, count = max(told, key=lambda pair: pair[0].room_nights)
    if len(told) == 1:
        night = f"On {most.night:%A} {_day(most.night)} it"
        return f"{night} displaces about {_rooms(count)} of other guests."
    total = round(sum(night.room_nights for night in nights))
    return (
        f"It displaces about {total} room-nights of other guests, most on {most.night:%A} "
        f"{_day(most.night)} (about {count})."
    )


def _gain(gain: Decimal, currency: str) -> str:
    if not gain:
        return "as much as without the group"
    amount = abs(gain)
    text = f"{amount:,.0f}" if amount >= WHOLE_FROM else format_amount(amount, currency)
    return f"{text} {'better' if gain > 0 else 'worse'} than without the group"


def _rooms(count: int) -> str:
    return "1 room" if count == 1 else f"{count} rooms"


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
