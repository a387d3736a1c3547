"""The lock that lets one process at a time change figures: the row of the feed position."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import router, transaction

from dashboard_service.models import FeedPosition


@contextmanager
def locked_position(hotel_id: int | None = None) -> Iterator[FeedPosition]:
    """Open a transaction that locks the feed position; other writers wait until it ends.

    Args:
        hotel_id: whose figures are changed or read; there is one position for all hotels so far.
    """
    with transaction.atomic(using=router.db_for_write(FeedPosition)):
        FeedPosition.objects.get_or_create(pk=FeedPosition.ONLY)
        yield FeedPosition.objects.select_for_update().get(pk=FeedPosition.ONLY)


@contextmanager
def all_positions_locked() -> Iterator[list[FeedPosition]]:
    """Open a transaction that locks every feed position: nobody else changes any figure."""
    with locked_position() as position:
        yield [position]
