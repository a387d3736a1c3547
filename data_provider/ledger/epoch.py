"""The epoch: which ledger the positions of the feed belong to.

Promise: a reader that sends the epoch of its position along with it is refused (LedgerRestored)
when the ledger is no longer the one that the position came from. After a restore from a backup the
ledger gives ids again that it gave before, to other events, so a position alone reveals nothing.

The epoch changes when `manage.py restore` or `manage.py renew_ledger_epoch` renews it, and with a
new database. On PostgreSQL it also changes when the event table was created anew (pg_restore,
psql), in another cluster, and when the cluster went back to an earlier time (a new timeline). A
copied SQLite file keeps its epoch; there, a position beyond the ledger's end reveals the restore.
"""

import hashlib
import uuid

from data_provider.ledger.ledger_connection import ledger_connection

SQL_STORED = "SELECT value FROM data_provider_ledgerepoch WHERE id = 1"
SQL_STORED_AND_SERVER = f"""
    SELECT ({SQL_STORED}), 'data_provider_event'::regclass::oid,
      (SELECT oid FROM pg_database WHERE datname = current_database()),
      (SELECT system_identifier FROM pg_control_system()),
      (SELECT timeline_id FROM pg_control_checkpoint())"""
SQL_CREATE = (
    "INSERT INTO data_provider_ledgerepoch (id, value) VALUES (1, %s) ON CONFLICT (id) DO NOTHING"
)
SQL_RENEW = (
    "INSERT INTO data_provider_ledgerepoch (id, value) VALUES (1, %s) "
    "ON CONFLICT (id) DO UPDATE SET value = excluded.value"
)


class LedgerRestored(Exception):
    """A position belongs to another ledger than the present one."""

    def __init__(self, epoch: str) -> None:
        super().__init__(
            "the ledger was restored or replaced since this position was given: begin anew, with "
            f"after=0 and epoch={epoch}, and forget the events read before"
        )


def current_epoch() -> str:
    """Return the epoch of the ledger, an opaque text of 32 characters."""
    connection = ledger_connection()
    statement = SQL_STORED if connection.vendor == "sqlite" else SQL_STORED_AND_SERVER
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone()
            if row is not None and row[0] is not None:
                text = " ".join(str(part) for part in row)
                return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
            cursor.execute(SQL_CREATE, [uuid.uuid4().hex])  # the table was emptied by hand
    raise AssertionError("the ledger's epoch was created and is not there")


def renew_epoch() -> None:
    """Give the ledger a new epoch: each reader that sends the former one begins anew."""
    with ledger_connection().cursor() as cursor:
        cursor.execute(SQL_RENEW, [uuid.uuid4().hex])


def check_epoch(epoch: str, position: int, newest_position: int) -> None:
    """Check that a position belongs to the present ledger.

    Args:
        epoch: as the reader got it with the position.
        newest_position: of the present ledger.
    Raises: LedgerRestored.
    """
    current = current_epoch()
    if epoch != current or position > newest_position:
        raise LedgerRestored(current)
