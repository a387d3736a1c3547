"""Which connections are read next: those that wait longest."""

import time
from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from connections.models import ACTIVE_STATES, Connection, FailureKind
from connections.prices.delivery_reports import report_ended_connections
from connections.reading.reading import read_connection

NUDGE_PAUSE: Final = timedelta(seconds=5)  # between readings that webhooks ask for
# A nudge does not shorten what the vendor asked us to wait, or a wait for a person.
PATIENT: Final = (FailureKind.TOO_OFTEN, FailureKind.CREDENTIALS)


def read_due(end: float) -> int:
    """Read connections that are due, the longest waiting first.

    Args:
        end: when to stop, by `time.monotonic`.
    Returns:
        how many were read to the end.
    """
    report_ended_connections()
    done = 0
    now = timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    due = Connection.objects.filter(free, state__in=ACTIVE_STATES, next_read_at__lte=now)
    for number in list(due.order_by("next_read_at").values_list("pk", flat=True)):
        if time.monotonic() > end:
            break
        done += read_connection(number, end=end)
    return done


def nudge(connections: Q) -> int:
    """Have active connections read soon; return how many. Two nudges within seconds are one."""
    now = timezone.now()
    found = Connection.objects.filter(connections, state__in=ACTIVE_STATES)
    found.filter(Q(nudged_at__isnull=True) | Q(nudged_at__lt=now)).update(nudged_at=now)
    soon = now + NUDGE_PAUSE
    found.exclude(failure__in=PATIENT).filter(next_read_at__gt=soon).update(next_read_at=soon)
    return found.count()
