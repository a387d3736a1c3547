"""Prices that people changed in the booking system, on their way to being overrides here.

Promise: each becomes one decision, whatever dies in between. It is stored before it is decided; its
reason, with the moment at which it was noticed, is found again among the decisions, so that none is
made twice. From then on it counts as confirmed there, so that nothing is sent over it. One that
the pricing rules do not allow stays where it is, untouched, until it is set back there, or the
rules allow it; the page says why.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from connections import own_prices
from connections.models import Connection, HandChange, SentPrice
from connections.reading.lease import Lease


def note_hand_changes(
    connection: Connection, found: Sequence[tuple[SentPrice, Decimal]], title: str, now: datetime
) -> None:
    """Store changes that a comparison found; those that are known stay as they are."""
    known = {(row.room_type_id, row.night): row.price for row in connection.changes_by_hand.all()}
    HandChange.objects.bulk_create(
        [
            HandChange(
                connection=connection, room_type_id=row.room_type_id, room_type=row.room_type,
                night=row.night, price=there, noticed_at=now, reason=_reason(there, title, now),
            )
            for row, there in found
            if known.get((row.room_type_id, row.night)) != there
        ],
        batch_size=100,
        update_conflicts=True,
        unique_fields=["connection", "room_type_id", "night"],
        update_fields=["room_type", "price", "noticed_at", "reason", "problem", "is_reported"],
    )  # fmt: skip


def forget_hand_changes(connection: Connection, ours: Sequence[SentPrice] | None) -> None:
    """Forget changes of prices that are ours again there; all of them where they are put back."""
    rows = list(connection.changes_by_hand.all())
    if ours is not None:
        keys = {(row.room_type_id, row.night) for row in ours}
        rows = [row for row in rows if (row.room_type_id, row.night) in keys]
    for row in rows:
        _sent(connection, [row]).update(is_reported=False)
    connection.changes_by_hand.filter(pk__in=[row.pk for row in rows]).delete()


def settle_interrupted(lease: Lease) -> None:
    """Find out what became of changes whose decision a crash interrupted.

    Raises: OwnServiceFailure, LeaseLost.
    """
    for rows in _groups(lease.connection.changes_by_hand.filter(problem="")):
        _settle(lease, _decided(lease.connection, rows))


def become_overrides(lease: Lease, house: str) -> bool:
    """Make an override of each change. Return whether there was one.

    Args:
        house: the vendor's id of the room type whose price is decided about.
    Raises: OwnServiceFailure, LeaseLost.
    """
    connection = lease.connection
    is_any = False
    for rows in _groups(connection.changes_by_hand.all()):
        possible = [row for row in rows if row.room_type_id == house]
        _refuse(
            [row for row in rows if row.room_type_id != house],
            _("prices are decided for the reference room type; the others follow from it"),
        )
        if not possible:
            continue
        lease.renew()
        done = _decided(connection, possible)
        left = [row for row in possible if row not in done]
        refused = (
            own_prices.override_nights(
                connection.hotel_id, [row.night for row in left], left[0].price, left[0].reason
            )
            if left
            else {}
        )
        for row in left:
            if row.night in refused:
                _refuse([row], refused[row.night])
        taken = done + [row for row in left if row.night not in refused]
        _settle(lease, taken)
        is_any = is_any or bool(taken)
    return is_any


def _reason(price: Decimal, title: str, now: datetime) -> str:
    values = {
        "system": title,
        "price": f"{price.normalize():f}",
        "time": f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
    }
    return (
        _("Changed in the booking system (%(system)s) to %(price)s; noticed on %(time)s UTC.")
        % values
    )[:300]


def _groups(changes: Iterable[HandChange]) -> list[list[HandChange]]:
    """Return changes to one price that were noticed together: each group is one decision."""
    groups: dict[tuple[Decimal, str], list[HandChange]] = defaultdict(list)
    for row in changes:
        groups[row.price, row.reason].append(row)
    return list(groups.values())


def _decided(connection: Connection, rows: Sequence[HandChange]) -> list[HandChange]:
    nights = [row.night for row in rows]
    done = own_prices.overridden_nights(connection.hotel_id, nights, rows[0].reason)
    return [row for row in rows if row.night in done]


def _settle(lease: Lease, rows: Sequence[HandChange]) -> None:
    """Count a person's prices as confirmed there: they are ours now."""
    now = timezone.now()
    with transaction.atomic():
        lease.renew()
        for row in rows:
            _sent(lease.connection, [row]).update(
                price=row.price, shown=row.price, confirmed_at=now, is_reported=False
            )
        HandChange.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _refuse(rows: Sequence[HandChange], problem: str) -> None:
    for row in rows:
        if row.problem != problem:
            row.problem, row.is_reported = problem, False
            row.save(update_fields=["problem", "is_reported"])


def _sent(connection: Connection, rows: Sequence[HandChange]) -> QuerySet[SentPrice]:
    return connection.prices.filter(
        room_type_id__in=[row.room_type_id for row in rows], night__in=[row.night for row in rows]
    )
