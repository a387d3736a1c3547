"""Login sessions of users: from where, when last used, and ending them.

A login makes the row; one from before these rows gets it with its next request. The time of the
last use is exact to a few minutes, and saving it delays no request.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connections, router
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import LoginSession
from accounts.own_account.login_session_model import MAX_BROWSER
from accounts.rate_limits import address
from accounts.short_lock_timeout import short_lock_timeout

logger = logging.getLogger(__name__)

PRECISION = timedelta(minutes=5)
REMEMBERED = 10_000  # sessions of which a process knows when it last saved their use

_last_saved: dict[str, datetime] = {}


def record_use(request: HttpRequest) -> None:
    """Save the time of this use; a failure is logged, and the request goes on."""
    key = request.session.session_key
    if key is None:
        return
    now = timezone.now()
    previous = _last_saved.pop(key, None)
    if previous is not None and now - previous <= PRECISION:
        _last_saved[key] = previous
        return
    while len(_last_saved) >= REMEMBERED:
        _last_saved.pop(next(iter(_last_saved)), None)
    _last_saved[key] = now
    try:
        with short_lock_timeout(connections[router.db_for_write(LoginSession)]):
            known = LoginSession.objects.filter(session=key)
            if not known.update(last_used_at=now, address=address(request)):
                _create(request, request.user, key)
    except DatabaseError as error:
        logger.warning("the use of a session of %s was not saved: %s", request.user, error)


@receiver(user_logged_in)
def _logged_in(user: Any, request: HttpRequest | None = None, **_: Any) -> None:
    if request is not None and request.session.session_key:
        _create(request, user, request.session.session_key)


def _create(request: HttpRequest, user: Any, key: str) -> None:
    browser = request.headers.get("User-Agent", "")
    LoginSession.objects.update_or_create(
        session_id=key,
        defaults={
            "user_id": user.pk,
            "browser": "".join(filter(str.isprintable, browser))[:MAX_BROWSER],
            "address": address(request),
            "last_used_at": timezone.now(),
        },
    )


def sessions_of(user: Any) -> list[LoginSession]:
    """Return a user's sessions that have not expired, the last used first."""
    sessions = LoginSession.objects.filter(user_id=user.pk, session__expire_date__gt=timezone.now())
    return list(sessions.order_by("-last_used_at"))


def end_session(user: Any, number: int) -> bool:
    """End one of a user's sessions at once; return whether there was one of this number."""
    session = LoginSession.objects.filter(user_id=user.pk, pk=number).first()
    if session is None:
        return False
    Session.objects.filter(pk=session.session_id).delete()
    return True


def end_sessions(user: Any, *, but: str | None = None) -> int:
    """End a user's sessions at once, and return how many.

    Args:
        but: the key of a session that goes on.
    """
    known = LoginSession.objects.filter(user_id=user.pk)
    keys = set(known.values_list("session_id", flat=True))
    # Those from before these rows that were not used since: what is in them says whose they are.
    for session in Session.objects.exclude(pk__in=LoginSession.objects.values("session_id")):
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            keys.add(session.pk)
    ended, _ = Session.objects.filter(pk__in=keys - {but}).delete()
    return ended
