"""What the page of prices is told of a connection: prices that the system confirmed, and problems.

It is told over REST, as any booking system would (`PUT /prices/delivered/`), after each reading and
only what it does not know yet. A report that does not arrive is made again after the next reading;
it holds up nothing.
"""

import logging
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from connections import own_prices
from connections.adapters.known_vendors import ADAPTERS
from connections.models import Connection, ConnectionState, HandChange, SentPrice
from connections.own_services import OwnServiceFailure
from connections.reading.lease import Lease, LeaseLost

logger = logging.getLogger(__name__)

ROWS_AT_ONCE: Final = 500
MAX_PROBLEM: Final = 300
ENDED: Final = (ConnectionState.STOPPED, ConnectionState.DISCONNECTED)


def report_prices(lease: Lease) -> None:
    """Tell the prices' page what it does not know yet of a connection that is being read."""
    connection = lease.connection
    try:
        if connection.sends_prices:
            _report(lease, _problem_of(connection))
        elif connection.is_reported:
            own_prices.forget_delivery(connection.hotel_id)
            connection.prices.update(is_reported=False)
            lease.save(is_reported=False, reported_problem="")
    except OwnServiceFailure as failure:
        logger.warning("%s: the page of prices is told later: %s", connection, failure)
    except LeaseLost:
        return


def report_ended_connections() -> None:
    """Tell the prices' page of connections that people stopped or disconnected."""
    for connection in Connection.objects.filter(is_reported=True, state__in=ENDED):
        ended = Connection.objects.filter(pk=connection.pk, state=connection.state)
        try:
            if connection.state == ConnectionState.STOPPED:
                problem = _("the connection was stopped")
                if connection.reported_problem != problem:
                    _put(connection, problem, [])
                    ended.update(reported_problem=problem)
                continue
            others = Connection.objects.filter(hotel_id=connection.hotel_id, is_reported=True)
            if not others.exclude(pk=connection.pk).exists():
                own_prices.forget_delivery(connection.hotel_id)
            ended.update(is_reported=False, reported_problem="")
        except OwnServiceFailure as failure:
            logger.warning("%s: the page of prices is told later: %s", connection, failure)


def _report(lease: Lease, problem: str) -> None:
    """Raises: OwnServiceFailure, LeaseLost."""
    connection = lease.connection
    soon = timezone.now().date() - timedelta(days=1)  # no hotel's today is earlier
    confirmed = list(connection.prices.filter(is_reported=False, night__gte=soon))
    refused = {
        (row.room_type_id, row.night): row
        for row in connection.changes_by_hand.filter(night__gte=soon).exclude(problem="")
    }
    new = [row for row in confirmed if (row.room_type_id, row.night) not in refused]
    rows: list[tuple[SentPrice | HandChange, dict[str, Any]]]
    rows = [(row, _row(connection, row)) for row in new]
    rows += [
        (change, _row_of_change(connection, change))
        for change in refused.values()
        if not change.is_reported
    ]
    if not rows and connection.is_reported and problem == connection.reported_problem:
        return
    for start in range(0, max(len(rows), 1), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        _put(connection, problem, [body for row, body in part])
        lease.save(is_reported=True, reported_problem=problem)
        for kind in (SentPrice, HandChange):
            known = [row.pk for row, body in part if isinstance(row, kind)]
            kind.objects.filter(pk__in=known).update(is_reported=True)


def _problem_of(connection: Connection) -> str:
    if connection.failure:
        text = f"{connection.get_failure_display()}: {connection.failure_text}"
    else:
        text = connection.price_problem
    return text[:MAX_PROBLEM]


def _put(connection: Connection, problem: str, rows: list[dict[str, Any]]) -> None:
    kind = ADAPTERS.get(connection.vendor)
    system = kind.title if kind else connection.vendor
    own_prices.report_delivery(connection.hotel_id, system[:60], problem, rows)


def _row(connection: Connection, row: SentPrice) -> dict[str, Any]:
    return {
        "night": str(row.night), "room_type": row.room_type or None, "price": f"{row.price:f}",
        "currency": connection.currency, "confirmed_at": row.confirmed_at.isoformat(),
    }  # fmt: skip


def _row_of_change(connection: Connection, row: HandChange) -> dict[str, Any]:
    problem = _(
        "set in the booking system, and kept there, because it cannot be an override here: "
        "%(reason)s"
    ) % {"reason": row.problem}
    return {
        "night": str(row.night), "room_type": row.room_type or None,
        "price": f"{round(row.price, 3):f}", "currency": connection.currency,
        "confirmed_at": row.noticed_at.isoformat(), "problem": problem[:MAX_PROBLEM],
    }  # fmt: skip
