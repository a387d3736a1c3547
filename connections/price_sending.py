"""Prices out: by room type, only where they differ from what the booking system last confirmed.

Promises: a price counts as sent when the vendor has confirmed it; whatever dies before that is
stored, the same price is sent again, which changes nothing there. Once an hour the vendor's prices
are read, where it tells them: one that somebody changed there is put back.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from connections import own_services
from connections.adapters.adapter import Adapter, NightPrice
from connections.models import Connection, SentPrice
from connections.own_services import OurPrice
from connections.reading.lease import Lease

COMPARED_EVERY: Final = timedelta(hours=1)
NO_RATE: Final = "no rate is chosen to which prices could be sent"


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
        lease.save(price_problem=NO_RATE)
        return
    wanted, problem = _wanted_prices(connection, adapter, currency)
    lease.save(price_problem=problem)
    _forget_changed_by_hand(lease, adapter, wanted)
    sent = {(row.room_type_id, row.night): row.price for row in connection.prices.all()}
    different = [
        price for price in wanted if sent.get((price.room_type_id, price.night)) != price.amount
    ]
    if different or connection.prices_unconfirmed:
        lease.save(prices_unconfirmed=len(different))
    for start in range(0, len(different), adapter.prices_at_once):
        part = different[start : start + adapter.prices_at_once]
        adapter.send_prices(part)
        _store(lease, part, len(different) - start - len(part))


def _wanted_prices(
    connection: Connection, adapter: Adapter, currency: str
) -> tuple[list[NightPrice], str]:
    """Return our prices as the vendor names their room types, and what keeps some back."""
    rows = own_services.fetch_prices(connection.hotel_id) or []
    foreign = {row.currency for row in rows} - {currency}
    if foreign:
        other = ", ".join(sorted(foreign))
        return [], f"our prices are in {other}, the booking system's in {currency}: none is sent"
    if all(row.room_type is None for row in rows):
        return _named("", rows), ""
    wanted: list[NightPrice] = []
    missing: list[str] = []
    for room_type in adapter.room_types():
        of_type = own_services.fetch_prices(connection.hotel_id, room_type.name)
        if of_type is None:
            missing.append(room_type.name)
        else:
            wanted += _named(room_type.id, of_type)
    problem = f"without a price of ours: {', '.join(missing)}" if missing else ""
    return wanted, problem[:300]


def _named(room_type_id: str, rows: Sequence[OurPrice]) -> list[NightPrice]:
    return [NightPrice(row.night, room_type_id, row.price) for row in rows]


def _forget_changed_by_hand(lease: Lease, adapter: Adapter, wanted: Sequence[NightPrice]) -> None:
    """Forget that prices were sent where the vendor now has others, so that they are sent again."""
    connection, now = lease.connection, timezone.now()
    if not wanted or (connection.prices_at and connection.prices_at > now - COMPARED_EVERY):
        return
    nights = [price.night for price in wanted]
    theirs = adapter.read_prices(min(nights), max(nights))
    if theirs is not None:
        changed = [
            row.pk
            for row in connection.prices.filter(night__in=set(nights))
            if theirs.get((row.room_type_id, row.night)) != row.price
        ]
        connection.prices.filter(pk__in=changed).delete()
    lease.save(prices_at=now)


def _store(lease: Lease, prices: Sequence[NightPrice], left: int) -> None:
    """Store what was confirmed; `left` are those that are still to be confirmed."""
    now = timezone.now()
    with transaction.atomic():
        lease.save(prices_unconfirmed=left)
        SentPrice.objects.bulk_create(
            [
                SentPrice(
                    connection=lease.connection, room_type_id=price.room_type_id,
                    night=price.night, price=price.amount, confirmed_at=now,
                )
                for price in prices
            ],
            batch_size=200,
            update_conflicts=True,
            unique_fields=["connection", "room_type_id", "night"],
            update_fields=["price", "confirmed_at"],
        )  # fmt: skip
