"""When a key was last used, kept to the minute and without making anybody wait."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, connections, router
from django.utils import timezone

from accounts.models import ApiKey

logger = logging.getLogger(__name__)

USED_EVERY = timedelta(minutes=1)  # how exact the last use of a key is kept

_noted: dict[str, datetime] = {}  # by key: when this process last tried to keep a use


def note(key: ApiKey) -> None:
    """Keep the time, without making anybody wait for a lock."""
    now = timezone.now()
    known = _noted.get(key.prefix) or key.last_used_at
    if known is not None and now - known <= USED_EVERY:
        return
    _noted[key.prefix] = now
    try:
        with _impatient(connections[router.db_for_write(ApiKey)]):
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    except DatabaseError as error:
        logger.warning("the last use of the key %r was not kept: %s", key.name, error)


@contextmanager
def _impatient(connection: Any) -> Iterator[None]:
    """On SQLite a write waits for the lock of another; not here."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute("PRAGMA busy_timeout = 20")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(patience)}")
