"""Which prices in the booking system are ours, and which a person changed there.

Compared is with what the system last confirmed from us, never with what we want now. Promise: none
of these counts as a change by hand:
- a price of ours that was sent without an answer, or that took the place of another minutes ago:
  the system may have it, or still show the one before;
- a price that the system rounds: how it shows ours is learned when it has confirmed it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Final

from django.db.models import Q

from connections.models import Connection, PriceAttempt, SentPrice

Key = tuple[str, date]  # the vendor's room type, the night
Prices = Mapping[Key, Decimal]

SETTLING: Final = timedelta(minutes=5)  # a system may show a confirmed price so late
ROUNDING_SHARE: Final = Decimal("0.05")  # of the price, that a system's own steps may change


class Verdict(Enum):
    """What a price in the booking system is."""

    OURS = "ours"
    ROUNDED = "ours, as the system rounds it"
    OPEN = "perhaps still the one before"
    ON_ITS_WAY = "ours, never confirmed"
    MISSING = "none"
    BY_HAND = "a person's"


@dataclass
class Attempts:
    """Prices of ours that the system may have beside the one that it confirmed last."""

    unanswered: dict[Key, set[Decimal]] = field(default_factory=lambda: defaultdict(set))
    recent: dict[Key, set[Decimal]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def of(cls, connection: Connection, now: datetime) -> "Attempts":
        """Return the attempts of a connection."""
        attempts = cls()
        for row in connection.attempts.all():
            key = (row.room_type_id, row.night)
            if row.confirmed_at is None:
                attempts.unanswered[key].add(row.price)
            elif row.confirmed_at > now - SETTLING:
                attempts.recent[key].add(row.price)
        return attempts


def judge(row: SentPrice, there: Decimal | None, attempts: Attempts) -> Verdict:
    """Return what the price in the booking system is, for one that it confirmed. Pure."""
    key = (row.room_type_id, row.night)
    if there is None:
        return Verdict.MISSING
    if there in (row.price, row.shown):
        return Verdict.OURS
    if there in attempts.unanswered[key]:
        return Verdict.ON_ITS_WAY
    if there in attempts.recent[key]:
        return Verdict.OPEN
    if row.shown is None and may_be_rounded(row.price, there):
        return Verdict.ROUNDED
    return Verdict.BY_HAND


def may_be_rounded(price: Decimal, there: Decimal) -> bool:
    """Return whether a system's own steps may have made one of the other."""
    return abs(there - price) <= max(Decimal(1), price * ROUNDING_SHARE)


def begin_attempts(
    connection: Connection, prices: Sequence[tuple[Key, Decimal]], before: Mapping[Key, SentPrice]
) -> None:
    """Store prices before they are sent, and those whose place they take."""
    values = {(key, price) for key, price in prices}
    for key, _ in prices:
        if row := before.get(key):
            values |= {(key, known) for known in (row.price, row.shown) if known is not None}
    PriceAttempt.objects.bulk_create(
        [
            PriceAttempt(connection=connection, room_type_id=kind, night=night, price=price)
            for (kind, night), price in values
        ],
        batch_size=200,
        update_conflicts=True,
        unique_fields=["connection", "room_type_id", "night", "price"],
        update_fields=["confirmed_at"],
    )


def end_attempts(connection: Connection, keys: Sequence[Key], now: datetime) -> None:
    """Note that the newest price of nights was confirmed: what was tried before it is over."""
    for kind in {kind for kind, _ in keys}:
        nights = [night for of, night in keys if of == kind]
        rows = connection.attempts.filter(room_type_id=kind, night__in=nights)
        rows.filter(confirmed_at=None).update(confirmed_at=now)


def forget_old_attempts(connection: Connection, now: datetime) -> None:
    """Delete attempts that nothing can come of any more."""
    over = Q(confirmed_at__lt=now - SETTLING) | Q(night__lt=now.date() - timedelta(days=2))
    connection.attempts.filter(over).delete()
