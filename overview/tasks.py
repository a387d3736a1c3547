"""Celery tasks of the overview; the folders of its pages and messages do the work."""

import logging

from celery import shared_task
from django.db import Error

from overview.portfolio import stored_lines

logger = logging.getLogger(__name__)

TIME_LIMIT_SECONDS = 120


@shared_task(time_limit=TIME_LIMIT_SECONDS)
def refresh_portfolio() -> int:
    """Work out the portfolio's lines of hotels whose figures or day changed."""
    try:
        return stored_lines.refresh_lines()
    except Error as error:
        logger.error("the portfolio was not refreshed, the next run tries again: %s", error)
        return 0
