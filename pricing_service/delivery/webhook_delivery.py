"""Webhook delivery: posts present prices to the booking system, signed, until it knows them.

Each post has what differs from what the receiver was last told (`told_prices`) at the moment of
sending, at most PRICES_IN_A_POST of it: after an outage the newest prices are sent, once, and an
old price never follows a new one. A post that fails is repeated as it was while nothing changes.

A post follows the Standard Webhooks specification (standardwebhooks.com): `webhook-id` is the same
for every post of the same prices, so that the receiver can ignore repetitions; `webhook-timestamp`
is in seconds since 1970; `webhook-signature` is described in `webhook_secret`. Any 2xx status means
success.

A receiver has EXCHANGE_SECONDS for everything, and at most HOTELS_IN_FLIGHT are posted to at the
same time, at most half of them hotels whose last try failed: slow receivers delay others by
seconds. `due_deliveries` decides whose turn it is. Nothing is ever given up: after GIVE_UP_DAYS an
error is logged, once a day, and it is tried on, every hour.
"""

import logging
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime

import orjson
from django.db.models import F
from django.utils import timezone

from common.row_claims import pause_after
from pricing_service.delivery import due_deliveries, http_exchange, told_prices, webhook_secret
from pricing_service.delivery.due_deliveries import GIVE_UP_DAYS, NEVER
from pricing_service.delivery.http_exchange import Outcome
from pricing_service.delivery.present_prices import PresentPrice
from pricing_service.delivery.webhook_models import WAITING, WebhookDelivery, WebhookReceiver
from pricing_service.models import PricingRules

logger = logging.getLogger(__name__)

EXCHANGE_SECONDS = 10.0  # shorter than CLAIM_HOLDS
HOTELS_IN_FLIGHT = 16
POLL_SECONDS = 0.5  # while slow receivers are waited for, what became due is looked up this often
PRICES_IN_A_POST = 400  # a year's nights
ANSWER_LENGTH = 300


@dataclass(frozen=True)
class _Sending:
    """A post that is being sent.

    Attributes:
        receiver: as it was before the prices were read.
        is_all: whether nothing else differs.
    """

    receiver: WebhookReceiver
    delivery: WebhookDelivery
    prices: list[PresentPrice]
    is_all: bool


def deliver_due(keep_going: Callable[[], bool] = lambda: True) -> int:
    """Send what is due, the hotel first that has waited longest, and return how many posts arrived.

    Threads send; everything about the database happens in the caller's thread.

    Args:
        keep_going: asked before each post; False ends the run when what is being sent is done.
    Raises:
        django.db.Error.
    """
    due_deliveries.find_changes()
    arrived = 0
    in_flight: dict[Future[Outcome], _Sending] = {}
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
    threads: ThreadPoolExecutor, in_flight: dict[Future[Outcome], _Sending]
) -> dict[Future[Outcome], _Sending] | None:
    """Send what is due next; return it, empty if nothing was to be sent, None if nothing is due."""
    retries = sum(sending.receiver.tries > 1 for sending in in_flight.values())
    receiver = due_deliveries.claim_next(
        [sending.receiver.hotel_id for sending in in_flight.values()],
        fresh_only=retries >= HOTELS_IN_FLIGHT // 2,
    )
    if receiver is None:
        return None
    rules = PricingRules.objects.filter(pk=receiver.hotel_id).first()
    if rules is None or not rules.webhook_url:
        told_prices.end_waiting(receiver.hotel_id, "the hotel has no webhook any more")
        due_deliveries.end_claim(receiver, is_settled=True)
        return {}
    if not told_prices.is_at_address(receiver, rules):
        due_deliveries.end_claim(receiver, is_settled=False)
        told_prices.see_rules(rules)
        return {}
    untold = told_prices.untold_prices(rules)
    if not untold:
        told_prices.end_waiting(receiver.hotel_id)
        due_deliveries.end_claim(receiver, is_settled=True)
        return {}
    prices = untold[:PRICES_IN_A_POST]
    delivery = _delivery(receiver.hotel_id, rules.currency, prices)
    body, headers = _request(delivery, rules)
    sending = _Sending(receiver, delivery, prices, is_all=len(prices) == len(untold))
    exchange = threads.submit(
        http_exchange.post_outcome, rules.webhook_url, body, headers, EXCHANGE_SECONDS
    )
    return {exchange: sending}


def _delivery(hotel_id: int, currency: str, prices: list[PresentPrice]) -> WebhookDelivery:
    """Return the post of these prices: the one that failed if they are the same, or a new one."""
    content = [price.as_json() for price in prices]
    waiting = WebhookDelivery.objects.filter(WAITING, hotel_id=hotel_id, next_try_at=NEVER)
    last = waiting.order_by("-made_at").first()
    if last is not None and (last.currency, last.prices) == (currency, content):
        WebhookDelivery.objects.filter(pk=last.pk).update(tries=F("tries") + 1)
        return last
    told_prices.end_waiting(hotel_id)
    return WebhookDelivery.objects.create(
        hotel_id=hotel_id, currency=currency, prices=content, tries=1, next_try_at=NEVER
    )


def _request(delivery: WebhookDelivery, rules: PricingRules) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a delivery, signed now; the body is the same each time."""
    body = orjson.dumps(
        {
            "type": "prices.changed",
            "timestamp": delivery.made_at,
            "data": {
                "hotel_id": delivery.hotel_id,
                "currency": delivery.currency,
                "prices": delivery.prices,
            },
        }
    )
    secrets = webhook_secret.valid_secrets(rules)
    return body, webhook_secret.signed_headers(secrets, str(delivery.id), body)


def _save(sending: _Sending, has_arrived: bool, answer: str) -> bool:
    """Save the result of a try, and return whether the post arrived."""
    now, hotel_id, answer = timezone.now(), sending.receiver.hotel_id, answer[:ANSWER_LENGTH]
    delivery = WebhookDelivery.objects.filter(pk=sending.delivery.pk)
    delivery.update(answer=answer, **({"delivered_at": now} if has_arrived else {}))
    with told_prices.locked_receiver(hotel_id) as receiver:
        receiver.busy_until = None
        # Else it is another receiver now, or is to be told all of it again.
        if receiver.forgotten == sending.receiver.forgotten:
            last_try_at, receiver.last_try_at, receiver.answer = receiver.last_try_at, now, answer
            if has_arrived:
                _note_success(receiver, sending, now)
            else:
                _note_failure(receiver, last_try_at, now)
        receiver.save()
    return has_arrived


def _note_success(receiver: WebhookReceiver, sending: _Sending, now: datetime) -> None:
    """Note that the receiver knows what was sent; it is due again, last, if there is more."""
    told_prices.save_told(receiver.hotel_id, sending.prices)
    receiver.tries, receiver.failing_since = 0, None
    receiver.delivered_at = receiver.next_try_at = now
    if sending.is_all and receiver.changes == sending.receiver.changes:
        receiver.changed_at = None


def _note_failure(receiver: WebhookReceiver, last_try_at: datetime | None, now: datetime) -> None:
    receiver.failing_since = receiver.failing_since or now
    pause = pause_after(max(receiver.tries, 1))
    receiver.next_try_at = now + pause
    days = (now - receiver.failing_since).days
    days_before = (last_try_at - receiver.failing_since).days if last_try_at else 0
    if days >= GIVE_UP_DAYS and days > days_before:
        logger.error(
            "hotel %s: its booking system has taken no prices for %s days; it is tried on, every "
            "hour: %s",
            receiver.hotel_id,
            days,
            receiver.answer,
        )
    else:
        logger.warning(
            "hotel %s: webhook delivery failed, next try in %s: %s",
            receiver.hotel_id,
            pause,
            receiver.answer,
        )
