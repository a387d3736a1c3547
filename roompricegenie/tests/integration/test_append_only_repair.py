"""Damaged append-only files of the embedded Valkey: the start repairs them and loses nothing more."""

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest
import redis

from roompricegenie.local_stack import embedded_valkey
from roompricegenie.local_stack.embedded_valkey import ValkeyError, prepare_server

pytestmark = pytest.mark.one_database

STREAM = "events"
FILES = "valkey/appendonlydir"
MANIFEST, BASE, COMMANDS = (
    f"appendonly.aof.{end}" for end in ("manifest", "2.base.rdb", "2.incr.aof")
)
IN_BASE = [b"0", b"1", b"2"]
IN_COMMANDS = [b"3", b"4", b"5"]
ALL = IN_BASE + IN_COMMANDS
WHAT_TO_DO = "load their files again"


@contextmanager
def running_valkey(data_dir: Path) -> Iterator[redis.Redis]:
    """The server, as `make run` prepares and starts it."""
    path = data_dir / "valkey.sock"
    service = prepare_server(path, data_dir, print)
    server = subprocess.Popen(service.command, stdout=subprocess.DEVNULL)
    client = redis.Redis(unix_socket_path=str(path))
    try:
        give_up = time.monotonic() + 20
        while service.is_ready and not service.is_ready():
            log = embedded_valkey.valkey_log(data_dir)
            assert server.poll() is None and time.monotonic() < give_up, log.read_text()
            time.sleep(0.02)
        yield client
    finally:
        client.close()
        server.terminate()
        server.wait(10)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """With a base file that has three entries, and three more in the file of commands."""
    with tempfile.TemporaryDirectory(prefix="rpg-aof-") as name:
        folder = Path(name)
        with running_valkey(folder) as client:
            for value in IN_BASE:
                client.xadd(STREAM, {"n": value})
            client.xgroup_create(STREAM, "workers", id="0")
            client.bgrewriteaof()
            while client.info("persistence")["aof_rewrite_in_progress"]:
                time.sleep(0.02)
            for value in IN_COMMANDS:
                client.xadd(STREAM, {"n": value})
        assert sorted(path.name for path in (folder / FILES).iterdir()) == sorted(
            [MANIFEST, BASE, COMMANDS]
        )
        yield folder


def entries(data_dir: Path) -> list[bytes]:
    """Start, read all entries, add one and stop; it is there at the next start."""
    with running_valkey(data_dir) as client:
        loaded = read_entries(client)
        client.xadd(STREAM, {"n": "new"})
    with running_valkey(data_dir) as client:
        assert read_entries(client) == [*loaded, b"new"]
    return loaded


def read_entries(client: redis.Redis) -> list[bytes]:
    reply = cast("list[tuple[bytes, dict[bytes, bytes]]]", client.xrange(STREAM))
    return [fields[b"n"] for _, fields in reply]


def append_zeros(path: Path) -> None:
    path.write_bytes(path.read_bytes() + bytes(4096))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def zero_in_the_middle(path: Path) -> None:
    data = path.read_bytes()
    start = data.index(b"*5", len(data) // 2)
    path.write_bytes(data[:start] + bytes(20) + data[start + 20 :])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def fill_with_zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def cut_after_first_line(path: Path) -> None:
    path.write_text(path.read_text().splitlines(keepends=True)[0])


Damage = Callable[[Path], None]


@pytest.mark.parametrize(
    ("name", "damage", "left"),
    [
        (COMMANDS, append_zeros, ALL),
        (COMMANDS, cut, ALL[:-1]),
        (COMMANDS, fill_with_zeros, IN_BASE),
        (COMMANDS, Path.unlink, IN_BASE),
        (MANIFEST, empty, ALL),
        (MANIFEST, fill_with_zeros, ALL),
        (MANIFEST, append_zeros, ALL),
        (MANIFEST, cut, ALL),
        (MANIFEST, cut_after_first_line, ALL),
        (MANIFEST, Path.unlink, ALL),
        (BASE, empty, IN_COMMANDS),
        (BASE, fill_with_zeros, IN_COMMANDS),
        (BASE, cut, IN_COMMANDS),
        (BASE, append_zeros, ALL),
        (BASE, Path.unlink, IN_COMMANDS),
    ],
)
def test_all_that_is_readable_is_there_after_the_next_start(
    data_dir: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    damage: Damage,
    left: list[bytes],
) -> None:
    path = data_dir / FILES / name
    damage(path)
    damaged = path.read_bytes() if path.exists() else None
    assert entries(data_dir) == left
    [line] = capsys.readouterr().out.splitlines()
    assert WHAT_TO_DO in line and ("manifest" if name == MANIFEST else name) in line
    aside = list((data_dir / "valkey").glob("appendonlydir.damaged-*/*"))
    assert [kept.read_bytes() for kept in aside] == ([] if damaged is None else [damaged])
    assert all(str(kept.parent) in line for kept in aside)


def test_commands_before_a_hole_are_there(data_dir: Path) -> None:
    zero_in_the_middle(data_dir / FILES / COMMANDS)
    loaded = entries(data_dir)
    assert IN_BASE < loaded < ALL and loaded == ALL[: len(loaded)]


def test_several_damages_at_once_leave_an_empty_queue_and_one_line(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (MANIFEST, BASE, COMMANDS):
        fill_with_zeros(data_dir / FILES / name)
    assert entries(data_dir) == []
    [line] = capsys.readouterr().out.splitlines()
    assert WHAT_TO_DO in line
    aside = (data_dir / "valkey").glob("appendonlydir.damaged-*/*")
    assert {kept.name for kept in aside} == {MANIFEST, BASE, COMMANDS}


def test_what_a_rewrite_left_behind_is_no_damage(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server was killed in a rewrite: a new file that is not listed yet, and a draft."""
    (data_dir / FILES / "appendonly.aof.3.incr.aof").touch()
    (data_dir / FILES / "temp-rewriteaof-1234.aof").write_bytes(b"REDIS")
    assert entries(data_dir) == ALL
    assert capsys.readouterr().out == ""


def test_files_that_are_whole_are_not_touched(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.read_bytes() for path in (data_dir / FILES).iterdir()}
    prepare_server(data_dir / "valkey.sock", data_dir, print)
    assert {path.name: path.read_bytes() for path in (data_dir / FILES).iterdir()} == before
    assert capsys.readouterr().out == ""


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "valkey").mkdir()
    (tmp_path / FILES).write_text("")
    with pytest.raises(ValkeyError, match=f"{FILES} cannot be checked or repaired"):
        prepare_server(tmp_path / "s", tmp_path, print)
