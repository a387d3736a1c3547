"""What the page of alerts takes: rules, the webhook's address, the morning mail; strict and whole.

A form is applied whole or not at all; each wrong field has its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.db import router, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.error_limits import quote_value
from common.number_and_date_texts import number_text
from overview.alerts.alert_models import AlertKind, AlertRule
from overview.alerts.alert_thresholds import THRESHOLDS
from overview.alerts.raise_alerts import look_again
from overview.messages.message_models import MessageWebhook
from overview.morning_mail.sending_hours import next_sending
from overview.morning_mail.subscription_models import MorningSubscription
from pricing_service.delivery.receiver_address import check_address, shortened
from pricing_service.delivery.webhook_secret import new_secret

WEBHOOK_LENGTH: Final = 500
ON: Final = "on"  # what a form sends for a box that is ticked
KEPT: Final = frozenset({"csrfmiddlewaretoken", "part"})


@dataclass(frozen=True)
class RuleChoice:
    """One rule as the form has it."""

    kind: AlertKind
    threshold: int
    is_on: bool
    by_mail: bool
    by_webhook: bool


def rule_field_names() -> list[str]:
    """Return the fields of the form of rules."""
    return [
        f"{kind}-{name}" for kind in AlertKind for name in ("on", "threshold", "mail", "webhook")
    ]


def read_rules(fields: Mapping[str, str]) -> list[RuleChoice]:
    """Return the rules of a form. Raises: ValidationError with the reasons by field."""
    errors = unknown_fields(fields, rule_field_names())
    choices = []
    for kind in AlertKind:
        boxes = [fields.get(f"{kind}-{name}", "") for name in ("on", "mail", "webhook")]
        if any(box not in ("", ON) for box in boxes):
            errors[f"{kind}-on"] = [_("a box is ticked or not")]
        try:
            threshold = _threshold(kind, fields.get(f"{kind}-threshold", "").strip())
        except ValueError as error:
            errors[f"{kind}-threshold"] = [str(error)]
            continue
        choices.append(RuleChoice(kind, threshold, *(box == ON for box in boxes)))
    if errors:
        raise ValidationError(errors)
    return choices


def unknown_fields(fields: Mapping[str, str], known: list[str]) -> dict[str, list[str]]:
    """Return an error for each field that the form does not have."""
    unknown = sorted(fields.keys() - set(known) - KEPT)[:10]
    return {quote_value(name): [_("unknown field")] for name in unknown}


def _threshold(kind: AlertKind, text: str) -> int:
    """Raises: ValueError with the reason."""
    limits = THRESHOLDS[kind]
    if limits is None:
        return 0
    is_number = text.isascii() and text.isdigit() and len(text) <= 9
    if not is_number or not limits.least <= int(text) <= limits.most:
        raise ValueError(
            _("%(text)s is no whole number from %(least)s to %(most)s")
            % {
                "text": quote_value(text),
                "least": number_text(limits.least),
                "most": number_text(limits.most),
            }
        )
    return int(text)


def save_rules(user_id: int, hotel_id: int, choices: list[RuleChoice]) -> None:
    """Save a user's rules for a hotel; a rule that stays on keeps the time it was switched on.

    Raises: django.db.Error.
    """
    now = timezone.now()
    with transaction.atomic(using=router.db_for_write(AlertRule)):
        for choice in choices:
            rule, _is_new = AlertRule.objects.get_or_create(
                user_id=user_id,
                hotel_id=hotel_id,
                kind=choice.kind,
                defaults={"threshold": choice.threshold},
            )
            rule.threshold = choice.threshold
            rule.on_since = (rule.on_since or now) if choice.is_on else None
            rule.by_mail, rule.by_webhook = choice.by_mail, choice.by_webhook
            rule.save()
        look_again(hotel_id)


def save_webhook(user_id: int, hotel_id: int, fields: Mapping[str, str]) -> str:
    """Save where a user has messages about a hotel posted; return the secret if it is a new one.

    Raises: ValidationError with the reasons by field.
    """
    url = fields.get("url", "").strip()
    errors = unknown_fields(fields, ["url"])
    mine = MessageWebhook.objects.filter(user_id=user_id, hotel_id=hotel_id)
    present = mine.first()
    if present is not None and url == shortened(present.url) and not errors:
        return ""  # as it was shown
    if len(url) > WEBHOOK_LENGTH:
        errors["url"] = [_("has more than %(most)d characters") % {"most": WEBHOOK_LENGTH}]
    elif url and not url.startswith(("https://", "http://")):
        errors["url"] = [_("must begin with https:// or http://")]
    else:
        try:
            check_address(url)
        except ValidationError as error:
            errors["url"] = error.messages
    if errors:
        raise ValidationError(errors)
    if not url:
        mine.delete()
        return ""
    secret = new_secret()
    MessageWebhook.objects.update_or_create(
        user_id=user_id, hotel_id=hotel_id, defaults={"url": url, "secret": secret}
    )
    return secret


def save_morning(user_id: int, hotel_id: int, fields: Mapping[str, str], time_zone: str) -> None:
    """Save whether and when a user gets the morning of a hotel.

    Raises: ValidationError with the reasons by field.
    """
    errors = unknown_fields(fields, ["on", "hour"])
    hour, is_on = fields.get("hour", "").strip(), fields.get("on", "")
    if hour not in map(str, range(24)):
        errors["hour"] = [_("%(text)s is no hour from 0 to 23") % {"text": quote_value(hour)}]
    if is_on not in ("", ON):
        errors["on"] = [_("a box is ticked or not")]
    if errors:
        raise ValidationError(errors)
    MorningSubscription.objects.update_or_create(
        user_id=user_id,
        hotel_id=hotel_id,
        defaults={
            "is_on": is_on == ON,
            "hour": int(hour),
            "next_at": next_sending(time_zone, int(hour), timezone.now()),
        },
    )
