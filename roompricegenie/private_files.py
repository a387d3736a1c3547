"""Files of this system that only its own user may read: new ones, and those of earlier versions.

DATA_DIR holds password hashes, sessions, keys and guests' bookings. Every process reads the
settings, and with them sets its umask and checks DATA_DIR and the SQLite databases. Modes of an
earlier version are mended, and one line says so; what cannot be mended stops the start.
"""

import os
import stat
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

UMASK = 0o077
OTHERS = stat.S_IRWXG | stat.S_IRWXO
SQLITE_ENDINGS = ("", "-wal", "-shm")  # the server's companions of a database file
OWN_FILES = ("default.sqlite3", "data_provider.sqlite3", "run.lock", "service_api_key", "valkey")


def restrict_new_files() -> None:
    """Let only this user read what this process, and those that it starts, create."""
    os.umask(os.umask(UMASK) | UMASK)


def restrict_data_dir(folder: Path) -> None:
    """Create DATA_DIR, or check that only its owner may enter it. Raises: ImproperlyConfigured."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = folder.stat().st_mode
        if not mode & OTHERS:
            return
        if folder.stat().st_uid != os.geteuid():
            # Who is not the owner can use it by its group only: the operator has decided so.
            if mode & stat.S_IRWXO:
                raise _refused(folder, mode, f"its owner, user {folder.stat().st_uid}, must")
            return
        if mode & stat.S_ISVTX or not _is_own(folder):
            raise _refused(folder, mode, "if it is for this system alone,")
        _restrict(folder)
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATA_DIR cannot be created: {error}: set it to a folder that this user may write to."
        ) from error


def restrict_database_file(file: Path) -> None:
    """Check an SQLite database and its companions. Raises: ImproperlyConfigured."""
    for ending in SQLITE_ENDINGS:
        path = file.with_name(file.name + ending)
        try:
            status = path.stat()
            if status.st_mode & OTHERS and status.st_uid == os.geteuid():
                _restrict(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ImproperlyConfigured(
                f"the database {path} cannot be checked: {error}: let this user read and write it."
            ) from error


def _is_own(folder: Path) -> bool:
    """Return whether a folder is this system's: empty, or with files of an earlier start.

    Any other folder (a home, /srv) may be open to others for a reason of its own.
    """
    names = {path.name for path in folder.iterdir()}
    return not names or any(name in names for name in OWN_FILES)


def _restrict(path: Path) -> None:
    """Take the rights of group and others, and say so. Raises: OSError, ImproperlyConfigured."""
    before = stat.S_IMODE(path.stat().st_mode)
    path.chmod(before & ~OTHERS)
    after = stat.S_IMODE(path.stat().st_mode)
    if after & OTHERS:  # a file system without modes
        raise ImproperlyConfigured(
            f"{path} is open to other users (mode {before:o}), and its file system keeps no "
            "modes: set DATA_DIR to a folder on another one."
        )
    sys.stderr.write(  # the settings are being read: there is no log yet
        f"{path} was open to other users of this machine (mode {before:o}); now it is not "
        f"(mode {after:o})\n"
    )


def _refused(folder: Path, mode: int, who: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"DATA_DIR {folder} is open to other users of this machine (mode "
        f"{stat.S_IMODE(mode):o}): {who} run chmod 700, or set DATA_DIR to a folder of its own."
    )
