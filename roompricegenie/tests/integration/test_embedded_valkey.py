"""The Valkey server that a killed `make run` left is ended before another one starts."""

import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from roompricegenie.local_stack import embedded_valkey
from roompricegenie.local_stack.embedded_valkey import ValkeyError, end_leftover_server

pytestmark = pytest.mark.one_database


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rpg-") as folder:
        yield Path(folder)


@pytest.fixture
def server(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    service = embedded_valkey.valkey_service(folder / "valkey.sock", folder)
    process = subprocess.Popen(service.command, stdout=subprocess.DEVNULL)
    give_up = time.monotonic() + 10
    while service.is_ready and not service.is_ready():
        assert time.monotonic() < give_up
        time.sleep(0.02)
    yield process
    process.kill()
    process.wait()


def test_a_running_server_is_ended_gently(folder: Path, server: "subprocess.Popen[bytes]") -> None:
    assert end_leftover_server(folder / "valkey.sock") == server.pid
    assert server.wait(5) == 0
    assert end_leftover_server(folder / "valkey.sock") is None


def test_a_server_that_does_not_reply_is_killed(
    folder: Path, server: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_valkey, "GENTLE_SECONDS", 0.2)
    server.send_signal(signal.SIGSTOP)
    assert end_leftover_server(folder / "valkey.sock") == server.pid
    assert server.wait(5) == -signal.SIGKILL


def test_a_server_that_cannot_be_ended_is_named(
    folder: Path, server: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "pidfd_send_signal", lambda *_: None)
    for name in ("GENTLE_SECONDS", "KILLED_SECONDS"):
        monkeypatch.setattr(embedded_valkey, name, 0.05)
    with pytest.raises(ValkeyError, match=f"does not end.*end process {server.pid}"):
        end_leftover_server(folder / "valkey.sock")


def test_a_socket_that_nobody_listens_on_is_no_server(folder: Path) -> None:
    path = folder / "valkey.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    assert path.exists()
    assert end_leftover_server(path) is None


def test_a_path_too_long_for_a_socket_names_what_to_change(tmp_path: Path) -> None:
    with pytest.raises(ValkeyError, match="set DATA_DIR to a shorter one"):
        embedded_valkey.valkey_service(tmp_path / ("x" * 120), tmp_path)
