"""How all connections together are, for metrics: ages in seconds, and counts."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Min, Q, Sum
from django.utils import timezone

from connections.models import (
    ACTIVE_STATES,
    Connection,
    ConnectionState,
    FailureKind,
    ReservationProblem,
)


class ConnectionFigures(NamedTuple):
    """Figures of the connections that are read by themselves.

    Attributes:
        by_state: how many are in their first import, and how many are connected.
        oldest_reading_seconds: since the last complete reading of the one where it is longest ago.
        due_seconds: since the one that waits longest should have been read.
        failing: how many failed at their last reading, by the kind of failure.
        not_understood: reservations or lines that could not be stated.
        prices_unconfirmed: prices that differ from what booking systems have confirmed.
        price_problems: connections of which some price cannot be sent.
    """

    by_state: dict[str, int]
    oldest_reading_seconds: float
    due_seconds: float
    failing: dict[str, int]
    not_understood: int
    prices_unconfirmed: int
    price_problems: int


def read_figures() -> ConnectionFigures:
    """Return the figures. Raises: django.db.Error."""
    now = timezone.now()
    active = Connection.objects.filter(state__in=ACTIVE_STATES)
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    found = active.aggregate(
        importing=Count("pk", filter=Q(state=ConnectionState.IMPORTING)),
        reading=Count("pk", filter=Q(state=ConnectionState.READING)),
        oldest=Min("read_at", filter=Q(state=ConnectionState.READING)),
        due=Min("next_read_at", filter=free & Q(next_read_at__lte=now)),
        unconfirmed=Sum("prices_unconfirmed", filter=Q(sends_prices=True)),
        price_problems=Count("pk", filter=Q(sends_prices=True) & ~Q(price_problem="")),
    )
    kinds = [kind for kind in FailureKind.values if kind]
    counted = active.exclude(failure="").values_list("failure").annotate(count=Count("pk"))
    return ConnectionFigures(
        {state: found[state] for state in ("importing", "reading")},
        _age(found["oldest"], now),
        _age(found["due"], now),
        dict.fromkeys(kinds, 0) | dict(counted),
        ReservationProblem.objects.filter(connection__state__in=ACTIVE_STATES).count(),
        found["unconfirmed"] or 0,
        found["price_problems"],
    )


def _age(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())
