"""Claims: each hotel of a list is taken by one worker at a time, whichever database holds the list.

A claim is one conditional UPDATE of the hotel's row, so of two workers one gets it; no lock is held
while the hotel is worked on. It ends by itself LEASE_SECONDS after its last renewal: the hotel of a
worker that was killed is taken by another.
"""

import time
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone

from dashboard_service.check_models import ClaimedHotel

# Many times the seconds that a page of events takes, after each of which a claim is renewed.
LEASE_SECONDS = 120
RENEWAL_SECONDS = 20
CANDIDATES = 50  # looked up at once, because ordering all that wait is the dearest part

Row = TypeVar("Row", bound=ClaimedHotel)


class Claim(Generic[Row]):
    """A hotel that this worker has taken."""

    def __init__(self, rows: "QuerySet[Row]", hotel_id: int, token: str) -> None:
        self.hotel_id = hotel_id
        self._rows = rows
        self._token = token
        self._renewed = time.monotonic()

    def mine(self) -> "QuerySet[Row]":
        """Return the row if the claim is still this worker's, else nothing."""
        return self._rows.filter(pk=self.hotel_id, claim=self._token)

    def renew(self) -> None:
        """Go on having the hotel; cheap enough to be called for each page of events."""
        if time.monotonic() - self._renewed > RENEWAL_SECONDS:
            self.mine().update(claimed_until=in_seconds(LEASE_SECONDS))
            self._renewed = time.monotonic()

    def put_back(self, seconds: float = 0, **changes: Any) -> None:
        """Let others take the hotel after some seconds."""
        self.mine().update(claim="", claimed_until=in_seconds(seconds), **changes)


def claim_first(waiting: "QuerySet[Row]") -> Claim[Row] | None:
    """Take the first hotel that waits and that nobody has; None when there is none."""
    rows = waiting.order_by()
    while candidates := list(free(waiting).values_list("hotel_id", flat=True)[:CANDIDATES]):
        if taken := _claim_one(rows, candidates):
            return taken
    return None


def _claim_one(rows: "QuerySet[Row]", candidates: Iterable[int]) -> Claim[Row] | None:
    for hotel in candidates:
        token = uuid.uuid4().hex
        now_mine = free(rows).filter(pk=hotel)
        if now_mine.update(claim=token, claimed_until=in_seconds(LEASE_SECONDS)):
            return Claim(rows, hotel, token)
    return None


def free(rows: "QuerySet[Row]") -> "QuerySet[Row]":
    """Return the rows that nobody has claimed."""
    return rows.filter(Q(claimed_until=None) | Q(claimed_until__lte=timezone.now()))


def in_seconds(seconds: float) -> datetime:
    """Return the time in some seconds."""
    return timezone.now() + timedelta(seconds=seconds)
