"""Creates a backup of all four databases while the system runs.

A backup is a folder named by its UTC time. It is complete or does not exist: it is written under a
temporary name and renamed at the end. Only its owner can read it, because it contains password
hashes and keys. The order of copying is in `databases`.

Not in a backup: batches that wait in Redis (their files can be loaded again), and the services' own
API key (`create_api_key --service` creates it again).
"""

import re
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

from roompricegenie.backups.backup_folder import (
    MANIFEST,
    Backup,
    Copy,
    Progress,
    save_manifest,
    sha256_of_copy,
)
from roompricegenie.backups.database_copy import BackupError, fsync
from roompricegenie.backups.databases import QUERIES, copier_for
from roompricegenie.file_lock import exclusive_lock

FOLDER_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z")


def back_up(folder: Path, keep: int | None, progress: Progress) -> Backup:
    """Create a backup in a folder of backups, then remove all but the newest `keep` of them.

    Raises: BackupError. When no backup could be made, the older ones are still there.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with exclusive_lock(folder / ".lock"):
            for unfinished in folder.glob(".*.partial"):  # left by a process that was killed
                shutil.rmtree(unfinished)
            backup = _create(folder, progress)
            fsync(folder)
            if keep is not None:
                _remove_older(folder, keep)
            return backup
    except BlockingIOError as error:
        raise BackupError(f"another backup is being written to {folder}: wait for it") from error
    except OSError as error:
        raise BackupError(f"{folder} cannot be written, no backup was made: {error}") from error


def _create(folder: Path, progress: Progress) -> Backup:
    while (final := folder / f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}").exists():
        time.sleep(0.1)  # a backup of this second exists
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    draft = folder / f".{final.name}.partial"
    draft.mkdir(mode=0o700)
    try:
        copies = {name: _copy_database(name, draft, progress) for name in QUERIES}
        save_manifest(draft, made_at, copies)
        draft.rename(final)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return Backup(final, made_at, copies)


def _copy_database(name: str, folder: Path, progress: Progress) -> Copy:
    copier = copier_for(name)
    path = folder / f"{name}.{copier.extension}"
    path.touch(mode=0o600)
    counts = copier.back_up(path, lambda done, total: progress(f"{name}: copy", done, total))
    checksum = sha256_of_copy(name, path, progress)
    return Copy(copier.kind, path.name, path.stat().st_size, checksum, counts)


def _remove_older(folder: Path, keep: int) -> None:
    complete = [
        path
        for path in folder.iterdir()
        if FOLDER_NAME.fullmatch(path.name) and (path / MANIFEST).is_file()
    ]
    for old in sorted(complete)[:-keep]:
        try:
            shutil.rmtree(old)
        except OSError as error:
            raise BackupError(
                f"the new backup is complete, but {old} cannot be removed: {error}"
            ) from error
