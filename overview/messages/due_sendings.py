"""Whose turn it is to be sent, after which pause it is tried again, and when it is given up.

A try is counted before it is made, and the next one is set then: whatever dies while it sends, the
message is tried again after a pause, and not more than MOST_TRIES times. So a message that arrived
without that being known arrives again, at most so often.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from overview.messages.message_models import Channel, MessageSending

logger = logging.getLogger(__name__)

LONGEST_PAUSE = timedelta(hours=2)
MOST_TRIES = 12  # within about nine hours: what is said later is no news
ANSWER_LENGTH = 300
NO_TRY_ENDED = gettext_noop("no try ended")  # translated where it is shown


def pause_after(tries: int) -> timedelta:
    """Return the pause after so many failed tries: 1, 2, 4 … minutes, at most LONGEST_PAUSE."""
    return min(timedelta(minutes=2 ** min(tries - 1, 10)), LONGEST_PAUSE)


def claim_due(channel: Channel, limit: int) -> list[MessageSending]:
    """Return what is due, the longest first, each counted as tried and kept for this process.

    Raises: django.db.Error.
    """
    now = timezone.now()
    due = MessageSending.objects.filter(channel=channel, next_try_at__lte=now)
    claimed = []
    for sending in due.select_related("message").order_by("next_try_at", "pk")[:limit]:
        tries, next_try_at = sending.tries + 1, now + pause_after(sending.tries + 1)
        # Of two processes that read the same row, one changes it.
        row = MessageSending.objects.filter(
            pk=sending.pk, tries=sending.tries, next_try_at=sending.next_try_at
        )
        if sending.tries >= MOST_TRIES:
            give_up(sending, sending.answer or NO_TRY_ENDED)
        elif row.update(tries=tries, next_try_at=next_try_at):
            sending.tries, sending.next_try_at = tries, next_try_at
            claimed.append(sending)
    return claimed


def note_arrived(sending: MessageSending, answer: str = "") -> None:
    """Note that a message arrived. Raises: django.db.Error."""
    _rows(sending).update(sent_at=timezone.now(), next_try_at=None, answer=answer[:ANSWER_LENGTH])


def note_failed(sending: MessageSending, answer: str, *, is_final: bool = False) -> None:
    """Note that a try failed; after the last one, or a final answer, it is given up.

    Raises: django.db.Error.
    """
    if is_final or sending.tries >= MOST_TRIES:
        give_up(sending, answer)
        return
    _rows(sending).update(answer=answer[:ANSWER_LENGTH])
    logger.warning(
        "message %s was not sent by %s, next try at %s: %s",
        sending.message_id, sending.channel, sending.next_try_at, answer,
    )  # fmt: skip


def give_up(sending: MessageSending, reason: str) -> None:
    """Try it no more; the message stays in the inbox. Raises: django.db.Error."""
    _rows(sending).update(
        given_up_at=timezone.now(), next_try_at=None, answer=reason[:ANSWER_LENGTH]
    )
    logger.error(
        "message %s is given up after %s tries by %s, and is in the inbox only: %s",
        sending.message_id, sending.tries, sending.channel, reason,
    )  # fmt: skip


def end_quietly(sending: MessageSending, reason: str) -> None:
    """Try it no more because nobody wants or may have it. Raises: django.db.Error."""
    _rows(sending).update(next_try_at=None, answer=reason[:ANSWER_LENGTH])


class ChannelState(NamedTuple):
    """How messages get away by a channel."""

    waiting: int
    due_seconds: float  # since the longest due one was to be tried
    given_up: int  # within a day


def state_by_channel() -> dict[str, ChannelState]:
    """Return the state of each channel; one statement. Raises: django.db.Error."""
    now = timezone.now()
    rows = MessageSending.objects.filter(
        Q(next_try_at__isnull=False) | Q(given_up_at__gt=now - timedelta(days=1))
    )
    counts = (
        rows.order_by()
        .values_list("channel")
        .annotate(
            waiting=Count("pk", filter=Q(next_try_at__isnull=False)),
            oldest=Min("next_try_at"),
            given_up=Count("pk", filter=Q(given_up_at__isnull=False)),
        )
    )
    found = {
        channel: ChannelState(
            waiting, max(0.0, (now - oldest).total_seconds()) if oldest else 0.0, given_up
        )
        for channel, waiting, oldest, given_up in counts
    }
    return {channel.value: found.get(channel.value, ChannelState(0, 0.0, 0)) for channel in Channel}


def _rows(sending: MessageSending) -> QuerySet[MessageSending]:
    return MessageSending.objects.filter(pk=sending.pk, next_try_at__isnull=False)
