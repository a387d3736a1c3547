"""Recording messages: each occasion is told to each user once, whatever runs twice or dies.

The message, its occasions and its ways out are one transaction, and an occasion is unique. So what
is recorded is sent, and what was recorded before is not recorded again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError, router, transaction

from common.mails import mail_is_sent, one_line
from overview.messages.message_models import (
    Channel,
    Message,
    MessageOccasion,
    MessageSending,
    MessageWebhook,
)

TITLE_LENGTH = 200
WEBHOOK_WORDS = "webhook_words"  # among the stored facts, and not sent as one


@dataclass(frozen=True)
class WebhookWords:
    """What a message says to programs: in the hotel's language, whoever its reader is."""

    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A message that is not recorded yet.

    Attributes:
        occasions: what it tells, each by its key, with the last day on which that could come again.
        link: path and query of the page that it leads to.
        for_webhook: its words there; None: as they are to the reader.
    """

    user_id: int
    hotel_id: int
    kind: str
    occasions: Mapping[str, date]
    title: str
    text: str
    link: str
    html: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    by_mail: bool = False
    by_webhook: bool = False
    for_webhook: WebhookWords | None = None


def record(draft: Draft) -> Message | None:
    """Record a message with its ways out; None if one of its occasions is recorded already.

    By mail only while a mail server is set and the user has an address, and by webhook only to an
    address that the user gave: otherwise it is in the inbox alone.
    Raises: django.db.Error.
    """
    title = one_line(draft.title)
    try:
        with transaction.atomic(using=router.db_for_write(Message)):
            message = Message.objects.create(
                user_id=draft.user_id,
                hotel_id=draft.hotel_id,
                kind=draft.kind,
                title=title[:TITLE_LENGTH],
                text=draft.text,
                html=draft.html,
                link=draft.link,
                facts=_facts(draft),
            )
            MessageOccasion.objects.bulk_create(
                [
                    MessageOccasion(
                        user_id=draft.user_id,
                        hotel_id=draft.hotel_id,
                        key=key,
                        message=message,
                        last_day=last_day,
                    )
                    for key, last_day in draft.occasions.items()
                ]
            )
            MessageSending.objects.bulk_create(
                [MessageSending(message=message, channel=channel) for channel in _channels(draft)]
            )
    except IntegrityError:  # another run recorded it, or the user is gone
        return None
    return message


def _facts(draft: Draft) -> dict[str, Any]:
    """Return a draft's facts, and beside them the words for webhooks where there are any."""
    facts = dict(draft.facts)
    if draft.for_webhook is not None:
        facts[WEBHOOK_WORDS] = asdict(draft.for_webhook)
    return facts


def told_occasions(hotels: list[int]) -> set[tuple[int, int, str]]:
    """Return what users were told of hotels: user, hotel, key. Raises: django.db.Error."""
    rows = MessageOccasion.objects.filter(hotel_id__in=hotels)
    return set(rows.values_list("user_id", "hotel_id", "key"))


def _channels(draft: Draft) -> list[Channel]:
    channels = []
    if draft.by_mail and mail_is_sent():
        channels.append(Channel.MAIL)
    if draft.by_webhook and has_webhook(draft.user_id, draft.hotel_id):
        channels.append(Channel.WEBHOOK)
    return channels


def has_webhook(user_id: int, hotel_id: int) -> bool:
    """Return whether a user has an address for messages about a hotel."""
    return MessageWebhook.objects.filter(user_id=user_id, hotel_id=hotel_id).exists()
