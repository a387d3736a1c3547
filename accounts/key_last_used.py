"""Time of each API key's last use, exact to a minute, saved without delaying the request."""

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError, connections, router
from django.utils import timezone

from accounts.models import ApiKey
from accounts.short_lock_timeout import short_lock_timeout

logger = logging.getLogger(__name__)

PRECISION = timedelta(minutes=1)  # a write for every request would cost more than the request

_last_saved: dict[str, datetime] = {}  # by key prefix: when this process last tried to save a use


def record_use(key: ApiKey) -> None:
    """Save the time of this use; a failure is logged, and the request goes on."""
    now = timezone.now()
    previous = _last_saved.get(key.prefix) or key.last_used_at
    if previous is not None and now - previous <= PRECISION:
        return
    _last_saved[key.prefix] = now
    try:
        with short_lock_timeout(connections[router.db_for_write(ApiKey)]):
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    except DatabaseError as error:
        logger.warning("the last use of the key %r was not saved: %s", key.name, error)
