"""New prices to the booking system: signed, tried again until they arrive, harmless when repeated.

A post carries what the Standard Webhooks specification (standardwebhooks.com) asks for:
`webhook-id`, the same for every try of a delivery, by which a receiver knows a repetition;
`webhook-timestamp`, seconds since 1970; and `webhook-signature`, `v1,` and the base64 of the
HMAC-SHA256 of `id.timestamp.body` with the profile's secret. Any 2xx means that it has arrived.
A hotel's deliveries go out in their order, so that an old price never follows a new one. Tries are
1, 2, 4 … minutes apart, an hour at most; after GIVE_UP_DAYS a delivery is given up, and said so.
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

from pricing_service.models import PricingProfile, WebhookDelivery

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = (3.0, 10.0)
CLAIM_SECONDS = 60  # longer than a try takes
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP_DAYS = 3


def signature(secret: str, delivery_id: str, timestamp: str, body: bytes) -> str:
    """What `webhook-signature` holds."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def deliver_due(keep_going: Callable[[], bool] = lambda: True) -> int:
    """Try what is due, a hotel's oldest first; how many arrived."""
    arrived = 0
    waiting = WebhookDelivery.objects.filter(delivered_at=None, given_up_at=None)
    stuck: set[int] = set()
    while keep_going():
        delivery = waiting.exclude(hotel_id__in=stuck).order_by("made_at", "id").first()
        if delivery is None:
            break
        if _claim(delivery) and _try(delivery):
            arrived += 1
        else:
            stuck.add(delivery.hotel_id)
    return arrived


def _claim(delivery: WebhookDelivery) -> bool:
    """Take a delivery that is due, so that nobody else tries it at the same time."""
    now = timezone.now()
    if delivery.next_try_at > now:
        return False
    claimed = WebhookDelivery.objects.filter(
        pk=delivery.pk, next_try_at=delivery.next_try_at, delivered_at=None
    ).update(next_try_at=now + timedelta(seconds=CLAIM_SECONDS))
    return bool(claimed)


def _try(delivery: WebhookDelivery) -> bool:
    profile = PricingProfile.objects.filter(pk=delivery.hotel_id).first()
    if profile is None or not profile.webhook_url:
        _end(delivery, given_up=True, answer="the hotel has no webhook any more")
        return True  # the next one of the hotel
    has_arrived, answer = _post(delivery, profile)
    delivery.tries += 1
    if has_arrived:
        _end(delivery, given_up=False, answer=answer)
    elif timezone.now() - delivery.made_at > timedelta(days=GIVE_UP_DAYS):
        logger.error("hotel %s: prices given up, %s", delivery.hotel_id, answer)
        _end(delivery, given_up=True, answer=answer)
    else:
        pause = min(timedelta(minutes=2 ** min(delivery.tries - 1, 10)), LONGEST_PAUSE)
        delivery.next_try_at = timezone.now() + pause
        delivery.answer = answer
        delivery.save(update_fields=["tries", "next_try_at", "answer"])
        logger.warning(
            "hotel %s: prices not delivered, next try in %s: %s", delivery.hotel_id, pause, answer
        )
    return has_arrived


def _end(delivery: WebhookDelivery, *, given_up: bool, answer: str) -> None:
    delivery.answer = answer[:300]
    if given_up:
        delivery.given_up_at = timezone.now()
    else:
        delivery.delivered_at = timezone.now()
    delivery.save(update_fields=["tries", "answer", "delivered_at", "given_up_at"])


def _post(delivery: WebhookDelivery, profile: PricingProfile) -> tuple[bool, str]:
    """Has it arrived, and what was answered."""
    body = orjson.dumps(
        {
            "type": "prices.changed",
            "timestamp": delivery.made_at,
            "data": {
                "hotel_id": delivery.hotel_id,
                "currency": profile.currency,
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
        "webhook-signature": signature(profile.webhook_secret, str(delivery.id), timestamp, body),
    }
    try:
        # Not followed elsewhere: the address is what somebody with the right to set it told.
        answer = requests.post(
            profile.webhook_url, data=body, headers=headers, timeout=TIMEOUT_SECONDS,
            allow_redirects=False, stream=True,
        )  # fmt: skip
        answer.close()
    except requests.RequestException as error:
        return False, str(error)[:300]
    return 200 <= answer.status_code < 300, f"answered {answer.status_code}"
