"""What Mews's answers mean: the nights of a reservation, what they cost, names. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from connections.adapters.adapter import NotUnderstood, Raw
from connections.adapters.vendor_values import moment_of

CHANNELS: Final = {  # by the origin of a reservation
    "Distributor": "Own website",
    "ChannelManager": "Channel manager",
    "Commander": "Reception",
    "Import": "Import",
    "Connector": "Other system",
    "Navigator": "Guest app",
}


def nights_of(one: Raw, zone: ZoneInfo) -> Iterable[date]:
    """Return a reservation's nights, none of day use. Raises: NotUnderstood, KeyError, ValueError.

    Args:
        zone: the property's.
    """
    first = moment_of(one["ScheduledStartUtc"]).astimezone(zone).date()
    departure = moment_of(one["ScheduledEndUtc"]).astimezone(zone).date()
    if departure < first:
        raise NotUnderstood("it ends before it begins")
    return (first + timedelta(days=ahead) for ahead in range((departure - first).days))


def amounts_of(
    items: Sequence[Raw], zone: ZoneInfo, amount_field: str, with_cancelled: bool
) -> Mapping[date, Decimal]:
    """Return what each night costs; of a cancelled stay what its nights would have cost.

    Args:
        amount_field: of an amount, gross or net.
    """
    amounts: dict[date, Decimal] = defaultdict(Decimal)
    for item in items:
        is_cancelled = item.get("CanceledUtc") or item.get("AccountingState") == "Canceled"
        with_stay = with_cancelled and item["Options"]["CanceledWithReservation"]
        if is_cancelled and not with_stay:
            continue
        begin = moment_of(item.get("StartUtc") or item["ConsumedUtc"]).astimezone(zone)
        amounts[begin.date()] += Decimal(str(item["Amount"][amount_field]))
    return amounts


def name_of(row: Raw) -> str:
    """Return the name of a thing, in the first of its languages; "" where it has none."""
    names = row.get("Names")
    return str(next(iter(names.values()), "") if names else row.get("Name") or "")
