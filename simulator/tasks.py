"""The simulator's Celery task, which `make run SIMULATE=1` schedules."""

import logging
from datetime import timedelta

from celery import shared_task
from django.db import Error
from django.utils.timezone import now

from data_provider import ledger
from data_provider.event_validation import parse_event
from simulator.demonstration_bookings import demonstration_events
from simulator.hotel_demand import hotel_profile

logger = logging.getLogger(__name__)

DEMONSTRATION_HOTEL_ID = 3
DEMONSTRATION_WINDOW_SECONDS = 60


@shared_task
def record_demonstration_bookings() -> int:
    """Record the demonstration hotel's bookings of the last minute; return how many were new."""
    end = now()
    start = end - timedelta(seconds=DEMONSTRATION_WINDOW_SECONDS)
    profile = hotel_profile(DEMONSTRATION_HOTEL_ID)
    events = demonstration_events(profile, start, end, seed=1)
    rows = [row for row, _ in map(parse_event, events) if row is not None]
    try:
        return ledger.record(rows).created
    except Error as error:
        logger.warning("no demonstration bookings this time: %s", error)
        return 0
