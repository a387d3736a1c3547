"""The locks that let one process at a time change a hotel's figures: rows of the feed's position.

Undivided, the feed has one row, whose lock is that of all figures. Divided, the row of a share
(`share_layout`) is the lock of its hotels' figures. Whoever needs several rows takes all of them,
in the order of the shares, so nobody waits for a row while another waits for his.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import router, transaction

from dashboard_service.models import FeedPosition


@contextmanager
def locked_position(hotel_id: int | None = None) -> Iterator[FeedPosition]:
    """Open a transaction that locks the position of a hotel's share; other writers wait.

    Args:
        hotel_id: None for the only position of an undivided feed.
    Raises: ValueError for None when the feed is divided into shares.
    """
    with transaction.atomic(using=router.db_for_write(FeedPosition)):
        while True:
            rows = _stored_rows()
            if hotel_id is None and len(rows) > 1:
                raise ValueError("the feed is divided into shares: name a hotel, or lock all")
            row = _locked_row(rows[(hotel_id or 0) % len(rows)])
            if row is not None:
                break  # else the layout of the shares was changed
        yield row


@contextmanager
def locked_share(share: FeedPosition) -> Iterator[FeedPosition | None]:
    """Open a transaction that locks the position of a share; None when the layout was changed."""
    with transaction.atomic(using=router.db_for_write(FeedPosition)):
        _stored_rows()
        yield _locked_row(share)


@contextmanager
def all_positions_locked() -> Iterator[list[FeedPosition]]:
    """Open a transaction that locks the positions of all shares; give them by share.

    All figures are locked then: hotel N's are counted up to the position of row N % number of rows.
    """
    with transaction.atomic(using=router.db_for_write(FeedPosition)):
        while True:
            stored = _stored_rows()
            locked = list(FeedPosition.objects.select_for_update().order_by("share"))
            if len(locked) == len(stored) and len({row.shares for row in locked}) == 1:
                break
        yield locked


def _stored_rows() -> list[FeedPosition]:
    """Return the rows by share; insert the only one of an undivided feed if there is none."""
    while not (rows := list(FeedPosition.objects.all())):
        FeedPosition.objects.bulk_create([FeedPosition.of_share(0, 1)], ignore_conflicts=True)
    return rows


def _locked_row(row: FeedPosition) -> FeedPosition | None:
    rows = FeedPosition.objects.select_for_update()
    return rows.filter(share=row.share, shares=row.shares).first()
