"""The simulator's Celery tasks, which `make run SIMULATE=1` schedules."""

import logging
from datetime import datetime, timedelta
from itertools import islice

from celery import shared_task
from django.conf import settings
from django.db import Error
from django.utils.timezone import now

from data_provider import ledger
from data_provider.event_validation import parse_event
from simulator.demonstration_bookings import demonstration_events
from simulator.demonstration_files import FOLDER, find_demonstration
from simulator.hotel_demand import hotel_profile

logger = logging.getLogger(__name__)

DEMONSTRATION_HOTEL_ID = 3
DEMONSTRATION_WINDOW_SECONDS = 60
EVENTS_PER_STATEMENT = 1_000

# Up to when this process has recorded what comes to the demonstration's other hotels.
_recorded_until: datetime | None = None


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


@shared_task
def record_coming_bookings() -> int:
    """Record what the hotels of the loaded demonstration sold until now; return how much was new.

    They go on at the pace of their past. The first run of a process begins where the loaded file
    ends, so that bookings made while the system was stopped are there, too.
    """
    global _recorded_until
    try:
        demonstration = find_demonstration(settings.DATA_DIR / FOLDER)
        if demonstration is None or not demonstration.events.exists():
            return 0
        if _recorded_until is None and not demonstration.is_recorded():
            return 0  # another ledger, where nobody expects it
        begin, end = _recorded_until or demonstration.made_at, now()
        parsed = map(parse_event, demonstration.coming_events(begin, end))
        rows = iter([row for row, _ in parsed if row is not None])
        created = 0
        while part := list(islice(rows, EVENTS_PER_STATEMENT)):
            created += ledger.record(part).created
    except (Error, OSError) as error:
        logger.warning("no bookings of the demonstration this time: %s", error)
        return 0
    _recorded_until = end
    return created
