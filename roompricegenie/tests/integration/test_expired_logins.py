"""The daily task deletes what of logins has expired, and nothing else."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.tasks import LOGIN_LOG_DAYS, delete_expired_logins
from roompricegenie.celery import app

pytestmark = pytest.mark.django_db


def at(model: Any, moment: datetime, **fields: int) -> Any:
    row = model.objects.create(username="mia", user_agent=str(moment), **fields)
    model.objects.filter(pk=row.pk).update(attempt_time=moment)  # it is set when it is created
    return row


def test_expired_rows_go_and_others_stay() -> None:
    now = timezone.now()
    minute = timedelta(minutes=1)
    locks = 2 * settings.AXES_COOLOFF_TIME
    for key, expires in (("old", now - minute), ("open", now + minute)):
        Session.objects.create(session_key=key, session_data="", expire_date=expires)
    at(AccessAttempt, now - locks - minute, failures_since_start=5)
    recent_attempt = at(AccessAttempt, now - locks + minute, failures_since_start=5)
    at(AccessLog, now - timedelta(days=LOGIN_LOG_DAYS + 1))
    recent_log = at(AccessLog, now - timedelta(days=LOGIN_LOG_DAYS - 1))
    assert delete_expired_logins() == 3
    assert [row.session_key for row in Session.objects.all()] == ["open"]
    assert [row.pk for row in AccessAttempt.objects.all()] == [recent_attempt.pk]
    assert [row.pk for row in AccessLog.objects.all()] == [recent_log.pk]


def test_beat_sends_it_to_a_worker_that_knows_it() -> None:
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    app.loader.import_default_modules()
    assert delete_expired_logins.name in scheduled & set(app.tasks)
