"""Web servers and workers on hosts of their own: PostgreSQL and Redis are shared, no disk is."""

import os
import random
import socket
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import redis
import requests

from roompricegenie.local_stack.embedded_valkey import valkey_command
from tests.postgres import postgres_server
from tests.soak.events import Event
from tests.soak.services import BIN, ROOT, Service
from tests.waiting import until

WEBS = ("web1", "web2")
WORKERS = ("worker1", "worker2", "worker3", "worker4")
KEYLESS_A_MINUTE = 40


class Hosts:
    """The hosts by name, each with its service."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        network = _free_network()
        self.redis = redis.Redis(host=f"{network}.0.2")
        self.base = {name: f"http://{network}.1.{n}:8000" for n, name in enumerate(WEBS, 1)}
        self.services: dict[str, Service] = {}
        postgres = stack.enter_context(postgres_server())
        postgres.listen(f"{network}.0.1")
        ours = ("DJANGO", "DATABASE", "RATE", "PORT", "DATA_DIR", "SERVICE", "http", "HTTP")
        self.shared = {
            **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
            **postgres.environment,
            "CELERY_BROKER_URL": f"redis://{network}.0.2:6379/0",
            "EVENTS_API_BASE_URL": self.base["web1"],
            "DJANGO_DEBUG": "false",
            "DJANGO_SECRET_KEY": uuid.uuid4().hex * 2,
            "DJANGO_ALLOWED_HOSTS": ",".join(f"{network}.1.{n}" for n in (1, 2)),
            "DJANGO_TLS": "false",
            "API_AUTH": "required",
            "RATE_PER_KEY": "0",
            "RATE_PER_ADDRESS": str(KEYLESS_A_MINUTE),
            "PYTHONUNBUFFERED": "1",
        }
        stack.callback(self.kill)
        valkey = valkey_command(folder / "valkey.sock", folder / "redis")
        self.start("redis", *valkey, "--port", "6379", "--bind", f"{network}.0.2")
        self.manage("office", "migrate_all")
        reads = ("read_events", "read_dashboard")
        with ThreadPoolExecutor() as both:
            services = both.submit(self.new_key, "services", *reads)
            self.key = self.new_key("clients", "write_events", *reads)
            self.shared["SERVICE_API_KEY"] = services.result()
        for name in WEBS:
            self.start_web(name)
        for name in WORKERS:
            self.start_worker(name)
        self.start_worker("dashboard", "-Q", "dashboard_queue")
        self.start("beat", str(BIN / "celery"), "-A", "roompricegenie", "beat", "-l", "warning")
        for name in WEBS:
            self.wait_for_web(name)

    def environment(self, host: str) -> dict[str, str]:
        return {**self.shared, "DATA_DIR": str(self.folder / host)}

    def start(self, host: str, *command: str) -> None:
        log = self.folder / f"{host}.log"
        self.services[host] = Service(host, list(command), self.environment(host), log)
        self.services[host].start()

    def start_web(self, host: str) -> None:
        address = self.base[host].removeprefix("http://")
        self.start(
            host, str(BIN / "gunicorn"), "roompricegenie.wsgi:application", "--bind", address
        )

    def start_worker(self, host: str, *options: str) -> None:
        celery = [str(BIN / "celery"), "-A", "roompricegenie", "worker", "-l", "warning"]
        self.start(host, *celery, "-c", "1", "-n", f"events@{host}", *options)

    def wait_for_web(self, host: str) -> None:
        def ready() -> bool:
            with suppress(requests.RequestException):
                return requests.get(f"{self.base[host]}/readyz", timeout=5).status_code == 200
            return False

        until(ready, f"{host} is ready")

    def manage(self, host: str, *arguments: str) -> str:
        """Run a command on a host; return its output. Raises: AssertionError if it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment(host),
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def new_key(self, name: str, *may: str) -> str:
        abilities = [part for ability in may for part in ("--may", ability)]
        return self.manage("office", "create_api_key", name, "--all-hotels", *abilities).strip()

    def get(self, web: str, path: str, **headers: str) -> requests.Response:
        """Send a GET on a new connection, so that any of the server's processes may answer."""
        headers = {"Authorization": f"Bearer {self.key}", **headers}
        return requests.get(f"{self.base[web]}{path}", headers=headers, timeout=30)

    def post(self, web: str, events: list[Event]) -> requests.Response:
        """Post events to a web server."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return requests.post(
            f"{self.base[web]}/events/", json=events, headers=headers, timeout=30
        )  # fmt: skip

    def kill(self) -> None:
        for service in self.services.values():
            service.kill_group()


def _free_network() -> str:
    """Return the first two numbers of loopback addresses whose ports are free."""
    while True:
        network = f"127.{random.randrange(1, 255)}"
        with suppress(OSError), ExitStack() as probes:
            for rest, port in ((".0.1", 5432), (".0.2", 6379), (".1.1", 8000), (".1.2", 8000)):
                probe = probes.enter_context(socket.socket())
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((network + rest, port))
            return network
