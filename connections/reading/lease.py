"""The lease: one reader of a connection at a time, whatever the number of workers.

Promises: only the holder of a lease changes what a reading changes, so that a cursor never goes
back; a holder that dies loses it after LEASE_SECONDS; one that is slow renews it with each call to
the vendor; one that has lost it, or whose connection a person stopped, learns so before it stores
anything more. What it did meanwhile does no harm: the ledger takes the same reservation again.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from connections.models import ACTIVE_STATES, Connection

LEASE_SECONDS: Final = 120  # more than one call to a vendor may take


class LeaseLost(Exception):
    """Another worker reads the connection, or a person stopped it."""


class Lease:
    """A connection that this worker alone reads."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        assert connection.lease is not None
        self._token = connection.lease

    def save(self, **fields: Any) -> None:
        """Store fields of the connection and renew the lease. Raises: LeaseLost."""
        fields["lease_until"] = timezone.now() + timedelta(seconds=LEASE_SECONDS)
        if not self._mine().update(**fields):
            raise LeaseLost
        for name, value in fields.items():
            setattr(self.connection, name, value)

    def _mine(self) -> QuerySet[Connection]:
        return Connection.objects.filter(
            pk=self.connection.pk, lease=self._token, state__in=ACTIVE_STATES
        )

    def renew(self) -> None:
        """Raises: LeaseLost."""
        self.save()

    def add(self, **counts: int) -> None:
        """Add to counters of the connection, in the database. Raises: LeaseLost."""
        if not self._mine().update(**{name: F(name) + count for name, count in counts.items()}):
            raise LeaseLost

    def release(self) -> None:
        """Let others read it."""
        Connection.objects.filter(pk=self.connection.pk, lease=self._token).update(
            lease=None, lease_until=None
        )


@contextmanager
def hold(connection_id: uuid.UUID) -> Iterator[Lease | None]:
    """Hold the lease of a connection that is active; None where another worker has it.

    A worker that is killed does not release it; it runs out.
    """
    now, token = timezone.now(), uuid.uuid4()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    taken = Connection.objects.filter(free, pk=connection_id, state__in=ACTIVE_STATES).update(
        lease=token, lease_until=now + timedelta(seconds=LEASE_SECONDS)
    )
    if not taken:
        yield None
        return
    lease = Lease(Connection.objects.get(pk=connection_id))
    try:
        yield lease
    except Exception:  # not a BaseException: a process that ends leaves the lease to run out
        lease.release()
        raise
    lease.release()
