"""The services of the soak test: the whole stack as `make run` starts it, and further workers.

`make run` brings its own Valkey, repairs it and restarts what ends; further workers of each
kind are processes of their own, as on a second machine.
"""

import os
import re
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import redis

from tests.soak.services import BIN, START_SECONDS, Service, Services

MAKE_RUN = "make run"
VALKEY, EVENT_WORKER, BEAT = "valkey", "worker", "beat"
# By the name that `make run` gives each of these workers, of which it starts one.
QUEUES = {
    "prices": "prices_queue",
    "checks": "checks_queue",
    "webhooks": "webhook_queue,mail_queue",
    "connections": "connections_queue",
}
# The names that `make run` gives what it starts.
CHILDREN = (VALKEY, "web", EVENT_WORKER, "dashboard", *QUEUES, BEAT)
PREFIX = re.compile(r"^[\d:]{8} (\w+) +\| ", re.MULTILINE)  # of each line that it prints


@dataclass
class Child(Service):
    """A service that `make run` starts, and starts again when it ends."""

    supervisor: Service = field(kw_only=True)
    is_restarted_here = False

    def start(self) -> None:
        """Leave it to the supervisor."""

    def main(self) -> psutil.Process | None:
        """Return its main process of now; the supervisor's log names it."""
        pids = re.findall(rf"\| {self.name} started \(pid=(\d+)\)", _text(self.supervisor.log))
        with suppress(psutil.Error, IndexError):
            process = psutil.Process(int(pids[-1]))
            supervisor = self.supervisor.process
            if supervisor and process.ppid() == supervisor.pid and _is_alive(process):
                return process
        return None

    def running(self) -> bool:
        return self.main() is not None

    def members(self) -> list[psutil.Process]:
        main = self.main()
        with suppress(psutil.NoSuchProcess):
            return [main, *main.children(recursive=True)] if main else []
        return []

    def kill_group(self) -> None:
        if main := self.main():
            with suppress(ProcessLookupError):
                os.killpg(main.pid, signal.SIGKILL)


class MakeRunServices(Services):
    """`make run`, its children, and the further workers; `make run` stops last."""

    def _all(self, workers: int) -> dict[str, Service]:
        del self.environment["CELERY_BROKER_URL"]  # the embedded server's socket is the default
        make_run = self._service(MAKE_RUN, [sys.executable, "-m", "roompricegenie.local_stack"])
        worker = [str(BIN / "celery"), "-A", "roompricegenie", "worker", "-l", "warning"]
        further = [
            self._service(f"events{number}", [*worker, "-c", "2", "-n", f"events{number}@%h"])
            for number in range(2, workers + 1)
        ]
        updaters = str(max(1, self.shares - 1))  # with the one of `make run` one for each share
        dashboard = [*worker, "-Q", "dashboard_queue", "-c", updaters, "-n", "dashboard2@%h"]
        others = [
            self._service(
                f"{kind}2", [*worker, "-Q", queue, "-c", f"{workers - 1}", "-n", f"{kind}2@%h"]
            )
            for kind, queue in QUEUES.items()
            if workers > 1
        ]
        children = [
            Child(name, [], {}, self.data_dir / "logs" / "no.log", supervisor=make_run)
            for name in CHILDREN
        ]
        every = [make_run, *children, *further, self._service("dashboard2", dashboard), *others]
        return {service.name: service for service in every}

    def start(self) -> None:
        self.data_dir.mkdir(exist_ok=True)
        (self.data_dir / "sample").write_text("loaded\n")  # the traffic sends every event
        super().start()

    def _start_all(self) -> None:
        """Start the further workers when Valkey answers, as on a machine that joins later."""
        self.make_run.start()
        give_up = time.monotonic() + START_SECONDS
        while not self._valkey_answers() and time.monotonic() < give_up:
            time.sleep(0.1)
        for service in self.all.values():
            if service is not self.make_run:
                service.start()

    def _valkey_answers(self) -> bool:
        with (
            suppress(redis.RedisError),
            redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2) as client,
        ):
            return bool(client.ping())
        return False

    @property
    def make_run(self) -> Service:
        return self.all[MAKE_RUN]

    def printed(self) -> str:
        """Return everything that `make run` printed, without times and names."""
        return PREFIX.sub("", _text(self.make_run.log))

    def valkey_servers(self) -> list[psutil.Process]:
        """Return the Valkey servers on the folder; there may be one at most."""
        servers = {}
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                line = process.cmdline()
                if line and "valkey" in line[0] and str(self.socket) in " ".join(line):
                    servers[process.pid] = process.ppid()
        # A server that rewrites its file forks a child of the same name.
        return [psutil.Process(pid) for pid, parent in servers.items() if parent not in servers]


def _is_alive(process: psutil.Process) -> bool:
    return bool(process.status() != psutil.STATUS_ZOMBIE)


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""
