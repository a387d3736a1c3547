"""Which updater follows a share: two that followed the same one would fetch every page twice.

A claim saves work and protects nothing: that no event is counted twice is the business of the
position's lock. It ends by itself when the process that had it was killed.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from dashboard_service.counting.feed_updater import update_share
from dashboard_service.data_provider_client import Provider
from dashboard_service.models import CLAIM_SECONDS, FeedPosition


def update_unclaimed_share(
    provider: Provider, share: int, shares: int, keep_going: Callable[[], bool]
) -> int:
    """Follow a share as `update_share` does, unless somebody follows it.

    Whoever finds it claimed leaves new events to the one who has it. So the feed is asked once more
    after the claim ended, when there was anything to count.
    """
    counted = 0
    while claim := claim_share(share, shares):
        try:
            new = update_share(provider, share, shares, keep_going)
        finally:
            release_share(claim)
        counted += new
        if not new or not keep_going():
            break
    return counted


def claim_share(share: int, shares: int) -> str | None:
    """Claim a share that nobody follows; return the claim, None if somebody follows it."""
    now = timezone.now()
    claim = uuid.uuid4().hex
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    rows = FeedPosition.objects.filter(free, share=share, shares=shares)
    if not rows.exists():  # asked first: an update would wait while the other's batch is counted
        return None
    end = now + timedelta(seconds=CLAIM_SECONDS)
    return claim if rows.update(claim=claim, claimed_until=end) else None


def release_share(claim: str) -> None:
    """End a claim, unless another updater has the share by now."""
    FeedPosition.objects.filter(claim=claim).update(claim="", claimed_until=None)
