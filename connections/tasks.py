"""Celery tasks of the connections; `connections.reading` does the work."""

import logging
import time

from celery import shared_task
from django.db import Error

from connections.reading import due_connections

logger = logging.getLogger(__name__)

RUN_SECONDS = 8  # then the next run goes on with the connection that waits longest
TIME_LIMIT_SECONDS = 1_800  # a large file over a slow line; each call has a limit of its own


@shared_task(time_limit=TIME_LIMIT_SECONDS)
def read_connections() -> int:
    """Read the booking systems that are due; return how many are read to the end."""
    try:
        return due_connections.read_due(time.monotonic() + RUN_SECONDS)
    except Error as error:
        logger.error("no connection was read, the next run tries again: %s", error)
        return 0
