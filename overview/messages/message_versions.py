"""The versions of users' unread messages, for pages that ask whether they changed."""

from __future__ import annotations

from collections.abc import Hashable

from django.db.models import Count, Max

from common.page_versions import USER, Source
from overview.messages.message_models import Message


def _read(users: list[int]) -> dict[int, Hashable]:
    """Raises: django.db.Error."""
    unread = Message.objects.filter(user_id__in=users, read_at=None).order_by()
    return {row[0]: row for row in unread.values_list("user_id").annotate(Count("id"), Max("id"))}


SOURCE = Source(USER, _read)
