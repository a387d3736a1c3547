"""`kill -9` again and again: one Valkey on the folder each time, and nothing of the earlier run.

With the lock, the server and the supervisor of `make run`, but no other service;
tests/acceptance/test_start_and_stop.py does the same with all of them.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import redis

from tests.soak.services import processes_of

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[3]
KILLS = 4
RUN = """
import asyncio, os
from pathlib import Path
from roompricegenie.local_stack import start
from roompricegenie.local_stack.embedded_valkey import prepare_server
from roompricegenie.local_stack.prefixed_output import PrefixedOutput
from roompricegenie.local_stack.supervisor import Supervisor
folder = Path(os.environ["DATA_DIR"])
async def main(server):
    supervisor = Supervisor([server], PrefixedOutput(["valkey"]))
    with supervisor.stopped_by_signals():
        await supervisor.run()
with start._only_one(folder):
    asyncio.run(main(prepare_server(folder / "valkey.sock", folder, print)))
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rpg-kills-") as name:
        yield Path(name)
        for process in processes_of(Path(name)):
            with suppress(psutil.NoSuchProcess):
                process.kill()


@pytest.mark.long
@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal is Linux' own")
def test_each_new_start_has_its_folder_alone(data_dir: Path) -> None:
    """Started at once after the kill, while the earlier run's server is ending."""
    for number in range(KILLS):
        running = start(data_dir)
        [server] = servers_of(data_dir)
        assert server.ppid() == running.pid
        with redis.Redis(unix_socket_path=str(data_dir / "valkey.sock")) as client:
            client.rpush("starts", number)
            assert client.llen("starts") == number + 1, "what was queued is there"
        running.kill()
        running.wait()
    last = start(data_dir)
    assert len(processes_of(data_dir)) == 2, "the last run and its server"
    last.terminate()
    assert last.wait(20) == 0
    assert processes_of(data_dir) == []


def start(data_dir: Path) -> "subprocess.Popen[bytes]":
    """Return the run when its server answers and is the run's own."""
    running = subprocess.Popen(
        [sys.executable, "-c", RUN], cwd=ROOT, env={**os.environ, "DATA_DIR": str(data_dir)},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    give_up = time.monotonic() + 20
    while not any(parent_of(server) == running.pid for server in servers_of(data_dir)) or (
        not answers(data_dir / "valkey.sock")
    ):
        assert running.poll() is None and time.monotonic() < give_up
        time.sleep(0.02)
    return running


def parent_of(server: psutil.Process) -> int | None:
    """Return None when the server, of an earlier run, has ended meanwhile."""
    try:
        return server.ppid()
    except psutil.NoSuchProcess:
        return None


def servers_of(data_dir: Path) -> list[psutil.Process]:
    servers = []
    for process in processes_of(data_dir):
        with suppress(psutil.NoSuchProcess):
            if "valkey" in process.name():
                servers.append(process)
    return servers


def answers(path: Path) -> bool:
    with redis.Redis(unix_socket_path=str(path)) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
