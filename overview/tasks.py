"""Celery tasks of the overview; the folders of its pages and messages do the work."""

import logging
import time
from collections.abc import Callable

from celery import Task, shared_task
from django.db import Error

from common.task_queues import moves_to_own_queue
from overview.alerts import raise_alerts
from overview.messages import mail_sending, old_messages, webhook_sending
from overview.morning_mail import due_mornings
from overview.portfolio import stored_lines

logger = logging.getLogger(__name__)

RUN_SECONDS = 4  # then the next run continues: mails wait in the same queue
SENDING_SECONDS = 10  # of each channel
MOVED_SECONDS = 30  # then beat has sent another run
TIME_LIMIT_SECONDS = 180


@shared_task(bind=True, time_limit=TIME_LIMIT_SECONDS)
def make_messages(self: Task) -> int:
    """Make alerts and morning mails that are due; return how many."""
    if moves_to_own_queue(self, MOVED_SECONDS):
        return 0
    keep_going = _for(RUN_SECONDS)
    try:
        made = due_mornings.make_due_mornings(keep_going)
        made += raise_alerts.raise_alerts(_for(RUN_SECONDS))
    except Error as error:
        logger.error("messages were not made, the next run tries again: %s", error)
        return 0
    if not keep_going():
        make_messages.delay()
    return made


@shared_task(bind=True, time_limit=TIME_LIMIT_SECONDS)
def send_messages(self: Task) -> int:
    """Send what is due by mail and by webhook; return how many messages arrived."""
    if moves_to_own_queue(self, MOVED_SECONDS):
        return 0
    try:
        mails = mail_sending.send_due_mails(_for(SENDING_SECONDS))
        return mails + webhook_sending.send_due_webhooks(_for(SENDING_SECONDS))
    except Error as error:
        logger.error("messages were not sent, the next run tries again: %s", error)
        return 0


@shared_task(bind=True, time_limit=TIME_LIMIT_SECONDS)
def refresh_portfolio(self: Task) -> int:
    """Work out the portfolio's lines of hotels whose figures or day changed."""
    if moves_to_own_queue(self, MOVED_SECONDS):
        return 0
    try:
        return stored_lines.refresh_lines()
    except Error as error:
        logger.error("the portfolio was not refreshed, the next run tries again: %s", error)
        return 0


@shared_task
def delete_old_messages() -> int:
    """Delete old messages and what cannot come again; return how many rows."""
    return old_messages.delete_old_messages()


def _for(seconds: float) -> Callable[[], bool]:
    """Return what says whether a time is not over yet."""
    stop_at = time.monotonic() + seconds
    return lambda: time.monotonic() < stop_at
