"""Which deliveries are due, and claims on them: the order of the hotels and of each hotel's posts.

A hotel's deliveries are sent one after the other, oldest first, so that an old price never follows
a new one: only its oldest waiting one can be due. Among hotels the one that has been due for
longest comes first, and a hotel that was served goes to the end. What is due is found by its time:
hotels whose receivers fail have a time in the future and cost nothing meanwhile.

A claim counts the try and sets the time of the next one before anything is sent, so that a receiver
that ends its worker gets the same pauses as one that answers 500.
"""

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from pricing_service.models import WAITING, WebhookDelivery

LONGEST_PAUSE = timedelta(hours=1)


def pause_after(tries: int) -> timedelta:
    """Return the pause after so many failed tries: 1, 2, 4 … minutes, at most LONGEST_PAUSE."""
    return min(timedelta(minutes=2 ** min(tries - 1, 10)), LONGEST_PAUSE)


def oldest_due_seconds() -> float:
    """Return for how long a delivery has been due and not tried. Raises: django.db.Error."""
    delivery = next_due([], fresh_only=False)
    return (timezone.now() - delivery.next_try_at).total_seconds() if delivery else 0


def next_due(in_flight: Collection[int], *, fresh_only: bool) -> WebhookDelivery | None:
    """Return the delivery to send next; None when nothing is due. One query.

    Args:
        in_flight: hotels to which something is being sent.
        fresh_only: leave out deliveries whose last try failed.
    Raises:
        django.db.Error.
    """
    due = _waiting().filter(next_try_at__lte=timezone.now()).exclude(hotel_id__in=in_flight)
    if fresh_only:
        due = due.filter(tries=0)
    earlier = _waiting().filter(
        Q(made_at__lt=OuterRef("made_at")) | Q(made_at=OuterRef("made_at"), id__lt=OuterRef("id")),
        hotel_id=OuterRef("hotel_id"),
    )
    return due.filter(~Exists(earlier)).order_by("next_try_at", "made_at", "id").first()


def claim(delivery: WebhookDelivery) -> bool:
    """Count a try of a due delivery, and keep it for this process until its next one.

    Return False if another worker was faster.
    Raises: django.db.Error.
    """
    tries = delivery.tries + 1
    next_try_at = timezone.now() + pause_after(tries)
    claimed = (
        _waiting()
        .filter(pk=delivery.pk, next_try_at=delivery.next_try_at, tries=delivery.tries)
        .update(tries=F("tries") + 1, next_try_at=next_try_at)
    )
    delivery.tries, delivery.next_try_at = tries, next_try_at
    return bool(claimed)


def put_hotel_last(hotel_id: int) -> None:
    """After a delivery has arrived: the hotel's next one is due, behind those of other hotels."""
    following = _waiting().filter(hotel_id=hotel_id).order_by("made_at", "id").first()
    if following is not None:
        _waiting().filter(pk=following.pk).update(next_try_at=timezone.now())


def postpone_hotel(hotel_id: int, delivery: WebhookDelivery) -> None:
    """After a failed try: what waits behind the delivery is not due before it, either."""
    behind = _waiting().filter(hotel_id=hotel_id, next_try_at__lt=delivery.next_try_at)
    behind.update(next_try_at=delivery.next_try_at)


def _waiting() -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(WAITING)
