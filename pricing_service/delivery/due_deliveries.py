"""Which hotels' booking systems are due to be told their prices, and claims on them.

A hotel is due while its receiver may not know the present prices. That is noted by hotel, in the
transaction that changes prices (`mark_changed`), and found out from the time of the last change for
rules; so nothing ever walks the nights of all hotels. Among hotels the one that has been due for
longest comes first, and a hotel that was served goes to the end. Hotels whose receivers fail have a
time in the future and cost nothing meanwhile.

A claim counts the try and sets the time of the next one before anything is sent, so that a receiver
that ends its worker gets the same pauses as one that answers 500. While a claim holds, nothing else
is sent to the hotel, so that an old price never follows a new one.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, F, Min, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from common.row_claims import claim_first, pause_after
from pricing_service.delivery.told_prices import end_waiting, see_rules
from pricing_service.delivery.webhook_models import WAITING, WebhookDelivery, WebhookReceiver
from pricing_service.models import PricingRules

CLAIM_HOLDS = timedelta(minutes=1)  # longer than an exchange; ends earlier when that does
GIVE_UP_DAYS = 3  # after so many days of failure people are told; it is tried on, every hour
# The time of the next try of a post is its receiver's. Processes of the version before send what is
# due by the post's own time: this one keeps them from it.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def mark_changed(hotel_id: int) -> None:
    """Note that a hotel's prices changed; in the transaction that changes them.

    Raises: django.db.Error.
    """
    if not _mark_changed(hotel_id):
        receiver = WebhookReceiver(hotel_id=hotel_id)
        WebhookReceiver.objects.bulk_create([receiver], ignore_conflicts=True)
        _mark_changed(hotel_id)


def _mark_changed(hotel_id: int) -> int:
    now = timezone.now()
    return WebhookReceiver.objects.filter(pk=hotel_id).update(
        changes=F("changes") + 1,
        changed_at=Coalesce("changed_at", Value(now)),
        # One that waits already keeps its turn, or its pause.
        next_try_at=Case(
            When(changed_at=None, then=Greatest("next_try_at", Value(now))),
            default=F("next_try_at"),
        ),
    )


def find_changes() -> None:
    """Make hotels due whose rules changed, and those with posts of the version before.

    Two queries when there are none. Raises: django.db.Error.
    """
    for rules in _unseen_rules():
        see_rules(rules)
    for hotel_id in _of_version_before().order_by().values_list("hotel_id", flat=True).distinct():
        mark_changed(hotel_id)
        end_waiting(hotel_id, "sent with all that differs, by version 0.4")


def claim_next(in_flight: Collection[int], *, fresh_only: bool) -> WebhookReceiver | None:
    """Claim the receiver whose turn it is: count a try, and keep it for this process meanwhile.

    Return None when nothing is due.

    Args:
        in_flight: hotels to which something is being sent.
        fresh_only: leave out receivers whose last try failed.
    Raises:
        django.db.Error.
    """
    due = _due().exclude(hotel_id__in=in_flight)
    if fresh_only:
        due = due.filter(tries=0)
    return claim_first(due.order_by("next_try_at", "hotel_id"), _claimed)


def _claimed(receiver: WebhookReceiver) -> dict[str, Any]:
    now, tries = timezone.now(), receiver.tries + 1
    return {
        "tries": tries,
        "next_try_at": now + pause_after(tries),
        "busy_until": now + CLAIM_HOLDS,
    }


def end_claim(receiver: WebhookReceiver, *, is_settled: bool) -> None:
    """End a claim with which nothing was sent.

    Args:
        is_settled: nothing differs, unless something changed since the receiver was read.
    Raises:
        django.db.Error.
    """
    claimed = WebhookReceiver.objects.filter(pk=receiver.pk)
    if is_settled:
        claimed.filter(changes=receiver.changes).update(changed_at=None)
    claimed.filter(next_try_at=receiver.next_try_at).update(
        tries=receiver.tries - 1, next_try_at=timezone.now()
    )
    claimed.update(busy_until=None)


def oldest_due_seconds() -> float:
    """Return for how long prices have been due and not tried. Raises: django.db.Error."""
    due = (
        _due().aggregate(since=Min("next_try_at"))["since"],
        _unseen_rules().aggregate(since=Min("updated_at"))["since"],
        _of_version_before().aggregate(since=Min("next_try_at"))["since"],
    )
    now = timezone.now()
    oldest: datetime = min((since for since in due if since is not None), default=now)
    return max(0.0, (now - oldest).total_seconds())


def count_waiting() -> int:
    """Return how many hotels' receivers may not know the present prices.

    Raises: django.db.Error.
    """
    of_version_before = _of_version_before().order_by().values("hotel_id").distinct()
    return WebhookReceiver.objects.exclude(changed_at=None).count() + of_version_before.count()


def failing_receivers() -> QuerySet[WebhookReceiver]:
    """Return receivers that failed for GIVE_UP_DAYS while prices waited, the longest first."""
    since = timezone.now() - timedelta(days=GIVE_UP_DAYS)
    failing = WebhookReceiver.objects.filter(changed_at__isnull=False, failing_since__lte=since)
    return failing.order_by("failing_since")


def _due() -> QuerySet[WebhookReceiver]:
    now = timezone.now()
    is_free = Q(busy_until=None) | Q(busy_until__lte=now)
    return WebhookReceiver.objects.filter(is_free, changed_at__isnull=False, next_try_at__lte=now)


def _unseen_rules() -> QuerySet[PricingRules]:
    """Return rules with a webhook that changed since they were looked at."""
    seen = WebhookReceiver.objects.filter(
        hotel_id=OuterRef("hotel_id"), rules_seen_at=OuterRef("updated_at")
    )
    return PricingRules.objects.exclude(webhook_url="").filter(~Exists(seen))


def _of_version_before() -> QuerySet[WebhookDelivery]:
    """Return posts that a process of the version before queued: changes, in order."""
    return WebhookDelivery.objects.filter(WAITING, next_try_at__lt=NEVER)
