"""The pricing service's Celery tasks: they schedule; `repricing` and `webhooks` do the work."""

import logging
import time

from celery import shared_task
from django.db import Error

from pricing_service.decisions import automatic_pricing
from pricing_service.delivery import webhook_delivery

logger = logging.getLogger(__name__)

RUN_SECONDS = 4  # then the next run goes on: the queue is also the ledger's
TIME_LIMIT_SECONDS = 180


@shared_task(time_limit=TIME_LIMIT_SECONDS)
def price_what_changed() -> int:
    """Renew the prices of hotels whose figures, rules or day changed; how many nights."""
    stop_at = time.monotonic() + RUN_SECONDS
    nights = 0
    try:
        for hotel_id in automatic_pricing.hotels_to_price():
            nights += automatic_pricing.reprice(hotel_id)
            if time.monotonic() > stop_at:
                price_what_changed.delay()
                break
    except Error as error:
        logger.error("no prices are renewed, the next run tries again: %s", error)
        return nights
    if nights:
        logger.info("%s nights priced", f"{nights:,}")
    return nights


@shared_task(time_limit=TIME_LIMIT_SECONDS)
def deliver_prices() -> int:
    """Post new prices to booking systems; how many deliveries arrived."""
    stop_at = time.monotonic() + RUN_SECONDS
    try:
        return webhook_delivery.deliver_due(lambda: time.monotonic() < stop_at)
    except Error as error:
        logger.error("no prices are delivered, the next run tries again: %s", error)
        return 0
