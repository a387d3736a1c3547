"""Deletes messages that are old, and occasions that cannot come again."""

from datetime import timedelta

from django.utils import timezone

from overview.messages.message_models import Message, MessageOccasion

KEPT_DAYS = 180
LATE_DAYS = 3  # after the last day of an occasion: days differ by time zone, and events come late


def delete_old_messages() -> int:
    """Delete them, and return how many rows that were. Raises: django.db.Error."""
    now = timezone.now()
    messages = Message.objects.filter(made_at__lt=now - timedelta(days=KEPT_DAYS))
    over = MessageOccasion.objects.filter(last_day__lt=now.date() - timedelta(days=LATE_DAYS))
    return messages.delete()[0] + over.delete()[0]
