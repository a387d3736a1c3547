"""What a room-night is worth: the events of one reservation and night, folded in order of time.

The result depends on the events alone, not on the order in which they arrive. A night of a
reservation is sold once or not at all: a booking sells it with its rate and description, a second
booking replaces both, a change replaces what it names and keeps the rest, a cancellation takes away
exactly what is there. A change or cancellation of a night that is not sold does nothing.

At the same moment a night that was sold before it is cancelled, booked, changed, in this order, so
that "cancelled and booked anew" stays sold; any other night is booked, changed, cancelled.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

BOOKING, CANCELLATION, CHANGE = 1, 2, 3  # an event's status

# An event without its reservation and night: time in UTC (ISO 8601 without offset, so that texts
# sort as times), status, rate in thousandths (None without one), currency, room type, channel and
# segment ("" without one). A plain tuple: there is one for each event that is counted.
Move = tuple[str, int, int | None, str, str, str, str]

_WHERE_SOLD = {CANCELLATION: 0, BOOKING: 1, CHANGE: 2}
_ELSEWHERE = {BOOKING: 0, CHANGE: 1, CANCELLATION: 2}


class Description(NamedTuple):
    """What figures are broken down by; "" where the room-night has none."""

    currency: str
    room_type: str
    channel: str
    segment: str


class Difference(NamedTuple):
    """What an event added (or took away, negative) at a time, under one description."""

    time: str
    description: Description
    room_nights: int
    with_rate: int
    revenue: int  # thousandths


# What a room-night is sold for: the rate in thousandths (None without one), its description.
Sale = tuple[int | None, Description]


class SaleChange(NamedTuple):
    """A room-night was sold, given back, or sold for something else; None where it is not sold."""

    time: str
    before: Sale | None
    after: Sale | None


def first_booking(move: Move) -> Difference:
    """Return what a booking adds to a room-night that is not sold: `differences([move])`."""
    time, _, rate, *description = move
    return Difference(time, Description(*description), 1, int(rate is not None), rate or 0)


def differences(moves: Iterable[Move]) -> list[Difference]:
    """Return what the events of one room-night added and took away, in order of time."""
    result: list[Difference] = []
    for change in sale_changes(moves):
        result += _replace(*change)
    return result


def sale_changes(moves: Iterable[Move]) -> Iterator[SaleChange]:
    """Yield what the events of one room-night changed, in order of time."""
    sale: Sale | None = None
    for time, after in _sales(moves):
        if after != sale:
            yield SaleChange(time, sale, after)
            sale = after


def last_sale(moves: Iterable[Move]) -> Sale | None:
    """Return for what a room-night is sold after its events, None where it is not sold."""
    sales = [sale for _, sale in _sales(moves)]
    return sales[-1] if sales else None


def _sales(moves: Iterable[Move]) -> Iterator[tuple[str, Sale | None]]:
    """Yield each event's time and the sale after it, in order of time."""
    sale: Sale | None = None
    for _, moment in groupby(sorted(moves, key=itemgetter(0)), key=itemgetter(0)):
        order = _ELSEWHERE if sale is None else _WHERE_SOLD
        for move in sorted(moment, key=lambda move: order[move[1]]):
            sale = _sale_after(sale, move)
            yield move[0], sale


def _sale_after(sale: Sale | None, move: Move) -> Sale | None:
    _, status, rate, currency, *words = move
    if status == BOOKING:
        return rate, Description(currency, *words)
    if status == CANCELLATION or sale is None:
        return None
    old_rate, old = sale
    if rate is None:
        rate, currency = old_rate, old.currency
    new_words = (new or kept for new, kept in zip(words, old[1:], strict=True))
    return rate, Description(currency, *new_words)


def _replace(time: str, before: Sale | None, after: Sale | None) -> list[Difference]:
    """Return the difference between two sales, as one where the description stays the same."""
    if before is not None and after is not None and before[1] == after[1]:
        with_rate = (after[0] is not None) - (before[0] is not None)
        return [Difference(time, after[1], 0, with_rate, (after[0] or 0) - (before[0] or 0))]
    result = []
    if before is not None:
        rate, description = before
        result.append(Difference(time, description, -1, -(rate is not None), -(rate or 0)))
    if after is not None:
        rate, description = after
        result.append(Difference(time, description, 1, int(rate is not None), rate or 0))
    return result
