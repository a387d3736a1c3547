"""The stack that is tried: one that runs somewhere, or one of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import requests

from common.access_rights import Ability

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
STOP_SECONDS = 40


@dataclass(frozen=True)
class Stack:
    """A running stack; the folders and the process are known of one of our own only."""

    base: str  # http://HOST:PORT
    mode: str  # "open", "closed" or "given"
    data_dir: Path | None = None
    temporary_dir: Path | None = None  # of all its processes
    pid: int | None = None
    api_key: str = ""  # for all hotels, with all rights

    @property
    def address(self) -> tuple[str, int]:
        url = urlsplit(self.base)
        return str(url.hostname), url.port or 80

    def client(self) -> requests.Session:
        """Return a client with the key, if the stack has one."""
        client = requests.Session()
        client.trust_env = False  # no proxy, and no password of a .netrc
        if self.api_key:
            client.headers["Authorization"] = f"Bearer {self.api_key}"
        return client

    def manage(self, *arguments: str) -> str:
        """Run a manage.py command of a stack of our own; return what it prints."""
        assert self.data_dir is not None, "only for a stack of our own"
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, check=True, timeout=120,
            env=_environment(self.mode, self.address[1], self.data_dir.parent),
            capture_output=True, text=True,
        ).stdout  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing that was tried."""

    is_ok: bool
    text: str


def _environment(mode: str, port: int, folder: Path) -> dict[str, str]:
    return {
        **os.environ, "PORT": str(port), "DATA_DIR": str(folder / "data"),
        "TMPDIR": str(folder / "tmp"), "RUNNING_STACKS_DIR": "", "LOCAL_ENV_FILE": "",
        "API_AUTH": "open" if mode == "open" else "required", "WEB_CONCURRENCY": "2",
        # The trials are one address, and need the answers that come after the limits.
        "RATE_PER_ADDRESS": "0", "RATE_OF_LOGINS": "0", "RATE_PER_KEY": "0",
        "WEBHOOK_INTERNAL_HOSTS": "localhost",  # where the trials' receivers are
        # A socket for both protocols, which names IPv4 clients by mapped addresses; of this machine
        # only, which not every version of Python sees.
        "GUNICORN_CMD_ARGS": f"--bind [::ffff:127.0.0.1]:{port}",
        "SERVE_OPEN_SYSTEM_TO_NETWORK": "true",
    }  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def own_stack(mode: str) -> Iterator[Stack]:
    """Start what `make run` starts, without the sample; stop it and remove its data afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="rpg-security-"))
    for name in ("data", "tmp"):
        (folder / name).mkdir(mode=0o700)
    (folder / "data" / "sample").write_text("loaded\n")
    port = _free_port()
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "roompricegenie.local_stack"], cwd=ROOT, stdout=output,
            stderr=subprocess.STDOUT, env=_environment(mode, port, folder), start_new_session=True,
        )  # fmt: skip
    stack = Stack(f"http://127.0.0.1:{port}", mode, folder / "data", folder / "tmp", process.pid)
    try:
        give_up = time.monotonic() + START_SECONDS
        while not is_ready(stack):
            if process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"the stack did not start:\n{log.read_text()}")
            time.sleep(0.2)
        yield stack if mode == "open" else replace(stack, api_key=_new_key(stack))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _new_key(stack: Stack) -> str:
    abilities = (f"--may={ability}" for ability in Ability)
    return stack.manage("create_api_key", "trial", "--all-hotels", *abilities).strip()


def is_ready(stack: Stack) -> bool:
    with suppress(OSError), urlopen(f"{stack.base}/readyz", timeout=5) as response:  # http
        return bool(response.status == 200)
    return False


class Watch:
    """Measures the most that a stack of our own holds at a time while something is done to it."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.temporary_bytes = 0  # in files of its TMPDIR
        self.memory_bytes = 0  # more in all its processes than at the start
        self._ended = threading.Event()

    def __enter__(self) -> "Watch":
        self._memory_before = self._memory()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.01):
            self.temporary_bytes = max(self.temporary_bytes, self._temporary())
            self.memory_bytes = max(self.memory_bytes, self._memory() - self._memory_before)

    def _temporary(self) -> int:
        total = 0
        for file in self._stack.temporary_dir.rglob("*") if self._stack.temporary_dir else ():
            with suppress(OSError):
                total += file.stat().st_size if file.is_file() else 0
        return total

    def _memory(self) -> int:
        """Return the resident memory of gunicorn's processes."""
        if self._stack.pid is None:
            return 0
        total = 0
        for pid in _descendants(self._stack.pid):
            with suppress(OSError):
                if b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
                    total += pages * os.sysconf("SC_PAGE_SIZE")
        return total


def _descendants(pid: int) -> list[int]:
    found = [pid]
    for process in found:
        with suppress(OSError):
            for task in Path(f"/proc/{process}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found
