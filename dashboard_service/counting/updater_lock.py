"""The lock that lets one process at a time change figures: the row of the feed position."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import router, transaction

from dashboard_service.models import FeedPosition


@contextmanager
def locked_position() -> Iterator[FeedPosition]:
    """Open a transaction that locks the feed position; other writers wait until it ends."""
    with transaction.atomic(using=router.db_for_write(FeedPosition)):
        FeedPosition.objects.get_or_create(pk=FeedPosition.ONLY)
        yield FeedPosition.objects.select_for_update().get(pk=FeedPosition.ONLY)
