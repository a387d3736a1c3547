"""Webhook delivery: posts new prices to the booking system, signed, with retries.

A post follows the Standard Webhooks specification (standardwebhooks.com): `webhook-id` is the same
for every attempt of a delivery, so that the receiver can ignore repetitions; `webhook-timestamp` is
in seconds since 1970; `webhook-signature` is described in `webhook_secret`. Any 2xx status means
success.

A receiver has EXCHANGE_SECONDS for everything, and at most HOTELS_IN_FLIGHT are posted to at the
same time, at most half of them hotels whose last try failed: slow receivers delay others by
seconds. `due_deliveries` decides whose turn it is. After GIVE_UP_DAYS a delivery is given up and an
error is logged.
"""

import logging
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta

import orjson
from django.utils import timezone

from pricing_service.delivery import due_deliveries, http_exchange, webhook_secret
from pricing_service.models import PricingRules, WebhookDelivery

logger = logging.getLogger(__name__)

EXCHANGE_SECONDS = 10.0  # shorter than the first pause, for which a claim holds
HOTELS_IN_FLIGHT = 16
POLL_SECONDS = 0.5  # while slow receivers are waited for, what became due is looked up this often
GIVE_UP_DAYS = 3
ANSWER_LENGTH = 300

# Whether a post arrived, and the status or error as text.
Outcome = tuple[bool, str]


def deliver_due(keep_going: Callable[[], bool] = lambda: True) -> int:
    """Attempt all due deliveries, each hotel's oldest first, and return how many arrived.

    Threads send; everything about the database happens in the caller's thread.

    Args:
        keep_going: asked before each delivery; False ends the run when what is being sent is done.
    Raises:
        django.db.Error.
    """
    arrived = 0
    in_flight: dict[Future[Outcome], WebhookDelivery] = {}
    with ThreadPoolExecutor(HOTELS_IN_FLIGHT, thread_name_prefix="webhook") as threads:
        while True:
            while len(in_flight) < HOTELS_IN_FLIGHT and keep_going():
                started = _start_next(threads, in_flight)
                if started is None:
                    break
                in_flight.update(started)
            if not in_flight:
                return arrived
            done, _ = wait(in_flight, POLL_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                arrived += _save(in_flight.pop(future), *future.result())


def _start_next(
    threads: ThreadPoolExecutor, in_flight: dict[Future[Outcome], WebhookDelivery]
) -> dict[Future[Outcome], WebhookDelivery] | None:
    """Send what is due next; return it, empty if nothing was to be sent, None if nothing is due."""
    retries = sum(delivery.tries > 1 for delivery in in_flight.values())
    delivery = due_deliveries.next_due(
        [delivery.hotel_id for delivery in in_flight.values()],
        fresh_only=retries >= HOTELS_IN_FLIGHT // 2,
    )
    if delivery is None:
        return None
    if not due_deliveries.claim(delivery):
        return {}
    rules = PricingRules.objects.filter(pk=delivery.hotel_id).first()
    if rules is None or not rules.webhook_url:
        _finish(delivery, given_up=True, answer="the hotel has no webhook any more")
        return {}
    body, headers = _request(delivery, rules)
    return {threads.submit(_post, rules.webhook_url, body, headers): delivery}


def _request(delivery: WebhookDelivery, rules: PricingRules) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a delivery, signed now."""
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
    secrets = webhook_secret.valid_secrets(rules)
    return body, {
        "Content-Type": "application/json",
        "User-Agent": "RoomPriceGenie",
        "webhook-id": str(delivery.id),
        "webhook-timestamp": timestamp,
        "webhook-signature": webhook_secret.sign(secrets, str(delivery.id), timestamp, body),
    }


def _post(url: str, body: bytes, headers: dict[str, str]) -> Outcome:
    """Post, in a thread of the pool."""
    try:
        status = http_exchange.post(url, body, headers, EXCHANGE_SECONDS)
    except http_exchange.ExchangeFailed as error:
        return False, str(error)
    if 300 <= status < 400:
        return False, f"answered {status}: redirects are not followed"
    return 200 <= status < 300, f"answered {status}"


def _save(delivery: WebhookDelivery, has_arrived: bool, answer: str) -> bool:
    """Save the result of a try, and return whether the delivery arrived."""
    if has_arrived:
        _finish(delivery, given_up=False, answer=answer)
    elif timezone.now() - delivery.made_at > timedelta(days=GIVE_UP_DAYS):
        logger.error("hotel %s: webhook delivery given up: %s", delivery.hotel_id, answer)
        _finish(delivery, given_up=True, answer=answer)
    else:
        pause = due_deliveries.pause_after(delivery.tries)
        delivery.next_try_at = timezone.now() + pause
        delivery.answer = answer[:ANSWER_LENGTH]
        delivery.save(update_fields=["next_try_at", "answer"])
        due_deliveries.postpone_hotel(delivery.hotel_id, delivery)
        logger.warning(
            "hotel %s: webhook delivery failed, next try in %s: %s",
            delivery.hotel_id,
            pause,
            answer,
        )
    return has_arrived


def _finish(delivery: WebhookDelivery, *, given_up: bool, answer: str) -> None:
    delivery.answer = answer[:ANSWER_LENGTH]
    if given_up:
        delivery.given_up_at = timezone.now()
    else:
        delivery.delivered_at = timezone.now()
    delivery.save(update_fields=["answer", "delivered_at", "given_up_at"])
    due_deliveries.put_hotel_last(delivery.hotel_id)
