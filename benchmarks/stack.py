"""Start the parts of the system that a benchmark needs, as processes in a temporary folder."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import redis
import requests

from benchmarks.http_client import Connection, get
from roompricegenie.local_stack.embedded_valkey import valkey_command
from tests.postgres import postgres_server

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
START_SECONDS = 60


class Stack:
    """Migrated databases in a folder; starts processes, which end with the context of `stack`."""

    def __init__(self, folder: Path, stack: ExitStack, database: str) -> None:
        self.folder = folder
        self.database = database
        self._stack = stack
        settings = {
            "DATA_DIR": str(folder),
            "DJANGO_DEBUG": "false",
            "DJANGO_SECRET_KEY": "benchmarks-only-0123456789-0123456789-0123456789-0123456789",
            "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
            "DJANGO_TLS": "false",
            "API_AUTH": "open",
            "PYTHONWARNINGS": "ignore",
        }
        inherited = {
            k: v for k, v in os.environ.items() if not k.startswith(("DJANGO", "DATABASE"))
        }
        self.environment = {**inherited, **settings}
        if database == "postgres":
            self.environment |= stack.enter_context(postgres_server()).environment
        self.run("manage.py", "migrate_all", "-v0")

    def run(self, *arguments: str) -> None:
        """Run a Python program of the project and wait for it. Raises: CalledProcessError."""
        environment = {"DJANGO_SETTINGS_MODULE": "roompricegenie.settings", **self.environment}
        subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip

    def start(self, *command: str, **environment: str) -> "subprocess.Popen[bytes]":
        """Start a process that ends with the stack; its output goes to the log."""
        log = (self.folder / "log").open("ab")
        process = subprocess.Popen(
            command, cwd=ROOT, env={**self.environment, **environment}, stdout=log, stderr=log
        )
        self._stack.callback(end, process)
        return process

    def web(self, application: str = "roompricegenie.wsgi:application", **more: str) -> int:
        """Start gunicorn with an application; return its port when it answers."""
        port = free_port()
        self.environment["EVENTS_API_BASE_URL"] = f"http://127.0.0.1:{port}"
        process = self.start(str(BIN / "gunicorn"), application, **{"PORT": str(port), **more})
        give_up = time.monotonic() + START_SECONDS
        while True:
            try:
                connection = Connection(port)
                connection.send(get("/healthz"))
                connection.close()
                return port
            except OSError:
                if time.monotonic() > give_up or process.poll() is not None:
                    print((self.folder / "log").read_text(), file=sys.stderr)
                    raise
                time.sleep(0.05)

    def bare(self, same: bytes = b"") -> int:
        """Start gunicorn with the bare views, `/same` answering these bytes; return its port."""
        file = self.folder / f"same-{len(same)}"
        file.write_bytes(same)
        return self.web("benchmarks.reference.bare_django_wsgi:application", BARE_FILE=str(file))

    def plain(self) -> int:
        """Start gunicorn with plain REST framework on the same database; return its port."""
        return self.web("benchmarks.reference.plain_rest_framework_wsgi:application")

    def valkey(self) -> redis.Redis:
        """Start the embedded Valkey; return a client when it answers."""
        path = self.folder / "valkey.sock"
        self.start(*valkey_command(path, self.folder))
        client = redis.Redis(unix_socket_path=str(path))
        give_up = time.monotonic() + START_SECONDS
        while True:
            try:
                client.ping()
                return client
            except redis.RedisError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.02)

    def worker(self, *options: str) -> "subprocess.Popen[bytes]":
        """Start a Celery worker."""
        return self.start(str(BIN / "celery"), "-A", "roompricegenie", "--quiet", "worker", "-l",
                          "warning", "--without-gossip", "--without-mingle", *options)  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process that this run started; kill it after 30 seconds."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def stack(database: str) -> Iterator[Stack]:
    """A new stack on `sqlite` or `postgres`; ends its processes and removes its folder."""
    with ExitStack() as exits:
        folder = Path(tempfile.mkdtemp(prefix="rpg-bench-"))
        exits.callback(shutil.rmtree, folder, ignore_errors=True)
        yield Stack(folder, exits, database)


def wait_for(url: str) -> None:
    """Wait until a URL answers 200. Raises: TimeoutError after START_SECONDS."""
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        with suppress(requests.RequestException):
            if requests.get(url, timeout=10).status_code == 200:
                return
        time.sleep(0.05)
    raise TimeoutError(url)
