"""Celery tasks of the pricing service; `decisions` and `delivery` do the work."""

import logging
import time

from celery import Task, shared_task
from django.db import Error

from pricing_service.decisions import automatic_pricing, repricing_schedule
from pricing_service.delivery import webhook_delivery
from pricing_service.demand.room_night_counting import follow_priced_hotels
from pricing_service.event_calendars import calendar_reading
from pricing_service.rules.rooms_carry_over import carry_over_all_rooms

logger = logging.getLogger(__name__)

RUN_SECONDS = 4  # then the next run continues: the ledger's tasks use the same queue
# Deliveries have a queue and a worker of their own; a run ends so that a worker can be stopped.
DELIVERY_RUN_SECONDS = 20
FORWARDED_SECONDS = 15  # then beat has sent another run
TIME_LIMIT_SECONDS = 180


@shared_task(time_limit=TIME_LIMIT_SECONDS)
def price_what_changed() -> int:
    """Reprice hotels whose figures, rooms, rules or day changed; return how many nights."""
    stop_at = time.monotonic() + RUN_SECONDS
    nights = 0
    try:
        carry_over_all_rooms()
        follow_priced_hotels()
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


@shared_task(bind=True, time_limit=TIME_LIMIT_SECONDS)
def deliver_prices(self: Task) -> int:
    """Post new prices to booking systems and return how many deliveries arrived.

    Receivers are strangers, and may be slow: a run never takes place in a worker of another queue,
    which may be the ledger's. The version before this one sends the task to the default queue.
    """
    if not self.request.called_directly and _is_in_another_queue(self):
        deliver_prices.apply_async(expires=FORWARDED_SECONDS)
        return 0
    stop_at = time.monotonic() + DELIVERY_RUN_SECONDS
    try:
        arrived = webhook_delivery.deliver_due(lambda: time.monotonic() < stop_at)
    except Error as error:
        logger.error("webhook delivery failed, the next run tries again: %s", error)
        return 0
    if time.monotonic() > stop_at:
        deliver_prices.apply_async(expires=FORWARDED_SECONDS)
    return arrived


@shared_task(time_limit=TIME_LIMIT_SECONDS)
def read_event_calendars() -> int:
    """Read the event calendars that are due, each once a day; return how many were read."""
    stop_at = time.monotonic() + DELIVERY_RUN_SECONDS
    try:
        return calendar_reading.read_due(lambda: time.monotonic() < stop_at)
    except Error as error:
        logger.error("event calendars were not read, the next run tries again: %s", error)
        return 0


def _is_in_another_queue(task: Task) -> bool:
    """Return whether a run came through another queue than the one that is set for the task."""
    delivery_info: dict[str, str] = task.request.delivery_info or {}
    own: str = task.app.conf.task_routes[task.name]["queue"]
    return delivery_info.get("routing_key") != own
