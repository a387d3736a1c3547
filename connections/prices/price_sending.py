"""Prices out: by room type, only where they differ from what the booking system last confirmed.

Promises: a price counts as sent when the vendor has confirmed it; whatever dies before that is
stored, the same price is sent again, which changes nothing there. Once an hour the vendor's prices
are read, where it tells them: one that a person changed there is put back, or becomes an override
here, as the hotel chose. Where it becomes an override, they are also read before any price is
sent, so that a price of ours never takes the place of a person's that nobody has seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from connections import own_prices
from connections.adapters.adapter import Adapter, NightPrice, OddAnswer
from connections.models import Connection, HandChanges, SentPrice
from connections.own_prices import OurPrice
from connections.prices.hand_changes import (
    become_overrides,
    forget_hand_changes,
    note_hand_changes,
    settle_interrupted,
)
from connections.prices.price_comparison import (
    Attempts,
    Key,
    Prices,
    Verdict,
    begin_attempts,
    end_attempts,
    forget_old_attempts,
    judge,
    may_be_rounded,
)
from connections.reading.lease import Lease

COMPARED_EVERY: Final = timedelta(hours=1)


@dataclass
class Wanted:
    """Our prices as the vendor names its room types.

    Attributes:
        names: our names of the vendor's room types, by its ids.
        house: the vendor's id of the type whose price is the house's.
        problem: what keeps prices back; "" if nothing does.
    """

    prices: list[NightPrice] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    house: str = ""
    problem: str = ""


def send_prices(lease: Lease, adapter: Adapter, currency: str) -> None:
    """Send what differs, if the connection sends prices.

    Args:
        currency: of the vendor's prices.
    Raises: VendorFailure, OwnServiceFailure, LeaseLost; what was confirmed before is stored.
    """
    connection = lease.connection
    if not connection.sends_prices:
        return
    if not connection.choices.get("rate_id"):
        lease.save(price_problem=_("no rate is chosen to which prices could be sent"))
        return
    settle_interrupted(lease)
    wanted = _wanted_prices(connection, adapter, currency)
    lease.save(price_problem=wanted.problem)
    adopts = connection.hand_changes == HandChanges.OVERRIDE
    different = _different(connection, wanted)
    is_due = _is_comparison_due(connection) or (adopts and (different or _is_open(connection)))
    if wanted.prices and is_due:
        _compare(lease, adapter, wanted, adopts)
        if become_overrides(lease, wanted.house):
            wanted = _wanted_prices(connection, adapter, currency)
        different = _different(connection, wanted)
    _send(lease, adapter, wanted, different)


def _is_comparison_due(connection: Connection) -> bool:
    return not connection.prices_at or connection.prices_at <= timezone.now() - COMPARED_EVERY


def _is_open(connection: Connection) -> bool:
    return connection.changes_by_hand.filter(problem="").exists()


def _wanted_prices(connection: Connection, adapter: Adapter, currency: str) -> Wanted:
    """Return our prices as the vendor names their room types, and what keeps some back."""
    rows = own_prices.fetch_prices(connection.hotel_id) or []
    foreign = {row.currency for row in rows} - {currency}
    if foreign:
        values = {"ours": ", ".join(sorted(foreign)), "theirs": currency}
        text = _("our prices are in %(ours)s, the booking system's in %(theirs)s: none is sent")
        return Wanted(problem=text % values)
    if all(row.room_type is None for row in rows):
        return Wanted(_named("", rows))
    wanted = Wanted(house="?")  # no id of the vendor's, unless it has our reference type
    missing: list[str] = []
    for room_type in adapter.room_types():
        of_type = own_prices.fetch_prices(connection.hotel_id, room_type.name)
        if of_type is None:
            missing.append(room_type.name)
            continue
        wanted.prices += _named(room_type.id, of_type)
        wanted.names[room_type.id] = room_type.name
        if room_type.name == rows[0].room_type:
            wanted.house = room_type.id
    if missing:
        text = _("without a price of ours: %(names)s") % {"names": ", ".join(missing)}
        wanted.problem = text[:300]
    return wanted


def _named(room_type_id: str, rows: Sequence[OurPrice]) -> list[NightPrice]:
    return [NightPrice(row.night, room_type_id, row.price) for row in rows]


def _different(connection: Connection, wanted: Wanted) -> list[NightPrice]:
    """Return what is to be sent: not over a person's price that could not become an override."""
    sent = {key: row.price for key, row in _sent(connection).items()}
    kept = {(row.room_type_id, row.night) for row in connection.changes_by_hand.all()}
    return [
        price
        for price in wanted.prices
        if sent.get(_key(price)) != price.amount and _key(price) not in kept
    ]


def _sent(connection: Connection) -> dict[Key, SentPrice]:
    return {(row.room_type_id, row.night): row for row in connection.prices.all()}


def _key(price: NightPrice) -> Key:
    return price.room_type_id, price.night


def _compare(lease: Lease, adapter: Adapter, wanted: Wanted, adopts: bool) -> None:
    """Read the vendor's prices, if it tells them, and note which are not ours any more."""
    connection, now = lease.connection, timezone.now()
    nights = [price.night for price in wanted.prices]
    theirs = adapter.read_prices(min(nights), max(nights))
    if theirs is None:
        lease.save(prices_at=now)
        return
    attempts = Attempts.of(connection, now)
    again: list[int] = []
    learned: list[SentPrice] = []
    by_hand: list[tuple[SentPrice, Decimal]] = []
    ours: list[SentPrice] = []
    for row in connection.prices.filter(night__in=set(nights)):
        there = theirs.get((row.room_type_id, row.night))
        verdict = judge(row, there, attempts)
        if verdict in (Verdict.OURS, Verdict.ROUNDED):
            ours.append(row)
            if row.shown is None:
                row.shown = there
                learned.append(row)
        elif verdict is Verdict.BY_HAND and there is not None and adopts:
            by_hand.append((row, there))
        elif verdict is not Verdict.OPEN:
            again.append(row.pk)
    with transaction.atomic():
        lease.save(prices_at=now)
        connection.prices.filter(pk__in=again).delete()
        SentPrice.objects.bulk_update(learned, ["shown"], batch_size=200)
        forget_hand_changes(connection, ours if adopts else None)
        note_hand_changes(connection, by_hand, str(adapter.title), now)
        forget_old_attempts(connection, now)


def _send(lease: Lease, adapter: Adapter, wanted: Wanted, different: Sequence[NightPrice]) -> None:
    before = _sent(lease.connection) if different else {}
    refused: OddAnswer | None = None
    left = len(different)
    if different or lease.connection.prices_unconfirmed:
        lease.save(prices_unconfirmed=left)
    for start in range(0, len(different), adapter.prices_at_once):
        part = different[start : start + adapter.prices_at_once]
        with transaction.atomic():
            lease.renew()
            begin_attempts(lease.connection, [(_key(one), one.amount) for one in part], before)
        try:
            adapter.send_prices(part)
        except OddAnswer as error:  # the other parts do not wait for what the vendor refuses
            refused = error
        else:
            left -= len(part)
            _store(lease, part, wanted.names, left)
    if refused:
        raise refused
    if different:
        _learn_rounding(lease, adapter, different, before)


def _learn_rounding(
    lease: Lease, adapter: Adapter, sent: Sequence[NightPrice], before: Mapping[Key, SentPrice]
) -> None:
    """Store how the vendor shows what it has just confirmed; not what may be the price before."""
    nights = [price.night for price in sent]
    theirs: Prices | None = adapter.read_prices(min(nights), max(nights))
    if theirs is None:
        return
    keys = {_key(price) for price in sent}
    learned = []
    for row in lease.connection.prices.filter(night__in=set(nights)):
        key = (row.room_type_id, row.night)
        there, old = theirs.get(key), before.get(key)
        if key not in keys or there is None or row.shown is not None:
            continue
        is_old = old is not None and there in (old.price, old.shown)
        if there == row.price or (may_be_rounded(row.price, there) and not is_old):
            row.shown = there
            learned.append(row)
    with transaction.atomic():
        lease.renew()
        SentPrice.objects.bulk_update(learned, ["shown"], batch_size=200)


def _store(lease: Lease, prices: Sequence[NightPrice], names: Mapping[str, str], left: int) -> None:
    """Store what was confirmed; `left` are the prices that are still to be confirmed."""
    now = timezone.now()
    with transaction.atomic():
        lease.save(prices_unconfirmed=left)
        SentPrice.objects.bulk_create(
            [
                SentPrice(
                    connection=lease.connection, room_type_id=price.room_type_id,
                    room_type=names.get(price.room_type_id, ""), night=price.night,
                    price=price.amount, confirmed_at=now,
                )
                for price in prices
            ],
            batch_size=100,
            update_conflicts=True,
            unique_fields=["connection", "room_type_id", "night"],
            update_fields=["room_type", "price", "confirmed_at", "shown", "is_reported"],
        )  # fmt: skip
        end_attempts(lease.connection, [_key(price) for price in prices], now)
