"""The content of a backup: a folder with one copy per database and `manifest.json`, which names
each copy with its size, checksum and counts."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from roompricegenie.backups.database_copy import BackupError, Counts, fsync

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK_BYTES = 1 << 20

Progress = Callable[[str, int, int | None], None]  # the step, bytes done, bytes in all or None


class Copy(NamedTuple):
    """The copy of one database; the fields are those of the manifest."""

    kind: str
    file: str
    bytes: int
    sha256: str
    holds: Counts


class Backup(NamedTuple):
    """A complete backup: its folder, when it was made (ISO 8601), and the copies by database."""

    folder: Path
    made_at: str
    copies: dict[str, Copy]


def save_manifest(folder: Path, made_at: str, copies: dict[str, Copy]) -> None:
    """Write the manifest; afterwards the folder is complete. Raises: OSError."""
    described = {name: copy._asdict() for name, copy in copies.items()}
    manifest = folder / MANIFEST
    manifest.touch(mode=0o600)
    manifest.write_text(
        json.dumps({"format": FORMAT, "made_at": made_at, "databases": described}, indent=2) + "\n"
    )
    fsync(manifest)
    fsync(folder)


def load_backup(folder: Path) -> Backup:
    """Return a backup as its manifest describes it. Raises: BackupError."""
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


def verify_checksums(backup: Backup, progress: Progress) -> None:
    """Compare every copy with its checksum in the manifest. Raises: BackupError."""
    for name, copy in backup.copies.items():
        path = backup.folder / copy.file
        try:
            checksum = sha256_of_copy(name, path, progress)
        except OSError as error:
            raise BackupError(f"{path} cannot be read: {error}; take another backup") from error
        if checksum != copy.sha256:
            raise BackupError(f"{path} is damaged, its checksum differs: take another backup")


def sha256_of_copy(name: str, path: Path, progress: Progress) -> str:
    """Return the SHA-256 of the copy of the database `name` as hex digits. Raises: OSError."""
    digest, done, size = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            done += len(chunk)
            progress(f"{name}: checksum", done, size)
    return digest.hexdigest()
