"""Backups of all four databases while everything runs, and the way back.

A backup is a folder named by its UTC time. It is complete or not there: it is written under
another name and renamed last. Only its owner can read it, for it holds password hashes and keys.

The ledger is copied last. The feed never shows the dashboard an event that a later look at the
ledger would not find, so the figures of a backup are never ahead of its ledger: restored together,
the dashboard just follows the feed from where it was. Whoever restores the ledger without the
dashboard, or the other way round, may bring together figures and events that never met, and the
ledger may since have given the lost events' ids to other events, which no position can tell. So
after a restore of either the dashboard is asked to recount, which it does by itself.

Not in it: what waits in Redis (the files can be loaded again), and the services' own key (it is
made again by `create_api_key --service`).
"""

import hashlib
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import Error, connections

from dashboard_service.models import FeedPosition
from roompricegenie.backups.database_copies import (
    KINDS,
    NOT_IN_USE,
    BackupError,
    Database,
    Holds,
    sync,
)
from roompricegenie.file_lock import RUN_LOCK, exclusive_lock

LEDGER, DASHBOARD = "data_provider", "dashboard_service"
# Every database in the order of copying, and what is counted in it.
QUERIES = {
    DASHBOARD: {
        "feed_position": "SELECT coalesce(max(position), 0) FROM dashboard_service_feedposition",
        "hotel_profiles": "SELECT count(*) FROM dashboard_service_hotelprofile",
    },
    "pricing_service": {
        "pricing_profiles": "SELECT count(*) FROM pricing_service_pricingprofile",
        "decisions": "SELECT count(*) FROM pricing_service_pricedecision",
    },
    "default": {
        "users": "SELECT count(*) FROM auth_user",
        "api_keys": "SELECT count(*) FROM accounts_apikey",
    },
    LEDGER: {
        "events": "SELECT (SELECT count(*) FROM data_provider_event) "
        "+ (SELECT coalesce(sum(events), 0) FROM data_provider_archivesegment)",
        "newest_position": "SELECT coalesce(max(id), 0) FROM (SELECT max(id) AS id "
        "FROM data_provider_event UNION ALL SELECT max(last_id) FROM data_provider_archivesegment"
        ") AS positions",
    },
}
FORMAT = 1
MANIFEST = "manifest.json"
NAME = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z")
CHUNK_BYTES = 1 << 20

Progress = Callable[[str, int, int | None], None]  # what is done, and bytes of how many


class Copy(NamedTuple):
    """A database's copy, as the manifest describes it."""

    kind: str
    file: str
    bytes: int
    sha256: str
    holds: Holds


class Backup(NamedTuple):
    """A complete backup: its folder, when it was made (ISO 8601), and the copies by database."""

    folder: Path
    made_at: str
    copies: dict[str, Copy]


def back_up(folder: Path, keep: int | None, progress: Progress) -> Backup:
    """Make a backup in a folder of backups; then remove all but the newest `keep`.

    Raises: BackupError; older backups are still there.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with exclusive_lock(folder / ".lock"):
            for left in folder.glob(".*.partial"):  # of a run that was killed
                shutil.rmtree(left)
            backup = _new(folder, progress)
            sync(folder)
            if keep is not None:
                _remove_older(folder, keep)
            return backup
    except BlockingIOError as error:
        raise BackupError(f"another backup is being written to {folder}: wait for it") from error
    except OSError as error:
        raise BackupError(f"{folder} cannot be written, no backup was made: {error}") from error


def _remove_older(folder: Path, keep: int) -> None:
    complete = [
        path
        for path in folder.iterdir()
        if NAME.fullmatch(path.name) and (path / MANIFEST).is_file()
    ]
    for old in sorted(complete)[:-keep]:
        try:
            shutil.rmtree(old)
        except OSError as error:
            raise BackupError(
                f"the new backup is complete, but {old} cannot be removed: {error}"
            ) from error


def _new(folder: Path, progress: Progress) -> Backup:
    while (final := folder / f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}").exists():
        time.sleep(0.1)  # there is one of this second
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    draft = folder / f".{final.name}.partial"
    draft.mkdir(mode=0o700)
    try:
        copies = {name: _copy(name, draft, progress) for name in QUERIES}
        described = {name: copy._asdict() for name, copy in copies.items()}
        manifest = draft / MANIFEST
        manifest.touch(mode=0o600)
        manifest.write_text(
            json.dumps({"format": FORMAT, "made_at": made_at, "databases": described}, indent=2)
            + "\n"
        )
        sync(manifest)
        sync(draft)
        draft.rename(final)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return Backup(final, made_at, copies)


def _copy(name: str, folder: Path, progress: Progress) -> Copy:
    database = _database(name)
    path = folder / f"{name}.{database.extension}"
    path.touch(mode=0o600)
    holds = database.back_up(path, lambda done, total: progress(f"{name}: copy", done, total))
    checksum = _sha256(name, path, progress)
    return Copy(database.kind, path.name, path.stat().st_size, checksum, holds)


def _database(name: str) -> Database:
    return KINDS[connections[name].vendor](name, QUERIES[name])


def _sha256(name: str, path: Path, progress: Progress) -> str:
    digest, done, size = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            done += len(chunk)
            progress(f"{name}: checksum", done, size)
    return digest.hexdigest()


def read(folder: Path) -> Backup:
    """A backup as its manifest describes it. Raises: BackupError."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        if manifest["format"] > FORMAT:
            raise BackupError(f"{folder} was made by a later version of this system: use that")
        copies = {name: Copy(**described) for name, described in manifest["databases"].items()}
        return Backup(folder, manifest["made_at"], copies)
    except OSError as error:
        raise BackupError(
            f"{folder} is no backup: {error}; give a folder that `manage.py backup` made"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(f"{folder / MANIFEST} is damaged: take another backup") from error


def verify(backup: Backup, progress: Progress) -> None:
    """Every copy is what was written. Raises: BackupError."""
    for name, copy in backup.copies.items():
        path = backup.folder / copy.file
        try:
            found = _sha256(name, path, progress)
        except OSError as error:
            raise BackupError(f"{path} cannot be read: {error}; take another backup") from error
        if found != copy.sha256:
            raise BackupError(f"{path} is damaged, its checksum differs: take another backup")


def restore(
    backup: Backup, names: list[str], agree: Callable[[list[str]], bool], progress: Progress
) -> list[str]:
    """Put copies in the place of databases.

    Args:
        names: which; none for all.
        agree: is told what is going to be replaced, a line each, when anything would be lost.
    Returns: the databases that were restored.
    Raises: BackupError; the message names what was replaced before, else nothing was.
    """
    names = _wanted(backup, names)
    verify(backup, progress)
    databases = {name: _database(name) for name in names}
    with ExitStack() as stack:
        if any(database.kind == "sqlite" for database in databases.values()):
            stack.enter_context(_stopped())
        losses = [loss for name in names if (loss := _loss(name, databases[name]))]
        if losses and not agree(losses):
            raise BackupError("nothing was replaced")
        connections.close_all()  # our own must not stand in the way
        replacements = {}
        for name in names:
            progress(f"{name}: copy", 0, None)
            copy = backup.folder / backup.copies[name].file
            replacements[name] = stack.enter_context(databases[name].replacement(copy))
        done: list[str] = []
        try:
            if DASHBOARD not in names:
                _ask_for_recount()  # a restore that dies half way leaves it asked for
            for name, replace in replacements.items():
                progress(f"{name}: restore", 0, None)
                replace()
                done.append(name)
                if name in (LEDGER, DASHBOARD):
                    _ask_for_recount()
        except BackupError as error:
            raise BackupError(f"{error}; restored: {', '.join(done) or 'nothing'}") from error
    return names


def _wanted(backup: Backup, names: list[str]) -> list[str]:
    """Databases to restore, in the order of QUERIES. Raises: BackupError."""
    for name in names:
        if name not in backup.copies:
            known = ", ".join(backup.copies)
            raise BackupError(f"{backup.folder} holds no database {name!r}, but {known}")
    wanted = [name for name in QUERIES if name in (names or backup.copies)]
    for name in wanted:
        kind, own = backup.copies[name].kind, connections[name].vendor
        if kind != own:
            raise BackupError(
                f"the backup's {name} is of {kind}, the settings name {own}: set its "
                f"DATABASE_URL to a database of {kind}"
            )
    return wanted


@contextmanager
def _stopped() -> Iterator[None]:
    """`make run` does not run on this DATA_DIR, nor starts."""
    with ExitStack() as stack:
        try:
            stack.enter_context(exclusive_lock(Path(settings.DATA_DIR) / RUN_LOCK))
        except BlockingIOError as error:
            raise BackupError(
                f"the system runs on {settings.DATA_DIR}: stop it first (Ctrl-C in `make run`)"
            ) from error
        yield


def _loss(name: str, database: Database) -> str | None:
    """What a restore takes away, in a line; None when it is nothing."""
    holds = database.holds()
    if holds is None:
        return f"{name}: a database that cannot be read"
    if not any(holds.values()):
        return None
    counted = ", ".join(f"{count:,} {what.replace('_', ' ')}" for what, count in holds.items())
    others = database.others()
    beware = f"; {others} others are connected: {NOT_IN_USE}" if others else ""
    return f"{name}: {counted}{beware}"


def _ask_for_recount() -> None:
    """The dashboard recounts everything; one without figures has nothing to recount.

    Raises: BackupError.
    """
    try:
        if _database(DASHBOARD).holds() != {}:
            FeedPosition.objects.update(rebuild_needed=True)
    except (BackupError, Error) as error:
        raise BackupError(
            f"the dashboard cannot be asked to recount ({error}): repair its database or restore "
            "both; after a restore of the ledger run `manage.py rebuild_dashboard`"
        ) from error
