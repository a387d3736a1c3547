"""Mails to people, and the daily task that deletes what of logins and invitations is over."""

import logging
from datetime import timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from celery import Task, shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import Error
from django.utils import timezone

from accounts.models import AuditEntry, Invitation, LoginSession
from accounts.own_account import password_reset
from accounts.people import invitation_mail

logger = logging.getLogger(__name__)

LOGIN_LOG_DAYS = 90  # addresses of people: kept as long as somebody may ask what happened
INVITATION_DAYS = 90  # then what became of it is in the audit log alone
MAIL_RETRY_SECONDS, MAIL_RETRIES = 60, 5
MAIL_TIME_LIMIT_SECONDS = 60


@shared_task(bind=True, max_retries=MAIL_RETRIES, time_limit=MAIL_TIME_LIMIT_SECONDS)
def send_invitation_mail(self: Task, invitation_id: int, base_url: str) -> None:
    """Send an invitation's mail, and try again some times when the mail server does not take it."""
    try:
        invitation_mail.send(invitation_id, base_url, _language(self))
    except (OSError, Error) as error:
        _try_mail_again(self, error)


@shared_task(bind=True, max_retries=MAIL_RETRIES, time_limit=MAIL_TIME_LIMIT_SECONDS)
def send_password_links(self: Task, address: str, base_url: str) -> None:
    """Mail links to set a new password to the logins of an address, if it has any."""
    try:
        password_reset.send_links(address, base_url, _language(self))
    except (OSError, Error) as error:
        _try_mail_again(self, error)


def _language(task: Task) -> str:
    """Return the language of the page on which a mail was asked for; a header of the task."""
    return str((task.request.headers or {}).get("language", ""))


def _try_mail_again(task: Task, error: Exception) -> None:
    logger.error("a mail was not sent: %s", error)
    if task.request.retries < MAIL_RETRIES and not task.request.called_directly:
        raise task.retry(exc=error, countdown=MAIL_RETRY_SECONDS)


@shared_task
def delete_expired_logins() -> int:
    """Delete expired sessions, attempts that lock nothing any more, old logs and invitations.

    Returns: how many rows were deleted.
    """
    now = timezone.now()
    log_limit = now - timedelta(days=LOGIN_LOG_DAYS)
    expired = (
        LoginSession.objects.filter(session__expire_date__lt=now),
        Session.objects.filter(expire_date__lt=now),
        LoginSession.objects.exclude(session__in=Session.objects.all()),
        # Logins are of no hotel.
        AuditEntry.objects.filter(hotel_id=None, at__lt=log_limit),
        Invitation.objects.filter(sent_at__lt=now - timedelta(days=INVITATION_DAYS)),
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
