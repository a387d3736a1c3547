"""Reading one connection: from the vendor's changes into the ledger.

Promise: every change that the vendor shows reaches the ledger, and counts once. The cursor moves
only after the ledger's REST answered 2xx for the page before it, and together with the list of what
was not understood; whatever dies between two steps, the page is read and stated again, and the
ledger appends nothing for what it knows. Each window begins `overlap` before the last one's end, so
that a change that the vendor shows late is seen; windows end at the vendor's clock, not at ours.
A ledger that was restored from a backup gets everything again.
"""

import logging
import time
import traceback
import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from connections import own_services
from connections.adapters.adapter import (
    SHAPE_ERRORS,
    Adapter,
    ChangesPage,
    CredentialsRefused,
    NotConfirmed,
    NotReachable,
    NotUnderstood,
    OddAnswer,
    PageLost,
    TooMuch,
    TooOften,
    VendorFailure,
)
from connections.adapters.known_vendors import open_adapter, with_fresh_secrets
from connections.files.file_adapter import FileAdapter, FileChanged
from connections.files.file_taking import ColumnsUnknown, take_files
from connections.models import (
    MAX_ID_LENGTH,
    Connection,
    ConnectionState,
    FailureKind,
    ReadReservation,
    ReservationProblem,
)
from connections.own_services import OwnServiceFailure, Stated
from connections.prices.delivery_reports import report_prices
from connections.prices.price_sending import send_prices
from connections.reading.back_off import seconds_to_wait
from connections.reading.counting import as_counted
from connections.reading.lease import Lease, LeaseLost, hold
from connections.secret_encryption import SecretsUnreadable

logger = logging.getLogger(__name__)

SHORTEST_WINDOW_SECONDS: Final = 60
ROWS_PER_QUERY: Final = 500
MAX_TEXT: Final = 300
KINDS: Final[dict[type[Exception], FailureKind]] = {
    CredentialsRefused: FailureKind.CREDENTIALS,
    SecretsUnreadable: FailureKind.CREDENTIALS,
    NotConfirmed: FailureKind.CREDENTIALS,
    NotReachable: FailureKind.UNREACHABLE,
    TooMuch: FailureKind.UNREACHABLE,
    PageLost: FailureKind.UNREACHABLE,
    TooOften: FailureKind.TOO_OFTEN,
    OddAnswer: FailureKind.ODD,
    OwnServiceFailure: FailureKind.LEDGER,
    ColumnsUnknown: FailureKind.COLUMNS,
    FileChanged: FailureKind.UNREACHABLE,
}


def read_connection(connection_id: uuid.UUID, *, end: float | None = None) -> bool:
    """Read a connection's changes, and send its prices, unless another worker does.

    Args:
        end: when to stop, by `time.monotonic`; the next run goes on. None: when all is read.
    Returns:
        whether all changes are read. A failure is stored in the connection, not raised.
    """
    with hold(connection_id) as lease:
        if lease is None:
            return False
        began = timezone.now()
        try:
            is_done = with_fresh_secrets(
                lease.connection,
                lambda adapter: _read(lease, adapter, end),
                lease.save,
                lease.renew,
            )
        except LeaseLost:
            return False
        except (VendorFailure, SecretsUnreadable, OwnServiceFailure, ColumnsUnknown) as error:
            _store_failure(lease, error)
            report_prices(lease)
            return False
        except SHAPE_ERRORS as error:
            # Without the error's text, which may quote the vendor's answer.
            place = "".join(traceback.format_tb(error.__traceback__)[-2:])
            logger.error("%s: %s at\n%s", lease.connection, type(error).__name__, place)
            odd = OddAnswer(f"an answer is not as documented ({type(error).__name__})")
            _store_failure(lease, odd)
            report_prices(lease)
            return False
        _store_success(lease, began, is_done)
        if is_done:
            report_prices(lease)
        return is_done


def _read(lease: Lease, adapter: Adapter, end: float | None) -> bool:
    """Read windows until the vendor's present moment. Return whether it was reached."""
    if isinstance(adapter, FileAdapter):
        _begin_anew_after_restoration(lease)
        return take_files(lease, adapter, end)
    opened = adapter.open_property()
    now = opened.now
    _begin_anew_after_restoration(lease)
    _begin_anew_after_a_choice(lease, now)
    lease.save(vendor_now=now, currency=opened.currency)
    while True:
        until = _open_window(lease, adapter, now)
        if _read_page(lease, adapter, until) and until >= now:
            break
        if end is not None and time.monotonic() > end:
            return False
    send_prices(lease, adapter, opened.currency)
    return True


def _begin_anew_after_restoration(lease: Lease) -> None:
    """Forget the cursor when the ledger is another one than it was read for."""
    epoch = own_services.ledger_epoch()
    if lease.connection.ledger_epoch and lease.connection.ledger_epoch != epoch:
        logger.warning("%s: the ledger was restored, all is read again", lease.connection)
        with transaction.atomic():
            lease.connection.files.all().delete()
            lease.save(read_until=None, window_until=None, page="", ledger_epoch=epoch)
    elif not lease.connection.ledger_epoch:
        lease.save(ledger_epoch=epoch)


def _begin_anew_after_a_choice(lease: Lease, now: datetime) -> None:
    """Read all again when what counts was changed; what changes by it is later than all before."""
    connection = lease.connection
    if not connection.is_read_anew:
        return
    since = max(now, (connection.counted_since or now) + timedelta(milliseconds=1))
    lease.save(read_until=None, window_until=None, page="", counted_since=since, is_read_anew=False)


def _open_window(lease: Lease, adapter: Adapter, now: datetime) -> datetime:
    """Return the end of the window that is being read, a new one if there is none."""
    connection = lease.connection
    if connection.window_until is not None:
        return connection.window_until
    longest = adapter.longest_window.total_seconds()
    length = timedelta(seconds=min(connection.window_seconds or longest, longest))
    # From where the window ends, not begins: a short window must be longer than the overlap.
    until = min(now, (connection.read_until or _import_from(connection)) + length)
    lease.save(window_until=until, page="")
    return until


def _import_from(connection: Connection) -> datetime:
    return connection.import_from or connection.made_at


def _read_page(lease: Lease, adapter: Adapter, until: datetime) -> bool:
    """Read one page into the ledger. Return whether it was the window's last."""
    connection = lease.connection
    since = connection.read_until
    # A vendor's clock that was set back must not hide what changes from now on.
    since = _import_from(connection) if since is None else min(since, until) - adapter.overlap
    try:
        page = adapter.read_changes(since, until, connection.page)
    except PageLost:
        if not connection.page:
            raise
        lease.save(page="")
        return False
    except TooMuch:
        _shorten_window(lease, until)
        return False
    _take_page(lease, adapter, page, until)
    return not page.next_page


def _shorten_window(lease: Lease, until: datetime) -> None:
    """Halve the window that the vendor could not answer. Raises: TooMuch where it is shortest."""
    connection = lease.connection
    begin = connection.read_until or _import_from(connection)
    seconds = int((until - begin).total_seconds() / 2)
    if seconds < SHORTEST_WINDOW_SECONDS:
        raise TooMuch("the changes of a minute are too many for the booking system")
    lease.save(window_until=None, page="", window_seconds=seconds)


def _take_page(lease: Lease, adapter: Adapter, page: ChangesPage, until: datetime) -> None:
    """State a page's reservations, then move the cursor."""
    bodies: dict[str, dict[str, Any]] = {}
    problems: dict[str, str] = {}
    for raw in page.reservations:
        number = adapter.reservation_id(raw)[:MAX_ID_LENGTH]
        try:
            body = as_counted(adapter.reservation(raw), lease.connection)
        except NotUnderstood as reason:
            problems[number] = str(reason)[:MAX_TEXT]
        except SHAPE_ERRORS as error:
            # Without its text, which may quote the vendor's answer.
            problems[number] = f"a field is missing or of another kind ({type(error).__name__})"
        else:
            bodies[number] = body
    stated = own_services.state_reservations(list(bodies.values()))
    problems |= {number[:MAX_ID_LENGTH]: reason for number, reason in stated.refused.items()}
    is_last = not page.next_page
    with transaction.atomic():
        _store_reservations(lease.connection, bodies, problems, stated)
        lease.add(pages_read=1, events_appended=sum(stated.appended.values()))
        if is_last:
            longest = int(adapter.longest_window.total_seconds())
            grown = min(2 * (lease.connection.window_seconds or longest), longest)
            lease.save(read_until=until, window_until=None, page="", window_seconds=grown)
        else:
            lease.save(page=page.next_page)


def _store_reservations(
    connection: Connection,
    bodies: dict[str, dict[str, Any]],
    problems: dict[str, str],
    stated: Stated,
) -> None:
    now = timezone.now()
    understood = [number for number in bodies if number not in problems]
    ReadReservation.objects.bulk_create(
        [
            ReadReservation(
                connection=connection,
                reservation_id=number,
                updated_at=str(bodies[number].get("updated_at", ""))[:40],
                read_at=now,
                events=stated.appended.get(str(bodies[number].get("reservation_id")), 0),
            )
            for number in understood
        ],
        batch_size=ROWS_PER_QUERY,
        update_conflicts=True,
        unique_fields=["connection", "reservation_id"],
        update_fields=["updated_at", "read_at", "events"],
    )
    for start in range(0, len(understood), ROWS_PER_QUERY):
        connection.problems.filter(
            reservation_id__in=understood[start : start + ROWS_PER_QUERY]
        ).delete()
    ReservationProblem.objects.bulk_create(
        [
            ReservationProblem(
                connection=connection, reservation_id=number, reason=reason, read_at=now
            )
            for number, reason in problems.items()
        ],
        batch_size=ROWS_PER_QUERY,
        update_conflicts=True,
        unique_fields=["connection", "reservation_id"],
        update_fields=["reason", "read_at"],
    )


def _store_failure(lease: Lease, error: Exception) -> None:
    connection = lease.connection
    kind = KINDS.get(type(error), FailureKind.ODD)
    failures = connection.failures + 1
    asked = error.seconds if isinstance(error, TooOften) else None
    wait = seconds_to_wait(kind, failures, asked)
    text = str(error)[:MAX_TEXT]
    if failures == 1 or (kind, text) != (connection.failure, connection.failure_text):
        logger.warning("%s: %s; read again in %.0f s", connection, text, wait)
    try:
        lease.save(
            failure=kind, failure_text=text, failures=failures,
            next_read_at=timezone.now() + timedelta(seconds=wait),
        )  # fmt: skip
    except LeaseLost:
        return


def _store_success(lease: Lease, began: datetime, is_done: bool) -> None:
    connection = lease.connection
    fields: dict[str, Any] = {"failure": "", "failure_text": "", "failures": 0}
    seconds = open_adapter(connection).seconds_between if is_done else 0
    fields["next_read_at"] = timezone.now() + timedelta(seconds=seconds)
    if is_done:
        fields |= {"read_at": began, "state": ConnectionState.READING}
    if connection.failures:
        logger.warning("%s: over after %s failures", connection, connection.failures)
    try:
        lease.save(**fields)
    except LeaseLost:
        return
    # A nudge that came while this reading was under way is not answered by it.
    nudged = Connection.objects.filter(pk=connection.pk, nudged_at__gte=began)
    nudged.update(next_read_at=timezone.now())
