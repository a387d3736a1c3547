"""The services of the stack as processes of their own.

Services that end are started again, as a process manager in production would.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import requests

from roompricegenie.local_stack.embedded_valkey import valkey_command
from tests.postgres import Postgres

STREAM = "events:queue"  # the key of the queue in Redis
ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
START_SECONDS = 60
COMMAND_TIMEOUT_SECONDS = 1800  # enough to check the events of an hour
MAX_RESTART_DELAY_SECONDS = 3  # before a service that ended is started again


@dataclass
class Service:
    """A command that runs in a process group of its own."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    folder: Path = ROOT  # working directory: the code to run
    process: "subprocess.Popen[bytes] | None" = None
    start_at: float = 0  # monotonic time of the next start; 0 if none is due
    stopped: list[psutil.Process] = field(default_factory=list)  # suspended by SIGSTOP
    continue_at: float = 0  # monotonic time when they are resumed
    is_restarted_here = True  # by `Services.tend`, and not by a supervisor

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=self.environment, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def members(self) -> list[psutil.Process]:
        """Return the main process, then its descendants; [] if it does not run."""
        if self.process is None:
            return []
        with suppress(psutil.NoSuchProcess):
            main = psutil.Process(self.process.pid)
            return [main, *main.children(recursive=True)]
        return []

    def kill_group(self) -> None:
        if self.process is not None and self.running():
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def suspend(self, members: list[psutil.Process], seconds: float) -> None:
        """Suspend processes of this service; `Services.tend` resumes them after so many seconds."""
        self.continue_at = time.monotonic() + seconds
        for member in members:
            with suppress(psutil.NoSuchProcess):
                member.suspend()
                self.stopped.append(member)

    def resume(self) -> None:
        for process in self.stopped:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)
        self.stopped = []


class Services:
    """All services. `tend` restarts and resumes those that are due."""

    def __init__(
        self,
        data_dir: Path,
        postgres: Postgres | None,
        rng: random.Random,
        workers: int = 2,
        shares: int = 1,
    ) -> None:
        self.shares = shares  # as many updaters count at once
        self.data_dir = data_dir
        self.postgres = postgres
        self.rng = rng
        self.port, self.redis_port = _free_port(), _free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.socket = data_dir / "valkey.sock"
        self.faults: list[str] = []
        self.kills = 0
        # Kinds of disasters: how often injected, and how often their trace was seen.
        self.disasters, self.seen = Counter[str](), Counter[str]()
        self.restarts: list[str] = []
        self.environment = {
            **{k: v for k, v in os.environ.items() if k not in ("PORT", "DATA_DIR")},
            **(postgres.environment if postgres else {}),
            "PORT": str(self.port),
            "DATA_DIR": str(data_dir),
            "CELERY_BROKER_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "PYTHONUNBUFFERED": "1",
            # As in production: with debug, each process stores its last 9,000 SQL statements.
            "DJANGO_DEBUG": "false",
            "DJANGO_SECRET_KEY": uuid.uuid4().hex * 2,
            "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
            "DJANGO_TLS": "false",
            "API_AUTH": "open",
        }
        self.all = self._all(workers)

    def _all(self, workers: int) -> dict[str, Service]:
        """Return the services by name, in the order of their start."""
        celery = [str(BIN / "celery"), "-A", "roompricegenie"]
        worker = [*celery, "worker", "-l", "warning"]
        dashboard = [*worker, "-Q", "dashboard_queue", "-c", "1"]
        redis = [*valkey_command(self.socket, self.data_dir), "--port", str(self.redis_port)]
        commands = {
            # The services use TCP, as in production; the tests look in by the socket.
            "redis": redis,
            "web": [str(BIN / "gunicorn"), "roompricegenie.wsgi:application"],
            **{
                f"events{number}": [*worker, "-c", "2", "-n", f"events{number}@%h"]
                for number in range(1, workers + 1)
            },
            "dashboard1": [*dashboard, "-n", "dashboard1@%h"],
            "dashboard2": [*dashboard, "-n", "dashboard2@%h"],
            "webhooks": [*worker, "-Q", "webhook_queue", "-c", "1", "-n", "webhooks@%h"],
            "connections": [*worker, "-Q", "connections_queue", "-c", "1", "-n", "connections@%h"],
            "beat": [*celery, "beat", "-l", "warning"],
        }
        return {name: self._service(name, command) for name, command in commands.items()}

    def _service(self, name: str, command: list[str]) -> Service:
        return Service(name, command, self.environment, self.data_dir / "logs" / f"{name}.log")

    def start(self) -> None:
        """Migrate, start all services and wait until they are ready. Raises: TimeoutError."""
        self.manage("migrate_all").check_returncode()
        (self.data_dir / "logs").mkdir(parents=True, exist_ok=True)
        self._start_all()
        self.wait_until_ready()
        self.began = time.monotonic()

    def _start_all(self) -> None:
        for service in self.all.values():
            service.start()

    def wait_until_ready(self) -> None:
        """Tend the services until `/readyz` answers 200. Raises: TimeoutError."""
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            self.tend()
            if self.is_ready():
                return
            time.sleep(0.1)
        raise TimeoutError("the stack was not ready in time: " + str(dict(self.logs())))

    def is_ready(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{self.base}/readyz", timeout=2).status_code == 200
        return False

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a manage.py command in the environment of the services."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment,
            capture_output=True, text=True, check=False, timeout=COMMAND_TIMEOUT_SECONDS,
        )  # fmt: skip

    def tend(self) -> None:
        """Resume services whose suspension is over, start services that ended."""
        now = time.monotonic()
        for name, service in self.all.items():
            if service.stopped and now >= service.continue_at:
                self.note(f"{service.name}: resumes")
                service.resume()
            if service.is_restarted_here and not service.running():
                if not service.start_at:
                    service.start_at = now + self.rng.uniform(0, MAX_RESTART_DELAY_SECONDS)
                elif now >= service.start_at:
                    service.start_at = 0
                    self.restarts.append(name)
                    service.start()

    def recover(self) -> None:
        """End all faults, so that every service runs."""
        for service in self.all.values():
            service.resume()
            self.limit_files(service, psutil.RLIM_INFINITY)
            if not service.running():
                service.start_at = 0
                service.start()

    @staticmethod
    def limit_files(service: Service, size: int) -> None:
        for member in service.members():
            with suppress(psutil.NoSuchProcess):
                member.rlimit(psutil.RLIMIT_FSIZE, (size, psutil.RLIM_INFINITY))

    def note(self, text: str) -> None:
        line = f"{time.monotonic() - self.began:7.1f} s  {text}"
        self.faults.append(line)
        print(line, flush=True)

    def stop(self) -> list[str]:
        """Terminate all services, the first one (Redis) last.

        Return those that did not end within a minute.
        """
        wedged = []
        first, *others = self.all
        for names in (others, [first]):
            running = [(n, p) for n in names if (p := self.all[n].process) and p.poll() is None]
            for _, process in running:
                process.terminate()
            for name, process in running:
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    wedged.append(name)
        return wedged

    def left_running(self) -> list[psutil.Process]:
        """Return the processes of this run that belong to no running service."""
        owned = {member.pid for s in self.all.values() if s.running() for member in s.members()}
        return [process for process in processes_of(self.data_dir) if process.pid not in owned]

    def kill(self) -> None:
        """Kill everything that still runs."""
        for service in self.all.values():
            service.kill_group()
        for process in self.left_running():
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def logs(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the log text of each service."""
        for name, service in self.all.items():
            if service.log.exists():
                yield name, service.log.read_text(errors="replace")


def processes_of(data_dir: Path) -> list[psutil.Process]:
    """Return every process that was started with this data folder, whatever its parent is now.

    The Redis server overwrites its environment; its process title names the socket in the folder.
    """
    processes = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            has_folder = process.environ().get("DATA_DIR") == str(data_dir)
            if has_folder or f"{data_dir}/" in " ".join(process.cmdline()):
                processes.append(process)
    return [process for process in processes if process.pid != os.getpid()]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
