"""Webhook delivery: posts new prices to the booking system, signed, with retries.

A post follows the Standard Webhooks specification (standardwebhooks.com): `webhook-id` is the same
for every attempt of a delivery, so that the receiver can ignore repetitions; `webhook-timestamp` is
in seconds since 1970; `webhook-signature` is `v1,` and the base64 of the HMAC-SHA256 of
`id.timestamp.body` with the secret of the hotel's pricing rules. Any 2xx status means success.

A hotel's deliveries are sent in order, so that an old price never follows a new one. Pauses between
attempts are 1, 2, 4 … minutes, at most an hour; after GIVE_UP_DAYS a delivery is given up and an
error is logged.
"""

import base64
import hashlib
import hmac
import logging
from collections.abc import Callable
from datetime import timedelta

import orjson
import requests
from django.utils import timezone

from pricing_service.models import PricingRules, WebhookDelivery

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = (3.0, 10.0)  # to connect, to read
CLAIM_SECONDS = 60  # longer than an attempt takes
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP_DAYS = 3


def signature(secret: str, delivery_id: str, timestamp: str, body: bytes) -> str:
    """Return the value of the header `webhook-signature`."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def deliver_due(keep_going: Callable[[], bool] = lambda: True) -> int:
    """Attempt all due deliveries, each hotel's oldest first, and return how many arrived.

    Args:
        keep_going: asked before each delivery; False ends the run.
    Raises:
        django.db.Error.
    """
    arrived = 0
    pending = WebhookDelivery.objects.filter(delivered_at=None, given_up_at=None)
    blocked_hotels: set[int] = set()
    while keep_going():
        delivery = pending.exclude(hotel_id__in=blocked_hotels).order_by("made_at", "id").first()
        if delivery is None:
            break
        if _claim(delivery) and _attempt(delivery):
            arrived += 1
        else:
            blocked_hotels.add(delivery.hotel_id)
    return arrived


def _claim(delivery: WebhookDelivery) -> bool:
    """Claim a due delivery, so that no other worker attempts it at the same time.

    Return False if it is not due or another worker has claimed it.
    """
    now = timezone.now()
    if delivery.next_try_at > now:
        return False
    claimed = WebhookDelivery.objects.filter(
        pk=delivery.pk, next_try_at=delivery.next_try_at, delivered_at=None
    ).update(next_try_at=now + timedelta(seconds=CLAIM_SECONDS))
    return bool(claimed)


def _attempt(delivery: WebhookDelivery) -> bool:
    """Post a delivery, save the result, and return whether the hotel's next one may follow."""
    rules = PricingRules.objects.filter(pk=delivery.hotel_id).first()
    if rules is None or not rules.webhook_url:
        _finish(delivery, given_up=True, answer="the hotel has no webhook any more")
        return True
    has_arrived, answer = _post(delivery, rules)
    delivery.tries += 1
    if has_arrived:
        _finish(delivery, given_up=False, answer=answer)
    elif timezone.now() - delivery.made_at > timedelta(days=GIVE_UP_DAYS):
        logger.error("hotel %s: webhook delivery given up: %s", delivery.hotel_id, answer)
        _finish(delivery, given_up=True, answer=answer)
    else:
        pause = min(timedelta(minutes=2 ** min(delivery.tries - 1, 10)), LONGEST_PAUSE)
        delivery.next_try_at = timezone.now() + pause
        delivery.answer = answer
        delivery.save(update_fields=["tries", "next_try_at", "answer"])
        logger.warning(
            "hotel %s: webhook delivery failed, next try in %s: %s",
            delivery.hotel_id,
            pause,
            answer,
        )
    return has_arrived


def _finish(delivery: WebhookDelivery, *, given_up: bool, answer: str) -> None:
    delivery.answer = answer[:300]
    if given_up:
        delivery.given_up_at = timezone.now()
    else:
        delivery.delivered_at = timezone.now()
    delivery.save(update_fields=["tries", "answer", "delivered_at", "given_up_at"])


def _post(delivery: WebhookDelivery, rules: PricingRules) -> tuple[bool, str]:
    """Post a delivery; return whether it arrived, and the status or error as text."""
    body = orjson.dumps(
        {
            "type": "prices.changed",
            "timestamp": delivery.made_at,
            "data": {
                "hotel_id": delivery.hotel_id,
                "currency": rules.currency,
                "prices": delivery.prices,
            },
        }
    )
    timestamp = str(int(timezone.now().timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "RoomPriceGenie",
        "webhook-id": str(delivery.id),
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(rules.webhook_secret, str(delivery.id), timestamp, body),
    }
    try:
        # Redirects are not followed: only the URL that an authorized user set gets the prices.
        response = requests.post(
            rules.webhook_url, data=body, headers=headers, timeout=TIMEOUT_SECONDS,
            allow_redirects=False, stream=True,
        )  # fmt: skip
        response.close()
    except requests.RequestException as error:
        return False, str(error)[:300]
    return 200 <= response.status_code < 300, f"answered {response.status_code}"
