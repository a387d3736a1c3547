"""What a hotel's booking system was told and what waits, for people: in figures and in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.number_and_date_texts import clock_text, date_text, number_text
from common.stored_reasons import in_words
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
    if rules.mode == Mode.OFF:
        waiting = _("prices are off, and nothing is sent")
    elif status.waiting_nights:
        waiting = _waiting(status, now)
    else:
        waiting = _("nothing waits")
    return _("%(told)s; %(waiting)s.") % {"told": _told(status, now), "waiting": waiting}


def _told(status: DeliveryStatus, now: datetime) -> str:
    if status.last_told_at is None:
        return _("Told nothing yet")
    when = _time(status.last_told_at, now)
    if not status.told_nights:
        return _("To be told everything again, last told %(when)s") % {"when": when}
    return ngettext(
        "Told %(nights)s night, last %(when)s",
        "Told %(nights)s nights, last %(when)s",
        status.told_nights,
    ) % {"nights": number_text(status.told_nights), "when": when}


def _waiting(status: DeliveryStatus, now: datetime) -> str:
    text = ngettext("%(nights)s night waits", "%(nights)s nights wait", status.waiting_nights) % {
        "nights": number_text(status.waiting_nights)
    }
    if status.next_try_at is not None and status.next_try_at > now:
        text = _("%(waiting)s, next try %(when)s") % {
            "waiting": text, "when": _time(status.next_try_at, now),
        }  # fmt: skip
    if status.failing_since is not None:
        since = status.failing_since.astimezone(now.tzinfo)
        text = _("%(waiting)s: %(answer)s, failing since %(since)s") % {
            "waiting": text, "answer": in_words(status.last_answer),
            "since": clock_text(since) if since.date() == now.date() else _time(since, now),
        }  # fmt: skip
    return text


def _time(moment: datetime, now: datetime) -> str:
    """Return "at 12:03", or "3 May at 12:03" of another day."""
    local = moment.astimezone(now.tzinfo)
    if local.date() == now.date():
        return _("at %(time)s") % {"time": clock_text(local)}
    return _("%(day)s at %(time)s") % {"day": date_text(local, "short"), "time": clock_text(local)}
