"""Taking each file of a connection into the ledger once.

Promise: every reservation of every file reaches the ledger, and counts once. A file counts as taken
only when the ledger has decided about all of its lines; whatever dies before that, the file is sent
again, and the ledger appends nothing for what it knows. Files are taken in the order in which they
were written, each as of that time, so that an old one changes nothing back. One that is being
written is left alone until its size and time have stood still. The same content under another name,
or with another time, is not taken again.

The ledger reads the lines: files go to it over REST in pieces and are stored nowhere here, but for
a copy without a name while one is sent.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import IO, Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from connections import own_services
from connections.files.file_adapter import BY_PERSON, FileAdapter, FileChanged, FoundFile
from connections.files.file_model import ENDED_STATES, ConnectionFile, FileState
from connections.models import Connection, ConnectionState, ReservationProblem
from connections.own_services import SentFile
from connections.reading.lease import Lease

SETTLE: Final = timedelta(seconds=30)  # without a change, before a file is taken
LATE: Final = timedelta(days=30)  # a source may leave out what arrived so long before the newest
KEEP_PROBLEMS: Final = timedelta(days=7)
MAX_ATTEMPTS: Final = 3
POLL_SECONDS: Final = 0.3
MAX_REASON: Final = 300
MAX_NAME_IN_PROBLEM: Final = 85
# In reasons, quoted values with letters might be of a guest, where a line's values are shifted.
QUOTED_WORDS: Final = re.compile(r"""'[^']*[^\W\d_][^']*'|"[^"]*[^\W\d_][^"]*\"""")


class ColumnsUnknown(Exception):
    """A person has to say which column is what; the text names the file, and why."""


def take_files(lease: Lease, adapter: FileAdapter, end: float | None) -> bool:
    """Take the connection's files. Return whether all are taken that are complete.

    Args:
        end: when to stop, by `time.monotonic`; the next run goes on.
    Raises: VendorFailure, OwnServiceFailure, ColumnsUnknown, LeaseLost.
    """
    connection, is_listed = lease.connection, False
    files = connection.files.order_by("written_at", "place")
    while True:
        if (sent := files.filter(state=FileState.SENT).first()) is not None:
            if _look_at(lease, sent):
                continue
            if end is None or time.monotonic() + POLL_SECONDS > end:
                return False
            lease.renew()
            time.sleep(POLL_SECONDS)  # while the ledger's workers read the file
            continue
        if not is_listed:
            _note_found(lease, adapter.list_files(_since(connection)))
            is_listed = True
        settled = files.filter(state=FileState.SEEN, seen_at__lte=timezone.now() - SETTLE)
        if (waiting := settled.first()) is None:
            break
        if end is not None and time.monotonic() > end:
            return False
        _send(lease, adapter, waiting)
    # Who waits for the first file is not told that all is read.
    is_first = connection.state == ConnectionState.IMPORTING
    return not (is_first and files.filter(state=FileState.SEEN).exists())


def _since(connection: Connection) -> datetime:
    begin = connection.import_from or connection.made_at
    newest = connection.files.filter(state__in=ENDED_STATES).order_by("-written_at").first()
    return begin if newest is None else max(begin, newest.written_at - LATE)


def _note_found(lease: Lease, found: Sequence[FoundFile]) -> None:
    """Remember files that are new, and forget those that changed or went before they were taken."""
    connection, now = lease.connection, timezone.now()
    begin = connection.import_from or connection.made_at
    known = set(connection.files.values_list("place", "size", "written_at"))
    listed = {(one.place, one.size, one.written_at) for one in found}
    new = [
        one
        for one in found
        if one.written_at >= begin and (one.place, one.size, one.written_at) not in known
    ]
    gone = [
        row.pk
        for row in connection.files.filter(state=FileState.SEEN)
        if (row.place, row.size, row.written_at) not in listed
    ]
    with transaction.atomic():
        lease.renew()
        connection.files.filter(pk__in=gone).delete()
        ConnectionFile.objects.bulk_create(
            [
                ConnectionFile(
                    connection=connection, place=one.place, name=one.name[:200], size=one.size,
                    written_at=one.written_at, seen_at=now - SETTLE if one.is_whole else now,
                )
                for one in new
            ],
            batch_size=500,
        )  # fmt: skip


def _send(lease: Lease, adapter: FileAdapter, row: ConnectionFile) -> None:
    """Send a file to the ledger, unless it is known or still being written."""
    with TemporaryFile() as copy:
        try:
            digest, size = _copy(lease, adapter, row, copy)
        except FileChanged as error:  # the others do not wait for it
            _save(lease, row, seen_at=timezone.now(), problem=str(error)[:MAX_REASON])
            return
        if adapter.sizes_are_exact and size != row.size:
            _save(lease, row, seen_at=timezone.now())
            return
        known = next((one for one in _neighbours(lease, row) if one.digest == digest), None)
        if known is not None:
            same = gettext("the same content as %(name)s") % {"name": known.name}
            _end(lease, row, FileState.KNOWN, same, digest=digest)
            return
        hotel = lease.connection.hotel_id
        announced = own_services.announce_file(hotel, row.name, size, row.written_at)
        if announced is None:
            _end(lease, row, FileState.REFUSED, gettext("it is empty, or too large"))
            return
        number, part_bytes = announced
        _save(lease, row, state=FileState.SENT, upload=number, digest=digest)
        copy.seek(0)
        position = 0
        while part := copy.read(part_bytes):
            lease.renew()
            own_services.send_part(number, position, part)
            position += len(part)


def _neighbours(lease: Lease, row: ConnectionFile) -> Iterator[ConnectionFile]:
    """Yield the files that were taken of just before a file, and of just after it.

    Only with these it is compared: an export that says again what an earlier one said takes back
    what was said between.
    """
    taken = lease.connection.files.filter(state=FileState.TAKEN)
    before = taken.filter(written_at__lte=row.written_at).order_by("-written_at", "-pk").first()
    after = taken.filter(written_at__gt=row.written_at).order_by("written_at", "pk").first()
    yield from (one for one in (before, after) if one is not None)


def _copy(
    lease: Lease, adapter: FileAdapter, row: ConnectionFile, copy: IO[bytes]
) -> tuple[str, int]:
    """Copy a file; return digest and size."""
    digest, size, renewed_at = hashlib.sha256(), 0, time.monotonic()
    for chunk in adapter.read_file(row.place):
        digest.update(chunk)
        copy.write(chunk)
        size += len(chunk)
        if time.monotonic() > renewed_at + 10:
            lease.renew()
            renewed_at = time.monotonic()
    return digest.hexdigest(), size


def _look_at(lease: Lease, row: ConnectionFile) -> bool:
    """Do what a file at the ledger needs; return whether it is there no more, or was taken."""
    sent = own_services.sent_file(row.upload)
    if sent is None or sent.state == "receiving":  # deleted, or a process died while it was sent
        _save(lease, row, state=FileState.SEEN, upload="")
        return True
    if sent.state == "choosing":
        _start(lease.connection, row)
    elif sent.state == "failed":
        return _end(lease, row, FileState.REFUSED, sent.problem)
    elif sent.state == "done" and sent.recorded is not None:
        if sent.recorded < sent.queued:  # what was queued is lost
            return _send_again(lease, row)
        return _store_taken(lease, row, sent)
    return False


def _start(connection: Connection, row: ConnectionFile) -> None:
    """Raises: ColumnsUnknown where only a person can."""
    choices = connection.choices
    mapping = choices.get("mapping") or {}
    if not mapping and choices.get("columns", BY_PERSON) == BY_PERSON:
        raise ColumnsUnknown(row.name)
    reason = own_services.start_file(row.upload, mapping, choices.get("time_zone", "UTC"))
    if reason:
        raise ColumnsUnknown(f"{row.name}: {_without_words(reason)}"[:MAX_REASON])


def _send_again(lease: Lease, row: ConnectionFile) -> bool:
    if row.attempts + 1 >= MAX_ATTEMPTS:
        unknown = gettext("it was sent %(count)d times, and what became of it is unknown")
        return _end(lease, row, FileState.REFUSED, unknown % {"count": MAX_ATTEMPTS})
    _save(lease, row, state=FileState.SEEN, upload="", attempts=row.attempts + 1)
    return True


def _store_taken(lease: Lease, row: ConnectionFile, sent: SentFile) -> bool:
    """Store what became of a file, in one transaction with its lines that were not understood."""
    connection, now = lease.connection, timezone.now()
    place = row.name[:MAX_NAME_IN_PROBLEM]
    problems = {
        f"{place}:{line}": _without_words(reason)[:MAX_REASON] for line, reason in sent.rejects
    }
    choices = dict(connection.choices)
    if sent.mapping:  # what a person chose at the ledger holds from now on
        choices |= {"mapping": dict(sent.mapping), "time_zone": sent.time_zone}
    with transaction.atomic():
        lease.save(choices=choices)
        lease.add(pages_read=1, events_appended=sent.appended)
        connection.problems.filter(reservation_id__startswith=f"{place}:").delete()
        connection.problems.filter(read_at__lt=now - KEEP_PROBLEMS).delete()
        ReservationProblem.objects.bulk_create(
            [
                ReservationProblem(
                    connection=connection, reservation_id=number, reason=reason, read_at=now
                )
                for number, reason in problems.items()
            ],
            batch_size=500,
        )
        _end(lease, row, FileState.TAKEN, reservations=sent.queued, rejected=sent.rejected)
    return True


def _end(
    lease: Lease, row: ConnectionFile, state: FileState, problem: str = "", **fields: Any
) -> bool:
    text = _without_words(problem)[:MAX_REASON] if state == FileState.REFUSED else problem
    _save(lease, row, state=state, problem=text[:MAX_REASON], done_at=timezone.now(), **fields)
    return True


def _save(lease: Lease, row: ConnectionFile, **fields: Any) -> None:
    """Raises: LeaseLost; nothing is stored."""
    with transaction.atomic():
        lease.renew()
        ConnectionFile.objects.filter(pk=row.pk).update(**fields)


def _without_words(reason: str) -> str:
    return QUOTED_WORDS.sub("…", reason)
