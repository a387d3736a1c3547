"""What a hotel's booking system was last told, night by night, and what differs from it now.

Only what the receiver answered with success counts as told. All of it is forgotten when the address
changes, because another receiver knows nothing, and when a person has all sent again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from hashlib import blake2b

from django.db import router, transaction
from django.utils import timezone

from pricing_service.delivery.present_prices import PresentPrice, present_prices
from pricing_service.delivery.webhook_models import ToldPrice, WebhookDelivery, WebhookReceiver
from pricing_service.models import PricingRules
from pricing_service.signals import prices_changed

TOLD_FIELDS = ["price", "currency", "state", "minimum_stay", "told_at"]
# Told nights are kept until no hotel's own date is as early any more.
KEPT = timedelta(days=2)


def untold_prices(rules: PricingRules) -> list[PresentPrice]:
    """Return the present prices that differ from what the receiver was told, in order of time.

    Raises: django.db.Error.
    """
    told = told_prices(rules)
    return [price for price in present_prices(rules) if told.get(price.key) != price]


def told_prices(rules: PricingRules) -> dict[tuple[date, str], PresentPrice]:
    """Return what the receiver at the hotel's present address was told, by night and room type.

    Raises: django.db.Error.
    """
    if present_receiver(rules) is None:
        return {}
    rows = ToldPrice.objects.filter(hotel_id=rules.hotel_id)
    told = (PresentPrice(*row) for row in rows.values_list(*PresentPrice._fields))
    return {price.key: price for price in told}


def present_receiver(rules: PricingRules) -> WebhookReceiver | None:
    """Return the receiver at the hotel's present address; None before it was looked at.

    Raises: django.db.Error.
    """
    receiver = WebhookReceiver.objects.filter(pk=rules.hotel_id).first()
    return receiver if receiver and is_at_address(receiver, rules) else None


def is_at_address(receiver: WebhookReceiver, rules: PricingRules) -> bool:
    """Return whether what is known of a receiver is known of the hotel's present address."""
    return bool(receiver.address_fingerprint == fingerprint(rules.webhook_url))


def save_told(hotel_id: int, prices: Sequence[PresentPrice]) -> None:
    """Save that the receiver knows these prices. Raises: django.db.Error."""
    now = timezone.now()
    ToldPrice.objects.bulk_create(
        [ToldPrice(hotel_id=hotel_id, told_at=now, **price._asdict()) for price in prices],
        update_conflicts=True,
        unique_fields=["hotel_id", "night", "room_type"],
        update_fields=TOLD_FIELDS,
    )
    ToldPrice.objects.filter(hotel_id=hotel_id, night__lt=now.date() - KEPT).delete()


def see_rules(rules: PricingRules) -> None:
    """Note a hotel's rules as they are: prices may differ, and at another address nothing is known.

    Raises: django.db.Error.
    """
    with locked_receiver(rules.hotel_id) as receiver:
        if not is_at_address(receiver, rules):
            _forget(receiver, rules)
        receiver.rules_seen_at = rules.updated_at
        receiver.changed_at = receiver.changed_at or timezone.now()
        receiver.changes += 1
        receiver.save()


def send_all(rules: PricingRules) -> int:
    """Have all present prices sent again, now, and return how many nights' they are.

    Raises: django.db.Error.
    """
    with locked_receiver(rules.hotel_id) as receiver:
        _forget(receiver, rules)
        receiver.changed_at = receiver.changed_at or timezone.now()
        receiver.changes += 1
        receiver.save()
    prices_changed.send(sender=None)
    return len(present_prices(rules))


@contextmanager
def locked_receiver(hotel_id: int) -> Iterator[WebhookReceiver]:
    """A transaction that holds the lock on a hotel's receiver, which is made if there is none."""
    with transaction.atomic(using=router.db_for_write(WebhookReceiver)):
        WebhookReceiver.objects.get_or_create(hotel_id=hotel_id)
        yield WebhookReceiver.objects.select_for_update().get(hotel_id=hotel_id)


def fingerprint(url: str) -> str:
    """Return a short text that tells addresses apart and contains nothing of them.

    An address often has the receiver's token in it, which is stored once, with the rules.
    """
    return blake2b(url.encode(), digest_size=16).hexdigest()


def end_waiting(hotel_id: int, answer: str | None = None) -> None:
    """End the posts that have not arrived: other ones take their place. Raises: django.db.Error.

    Args:
        answer: to save instead of the receiver's.
    """
    waiting = WebhookDelivery.objects.filter(hotel_id=hotel_id, delivered_at=None, given_up_at=None)
    now = timezone.now()
    if answer is None:
        waiting.update(given_up_at=now)
    else:
        waiting.update(given_up_at=now, answer=answer)


def _forget(receiver: WebhookReceiver, rules: PricingRules) -> None:
    """Forget what the receiver was told and how it answered, unsaved but for the told prices.

    The next try is due at once: the pause was the one of another address, or a person wants it.
    """
    ToldPrice.objects.filter(hotel_id=receiver.hotel_id).delete()
    end_waiting(receiver.hotel_id)
    if not is_at_address(receiver, rules):
        receiver.address_fingerprint = fingerprint(rules.webhook_url)
        receiver.failing_since = receiver.delivered_at = receiver.last_try_at = None
        receiver.answer = ""
    receiver.forgotten += 1
    receiver.tries = 0
    receiver.next_try_at = timezone.now()
