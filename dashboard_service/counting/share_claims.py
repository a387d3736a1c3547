"""Which updater follows a share: two that followed the same one would fetch every page twice.

A claim saves work and protects nothing: that no event is counted twice is the business of the
position's lock. It ends by itself when the process that had it was killed.
"""

import uuid
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from dashboard_service.models import FeedPosition

# Longer than a run of an updater, and what the share of a killed one waits at most.
CLAIM_SECONDS = 10


def claim_share(share: FeedPosition) -> str | None:
    """Claim a share that nobody follows; return the claim, None if somebody follows it."""
    now = timezone.now()
    claim = uuid.uuid4().hex
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    rows = FeedPosition.objects.filter(free, share=share.share, shares=share.shares)
    if not rows.exists():  # asked first: an update would wait while the other's batch is counted
        return None
    end = now + timedelta(seconds=CLAIM_SECONDS)
    return claim if rows.update(claim=claim, claimed_until=end) else None


def release_share(claim: str) -> None:
    """End a claim, unless another updater has the share by now."""
    FeedPosition.objects.filter(claim=claim).update(claim="", claimed_until=None)
