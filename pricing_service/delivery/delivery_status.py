"""What a hotel's booking system was told and what waits, for people: in figures and in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from dashboard_service import figures_for_pricing
from pricing_service.delivery.told_prices import present_receiver, told_prices, untold_prices
from pricing_service.delivery.webhook_models import WebhookReceiver
from pricing_service.models import Mode, PricingRules


@dataclass(frozen=True)
class DeliveryStatus:
    """How telling a hotel's booking system its prices goes.

    Attributes:
        told_nights: coming nights that it was told of.
        last_told_at: None if it was never told anything.
        waiting_nights: coming nights whose present prices it was not told.
        next_try_at: None if nothing waits; in the past if it is the next one's turn.
        failing_since: None if the last try arrived.
        last_answer: to the last try, "" before the first.
    """

    told_nights: int
    last_told_at: datetime | None
    waiting_nights: int
    next_try_at: datetime | None
    failing_since: datetime | None
    last_answer: str

    def as_json(self) -> dict[str, Any]:
        """Return it as REST shows it."""
        return asdict(self)


def delivery_status(rules: PricingRules) -> DeliveryStatus | None:
    """Return the status of a hotel's receiver; None without an address. Raises: django.db.Error."""
    if not rules.webhook_url:
        return None
    receiver = present_receiver(rules) or WebhookReceiver(
        hotel_id=rules.hotel_id, next_try_at=timezone.now()
    )
    tonight = figures_for_pricing.hotel(rules.hotel_id).today
    waiting = len(untold_prices(rules))
    return DeliveryStatus(
        told_nights=len({night for night, _ in told_prices(rules) if night >= tonight}),
        last_told_at=receiver.delivered_at,
        waiting_nights=waiting,
        next_try_at=receiver.next_try_at if waiting else None,
        failing_since=receiver.failing_since,
        last_answer=receiver.answer,
    )


def status_in_words(rules: PricingRules) -> str:
    """Return the status as a sentence, in the hotel's local time; "" without an address.

    "Told 365 nights, last at 12:03; 3 nights wait, next try at 12:10: answered 503."
    Raises: django.db.Error.
    """
    status = delivery_status(rules)
    if status is None:
        return ""
    now = figures_for_pricing.hotel(rules.hotel_id).local_time
    parts = [_told(status, now)]
    if rules.mode == Mode.OFF:
        parts.append("prices are off, and nothing is sent")
    elif status.waiting_nights:
        parts.append(_waiting(status, now))
    else:
        parts.append("nothing waits")
    return "; ".join(parts) + "."


def _told(status: DeliveryStatus, now: datetime) -> str:
    if status.last_told_at is None:
        return "Told nothing yet"
    if not status.told_nights:
        return f"To be told everything again, last told {_time(status.last_told_at, now)}"
    return f"Told {_nights(status.told_nights)}, last {_time(status.last_told_at, now)}"


def _waiting(status: DeliveryStatus, now: datetime) -> str:
    text = f"{_nights(status.waiting_nights)} {'waits' if status.waiting_nights == 1 else 'wait'}"
    if status.next_try_at is not None and status.next_try_at > now:
        text += f", next try {_time(status.next_try_at, now)}"
    if status.failing_since is not None:
        since = _time(status.failing_since, now).removeprefix("at ")
        text += f": {status.last_answer}, failing since {since}"
    return text


def _nights(number: int) -> str:
    return "1 night" if number == 1 else f"{number:,} nights"


def _time(moment: datetime, now: datetime) -> str:
    """Return "at 12:03", or "3 May at 12:03" of another day."""
    local = moment.astimezone(now.tzinfo)
    clock = f"at {local:%H:%M}"
    return clock if local.date() == now.date() else f"{local.day} {local:%b} {clock}"
