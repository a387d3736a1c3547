"""Celery tasks of the pricing service; `decisions` and `delivery` do the work."""

import logging
import time

from celery import shared_task
from django.db import Error

from pricing_service.decisions import automatic_pricing, repricing_schedule
from pricing_service.delivery import webhook_delivery

logger = logging.getLogger(__name__)

RUN_SECONDS = 4  # then the next run continues: the ledger's tasks use the same queue
TIME_LIMIT_SECONDS = 180


@shared_task(time_limit=TIME_LIMIT_SECONDS)
def price_what_changed() -> int:
    """Reprice hotels whose figures, rules or day changed and return how many nights were priced."""
    stop_at = time.monotonic() + RUN_SECONDS
    nights = 0
    try:
        for hotel_id in repricing_schedule.hotels_due_for_repricing():
            nights += automatic_pricing.reprice(hotel_id)
            if time.monotonic() > stop_at:
                price_what_changed.delay()
                break
    except Error as error:
        logger.error("repricing failed, the next run tries again: %s", error)
        return nights
    if nights:
        logger.info("%s nights priced", f"{nights:,}")
    return nights


@shared_task(time_limit=TIME_LIMIT_SECONDS)
def deliver_prices() -> int:
    """Post new prices to booking systems and return how many deliveries arrived."""
    stop_at = time.monotonic() + RUN_SECONDS
    try:
        return webhook_delivery.deliver_due(lambda: time.monotonic() < stop_at)
    except Error as error:
        logger.error("webhook delivery failed, the next run tries again: %s", error)
        return 0
