"""The reasons of a recommended price in plain sentences, from the numbers of the engine.

    At 126 we expect 3 more bookings for the 12 free rooms, 378 in all until the night; at 116 it
    would be 3.9, and 452. 28 of 40 rooms are booked 14 days before, where 24 are usual. May +12 %,
    Saturday +8 %. Held at the minimum.

Expected are bookings that are not cancelled, at a price that stays until the night.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np

from pricing_service.engine.belief import Belief
from pricing_service.engine.hotel_rules import HotelRules
from pricing_service.engine.price_steps import on_step
from pricing_service.engine.recommendation import NightPrice
from pricing_service.engine.revenue_curve import expected_sales

CLOSED: Final = "No room is for sale on this night: it is closed."
FIXED: Final = "The price of this night is fixed."
NEIGHBOUR: Final = Decimal("0.08")  # how far the other price is, as a share
WHOLE_FROM: Final = 9.95  # bookings that are told without decimals
MOST_DECIMALS: Final = 2


@dataclass(frozen=True)
class Outcome:
    """What a price that stays until the night is expected to bring."""

    price: Decimal
    bookings: float
    revenue: float


def outcomes(
    rules: HotelRules, belief: Belief, nights: Sequence[NightPrice], day_left: float = 1.0
) -> list[tuple[Outcome, Outcome]]:
    """Return for each night the outcome of its price, and of its neighbour.

    The neighbour is 8 % lower, or higher where the minimum is closer; the price itself where the
    bounds leave no other.
    """
    if not nights:
        return []
    pairs = [(night.price, _neighbour(rules, night)) for night in nights]
    prices = np.array([[float(price) for price in pair] for pair in pairs])
    sales = expected_sales(belief, nights, prices, day_left)
    return [
        (
            Outcome(price, float(bookings[0]), float(revenue[0])),
            Outcome(other, float(bookings[1]), float(revenue[1])),
        )
        for (price, other), bookings, revenue in zip(
            pairs, sales.bookings, sales.revenue, strict=True
        )
    ]


def price_sentence(
    rules: HotelRules,
    night: NightPrice,
    outcome: tuple[Outcome, Outcome],
    usual: float,
    group_rooms: int = 0,
    figures_as_of: date | None = None,
) -> str:
    """Return the sentences.

    Args:
        outcome: of the night's price and of its neighbour.
        usual: room-nights that are usually on the books of such a night by now.
        group_rooms: of those on the books, booked as groups.
        figures_as_of: the day that the figures are of, where it is not today.
    """
    if night.bound == "fixed":
        return FIXED
    if not night.rooms:
        return CLOSED
    parts = [_expectation(night, *outcome), _sales(night, usual, group_rooms, figures_as_of)]
    parts += [_calendar(rules, night), _trial(night), _limit(rules, night)]
    return " ".join(part for part in parts if part)


def amount_text(amount: Decimal) -> str:
    """Return an amount with its decimals, if it has any: 1,512 or 126.50."""
    return f"{amount:,f}".removesuffix(".000").removesuffix(".00")


def _neighbour(rules: HotelRules, night: NightPrice) -> Decimal:
    lowest, highest = rules.price_range(night.night)
    lower = max(on_step(night.price * (1 - NEIGHBOUR), rules.step), lowest)
    if lower < night.price:
        return lower
    return max(min(on_step(night.price * (1 + NEIGHBOUR), rules.step), highest), night.price)


def _expectation(night: NightPrice, here: Outcome, other: Outcome) -> str:
    free = night.rooms - night.on_the_books
    if free <= 0:
        return f"No room is free; one that is given back costs {amount_text(here.price)}."
    rooms = "1 free room" if free == 1 else f"{free} free rooms"
    fewest = 0 if min(here.bookings, other.bookings) >= WHOLE_FROM else 1
    count, other_count = _told_apart(here.bookings, other.bookings, fewest)
    revenue, other_revenue = _told_apart(here.revenue, other.revenue, 0)
    text = (
        f"At {amount_text(here.price)} we expect {count} more "
        f"booking{'' if count == '1' else 's'} for the {rooms}, "
        f"{revenue} in all until the night"
    )
    if other.price != here.price:
        text += f"; at {amount_text(other.price)} it would be {other_count}, and {other_revenue}"
    return f"{text}."


def _told_apart(one: float, other: float, digits: int) -> list[str]:
    """Return two numbers with so many decimals, with more where they would look the same."""
    while one != other and digits < MOST_DECIMALS and f"{one:.{digits}f}" == f"{other:.{digits}f}":
        digits += 1
    texts = [f"{number:,.{digits}f}" for number in (one, other)]
    return [text.removesuffix(".0").removesuffix(".00") for text in texts]


def _sales(night: NightPrice, usual: float, group_rooms: int, figures_as_of: date | None) -> str:
    """Return what is on the books in words, beside what is usual by then."""
    days = "day" if night.days_before == 1 else "days"
    when = f"{night.days_before} {days} before"
    if figures_as_of is not None:
        when = f"(figures as of {figures_as_of.day} {figures_as_of:%B %Y}, {when} this night)"
    text = f"{night.on_the_books} of {night.rooms} rooms are booked {when}"
    if group_rooms:
        text += f", {group_rooms} of them in groups"
    usual_rooms = round(usual)
    if abs(night.on_the_books - usual) < 0.5 or usual_rooms == night.on_the_books:
        return f"{text}, as usual."
    return f"{text}, where {usual_rooms} {'is' if usual_rooms == 1 else 'are'} usual."


def _calendar(rules: HotelRules, night: NightPrice) -> str:
    """Return the told factors that are not 1: May +12 %, Saturday +8 %."""
    day = night.night
    factors = {
        f"{day:%B}": rules.months[day.month - 1],
        f"{day:%A}": rules.weekdays[day.weekday()],
        rules.event_names(day) or "event": rules.event_factor(day),
        "so close to arrival": rules.lead_factor(night.days_before),
    }
    texts = [f"{name} {_change(factor)}" for name, factor in factors.items() if factor != 1.0]
    return f"{_capital(', '.join(texts))}." if texts else ""


def _trial(night: NightPrice) -> str:
    """Return by how much a price was moved to learn; empty without a move."""
    percent = abs(round(100 * night.trial))
    if not percent:
        return ""
    direction = "higher" if night.trial > 0 else "lower"
    return f"Tried {percent} % {direction} to learn how guests respond."


def _limit(rules: HotelRules, night: NightPrice) -> str:
    if not night.bound:
        return ""
    return f"Held at the {night.bound}{rules.night_bounds(night.night).origin(night.bound)}."


def _change(factor: float) -> str:
    """Return a factor as text: +12 % for 1.12, with U+2212 as the minus sign."""
    percent = round(100 * (factor - 1))
    return f"{'+' if percent > 0 else '−' if percent < 0 else '±'}{abs(percent)} %"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
