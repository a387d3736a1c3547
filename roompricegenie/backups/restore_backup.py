"""Restores databases from a backup while the system is stopped.

All copies are verified before any database is replaced. A database is replaced as a whole or stays
as it was.

A restored ledger gets a new epoch: it may have given the ids of lost events to other events, which
no position reveals. Every reader of the feed that sends its epoch is told so, the dashboard among
them, which recounts everything by itself once the system runs. A restored dashboard is marked for a
recount too, because running processes may have cached figures of another time.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import Error, connections

from dashboard_service.models import FeedPosition
from data_provider import ledger
from data_provider.models import LedgerEpoch
from roompricegenie.backups.backup_folder import Backup, Progress, verify_checksums
from roompricegenie.backups.database_copy import STOP_PROCESSES, BackupError, DatabaseCopier
from roompricegenie.backups.databases import DASHBOARD, LEDGER, QUERIES, copier_for
from roompricegenie.file_lock import RUN_LOCK, SERVICES_LOCK, exclusive_lock

EPOCH_TABLE = LedgerEpoch._meta.db_table


def restore(
    backup: Backup, names: list[str], confirm: Callable[[list[str]], bool], progress: Progress
) -> list[str]:
    """Replace databases by their copies.

    Args:
        names: the databases to restore; all of the backup when empty.
        confirm: called with a line per database whose data would be lost, when there is any;
            nothing is replaced when it returns False.
    Returns: the databases that were restored.
    Raises: BackupError; the message names the databases that were already replaced, if any.
    """
    names = _select_databases(backup, names)
    verify_checksums(backup, progress)
    copiers = {name: copier_for(name) for name in names}
    with ExitStack() as stack:
        if any(copier.kind == "sqlite" for copier in copiers.values()):
            stack.enter_context(_system_stopped())
        losses = [loss for name in names if (loss := _describe_loss(name, copiers[name]))]
        if losses and not confirm(losses):
            raise BackupError("nothing was replaced")
        connections.close_all()  # open connections of this process would block the restore
        restorers: dict[str, Callable[[], None]] = {}
        for name in names:
            progress(f"{name}: copy", 0, None)
            copy = backup.folder / backup.copies[name].file
            restorers[name] = stack.enter_context(copiers[name].prepare_restore(copy))
        _run_restorers(restorers, progress)
    return names


def _run_restorers(restorers: dict[str, Callable[[], None]], progress: Progress) -> None:
    done: list[str] = []
    try:
        for name, run in restorers.items():
            progress(f"{name}: restore", 0, None)
            run()
            done.append(name)
            if name == LEDGER:
                _renew_epoch()
            elif name == DASHBOARD:
                _request_recount()
    except BackupError as error:
        raise BackupError(f"{error}; restored: {', '.join(done) or 'nothing'}") from error


def _select_databases(backup: Backup, names: list[str]) -> list[str]:
    """Return the databases to restore, in the order of QUERIES. Raises: BackupError."""
    for name in names:
        if name not in backup.copies:
            available = ", ".join(backup.copies)
            raise BackupError(f"{backup.folder} holds no database {name!r}, but {available}")
    selected = [name for name in QUERIES if name in (names or backup.copies)]
    for name in selected:
        copy_kind, database_kind = backup.copies[name].kind, connections[name].vendor
        if copy_kind != database_kind:
            raise BackupError(
                f"the backup's {name} is of {copy_kind}, the settings name {database_kind}: set "
                f"its DATABASE_URL to a database of {copy_kind}"
            )
    return selected


@contextmanager
def _system_stopped() -> Iterator[None]:
    """Hold the locks of `make run`, so that it neither runs nor starts on this DATA_DIR.

    Raises: BackupError when it, or a service of one that was killed, runs.
    """
    folder = Path(settings.DATA_DIR)
    with ExitStack() as stack:
        try:
            stack.enter_context(exclusive_lock(folder / RUN_LOCK))
        except BlockingIOError as error:
            raise BackupError(
                f"the system runs on {folder}: stop it first (Ctrl-C in `make run`)"
            ) from error
        try:
            stack.enter_context(exclusive_lock(folder / SERVICES_LOCK))
        except BlockingIOError as error:
            raise BackupError(
                f"services of a `make run` that was killed still run on {folder}: start it again "
                "and stop it (Ctrl-C), which ends them"
            ) from error
        yield


def _describe_loss(name: str, copier: DatabaseCopier) -> str | None:
    """Return one line about the data that a restore replaces; None when there is none."""
    counts = copier.count()
    if counts is None:
        return f"{name}: a database that cannot be read"
    if not any(counts.values()):
        return None
    counted = ", ".join(f"{count:,} {what.replace('_', ' ')}" for what, count in counts.items())
    others = copier.other_connections()
    warning = f"; other connections: {others}; {STOP_PROCESSES}" if others else ""
    return f"{name}: {counted}{warning}"


def _renew_epoch() -> None:
    """Give the restored ledger a new epoch; an older backup gets it with the epoch's table.

    Raises: BackupError.
    """
    try:
        if EPOCH_TABLE in connections[LEDGER].introspection.table_names():
            ledger.renew_epoch()
    except Error as error:
        raise BackupError(
            f"the ledger was restored, and its epoch cannot be renewed ({error}): run `manage.py "
            "renew_ledger_epoch`"
        ) from error


def _request_recount() -> None:
    """Mark the dashboard for a full recount; without tables there is nothing to recount.

    Raises: BackupError.
    """
    try:
        if copier_for(DASHBOARD).count() != {}:
            FeedPosition.objects.update(rebuild_needed=True)
    except (BackupError, Error) as error:
        raise BackupError(
            f"the recount of the dashboard cannot be requested ({error}): repair its database or "
            "restore both; after a restore of the ledger run `manage.py rebuild_dashboard`"
        ) from error
