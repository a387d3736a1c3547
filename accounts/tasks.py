"""The daily task that deletes expired sessions and old records of logins."""

import logging
from datetime import timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from celery import shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import Error
from django.utils import timezone

logger = logging.getLogger(__name__)

LOGIN_LOG_DAYS = 90  # addresses of people: kept as long as somebody may ask what happened


@shared_task
def delete_expired_logins() -> int:
    """Delete expired sessions, attempts that lock nothing any more and old logs of logins.

    Returns: how many rows were deleted.
    """
    now = timezone.now()
    log_limit = now - timedelta(days=LOGIN_LOG_DAYS)
    expired = (
        Session.objects.filter(expire_date__lt=now),
        AccessAttempt.objects.filter(attempt_time__lt=now - 2 * settings.AXES_COOLOFF_TIME),
        AccessLog.objects.filter(attempt_time__lt=log_limit),
        AccessFailureLog.objects.filter(attempt_time__lt=log_limit),
    )
    try:
        deleted = sum(rows.delete()[0] for rows in expired)
    except Error as error:
        logger.error("expired logins were not deleted, tomorrow's run tries again: %s", error)
        return 0
    if deleted:
        logger.info("deleted %s expired sessions and old records of logins", f"{deleted:,}")
    return deleted
