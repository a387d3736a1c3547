"""Alerts in words, for people and webhooks each in their language, and as facts, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from common.mails import one_line
from overview.alerts.alert_models import AlertKind, AlertRule
from overview.alerts.alert_occasions import Occasion
from overview.alerts.hotel_situation import HotelSituation
from overview.messages.new_messages import Draft, WebhookWords

NAMED: Final = 20  # occasions that a message names; the rest are counted


def alert_draft(
    rule: AlertRule, situation: HotelSituation, occasions: Sequence[Occasion], language: str
) -> Draft:
    """Return the message that tells a rule's new occasions, of which there is at least one.

    Args:
        language: of its reader.
    """
    context = {
        "kind": rule.kind,
        "hotel": one_line(situation.name),
        "time_zone": situation.time_zone,
        "threshold": rule.threshold,
        "count": len(occasions),
        "items": [occasion.facts for occasion in occasions[:NAMED]],
        "first": occasions[0].facts,
        "more": max(0, len(occasions) - NAMED),
    }
    title, text = _words(language, context)
    return Draft(
        user_id=rule.user_id,
        hotel_id=rule.hotel_id,
        kind=rule.kind,
        occasions={occasion.key: occasion.last_day for occasion in occasions},
        title=title,
        text=text,
        for_webhook=WebhookWords(*_words(situation.language, context)) if rule.by_webhook else None,
        link=_link(rule, occasions),
        facts={
            "threshold": rule.threshold,
            "occasions": [
                {name: _as_json(value) for name, value in occasion.facts.items()}
                for occasion in occasions
            ],
        },
        by_mail=rule.by_mail,
        by_webhook=rule.by_webhook,
    )


def _words(language: str, context: dict[str, Any]) -> tuple[str, str]:
    """Return title and text in a language; English for none."""
    with translation.override(language or settings.LANGUAGE_CODE):
        return (
            render_to_string("overview/alerts/title.txt", context),
            render_to_string("overview/alerts/text.txt", context).strip(),
        )


def _link(rule: AlertRule, occasions: Sequence[Occasion]) -> str:
    """Return path and query of the page that shows what the message tells."""
    query = {"hotel_id": str(rule.hotel_id)}
    if rule.kind == AlertKind.DELIVERIES:
        return f"{reverse('pricing')}?{urlencode(query)}#settings-box"
    nights = {occasion.facts.get("night") for occasion in occasions}
    if len(nights) == 1 and isinstance(night := nights.pop(), date):
        return f"{reverse('pricing')}?{urlencode(query | {'night': night.isoformat()})}"
    return f"{reverse('morning')}?{urlencode(query)}"


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
