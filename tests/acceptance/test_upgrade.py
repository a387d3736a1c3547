"""Upgrade without downtime: migrations while the old version serves, then a rolling restart.

The old version is the commit before the newest migration, exported from git to a separate folder.
It serves while clients post, read and load without a pause. The new version's `migrate_all` runs
beside it, then its processes; clients switch; the old processes are terminated. No request is
refused, no event is lost or counted twice.
"""

import itertools
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from roompricegenie.local_stack.embedded_valkey import valkey_command
from tests.acceptance.conftest import free_port
from tests.acceptance.test_several_hosts import events_of
from tests.postgres import postgres_server
from tests.soak.events import COLUMNS, Event, Identities, identity
from tests.soak.services import BIN, ROOT, Service
from tests.soak.verdict import compare_dashboard, compare_ledger, getter, recount
from tests.waiting import until

pytestmark = pytest.mark.long

CLIENTS = 3
FILE_EVENTS = 3_000
END_SECONDS = 60
# The test is of refused requests, not of speed: starting processes need the cores as well.
PAUSE_SECONDS, LOAD_EVERY_SECONDS = 0.1, 3
MIGRATE = (  # `manage.py migrate` for each database of this version
    "from django.conf import settings; from django.core.management import call_command\n"
    "for name in settings.DATABASES: call_command('migrate', database=name, verbosity=0)"
)


@pytest.fixture(scope="module")
def old_code() -> Iterator[Path]:
    """The code before the newest migration; skips where git's history does not contain it."""
    # Along the main line: a branch may have had other numbers before it was merged.
    newest = _git(
        "log", "-1", "--first-parent", "--diff-filter=A", "--format=%H", "--",
        "*/migrations/0*.py",
    )  # fmt: skip
    if _git("rev-parse", "--is-shallow-repository") != "false" or not newest:
        pytest.skip("NO OLD VERSION: the upgrade is tested where git has the whole history")
    if not (old := _git("rev-parse", "--verify", "--quiet", f"{newest}^")):
        pytest.skip("NO OLD VERSION: the newest migration came with the first commit")
    folder = Path(tempfile.mkdtemp(prefix="rpg-old-"))
    try:
        packed = folder / "old.tar"
        subprocess.run(["git", "archive", "-o", packed, old], cwd=ROOT, check=True)
        shutil.unpack_archive(packed, folder / "code", filter="data")
        yield folder / "code"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _git(*arguments: str) -> str:
    """Return git's output; empty without git or a repository."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


class Version:
    """One version's code and processes; both versions share the databases and Redis."""

    def __init__(self, name: str, code: Path, folder: Path, shared: dict[str, str]) -> None:
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        self.code = code
        self.environment = {**shared, "PORT": str(port), "DATA_DIR": str(folder)}
        celery = [str(BIN / "celery"), "-A", "roompricegenie"]
        worker = [*celery, "worker", "-l", "warning"]
        commands = {
            "web": [str(BIN / "gunicorn"), "roompricegenie.wsgi:application"],
            "events": [*worker, "-c", "2", "-n", f"events-{name}@%h"],
            "dashboard": [*worker, "-Q", "dashboard_queue", "-c", "1", "-n", f"counts-{name}@%h"],
            "beat": [*celery, "beat", "-l", "warning"],
        }
        self.services = {
            part: Service(part, command, self.environment, folder / f"{part}-{name}.log", code)
            for part, command in commands.items()
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command; return its output. Raises: AssertionError if it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=self.code, env=self.environment,
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *names: str) -> None:
        for name in names:
            self.services[name].start()

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self.base}/readyz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def told_to_end(self, *names: str) -> dict[str, int]:
        """Send SIGTERM to the services' main processes; return their exit codes."""
        processes = {name: self.services[name].process for name in names}
        found = {}
        for process in processes.values():
            assert process
            process.terminate()
        for name, process in processes.items():
            assert process
            found[name] = process.wait(END_SECONDS)
        return found

    def kill(self) -> None:
        for service in self.services.values():
            service.kill_group()


@dataclass
class Traffic:
    """Clients that post, one that reads, one that loads files, all with the current version."""

    version: Version
    folder: Path
    promised: list[Event] = field(default_factory=list)
    answers: int = 0
    files: int = 0
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._at: dict[int, Version] = {}
        self._lock = threading.Lock()
        work: list[Callable[[Version, int], None]] = [
            *[self._post] * CLIENTS,
            self._read,
            self._load,
        ]
        self._threads = [
            threading.Thread(target=self._again, args=(one, number))
            for number, one in enumerate(work)
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def more(self, answers: int) -> Callable[[], bool]:
        """Return a function that tells whether so many further answers have arrived."""
        enough = self.answers + answers
        return lambda: self.answers >= enough

    def switch(self, version: Version) -> None:
        """Switch all clients to another version; return when none uses the previous one."""
        with self._lock:
            before, self.version = self.version, version
        until(lambda: before not in list(self._at.values()), "the clients have switched")

    def _again(self, work: Callable[[Version, int], None], number: int) -> None:
        while not self._stop.wait(PAUSE_SECONDS):
            with self._lock:
                version = self._at[number] = self.version
            try:
                work(version, number)
            except (requests.RequestException, AssertionError) as error:
                self.wrong.append(f"{work.__name__} at {version.base}: {error}")
        self._at.pop(number, None)

    def _post(self, version: Version, number: int) -> None:
        rng = random.Random(f"{number} {self.answers} {time.monotonic()}")
        events = events_of(number + 1, rng.randint(1, 50), rng)
        url = f"{version.base}/events/"
        requests.post(url, json=events, timeout=30).raise_for_status()
        self.promised += events
        self.answers += 1

    def _read(self, version: Version, number: int) -> None:
        for path in ("/dashboard/?hotel_id=1&period=day", "/events/?hotel_id=1&page_size=100"):
            requests.get(f"{version.base}{path}", timeout=30).raise_for_status()
            self.answers += 1

    def _load(self, version: Version, number: int) -> None:
        self.files += 1
        events = events_of(100 + self.files, FILE_EVENTS, random.Random(f"file {self.files}"))
        rows = (",".join(str(event[name]) for name in COLUMNS) for event in events)
        file = self.folder / f"{self.files}.csv"
        file.write_text("\n".join(itertools.chain([",".join(COLUMNS)], rows)))
        said = version.manage("trigger_load_events", str(file))
        assert f"{FILE_EVENTS:,} events queued" in said, said
        self.promised += events
        self._stop.wait(LOAD_EVERY_SECONDS)


def test_an_upgrade_refuses_nobody_and_loses_nothing(old_code: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="rpg-upgrade-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        postgres = stack.enter_context(postgres_server())
        socket = folder / "valkey.sock"
        shared = {
            **{name: value for name, value in os.environ.items() if name != "CELERY_BROKER_URL"},
            **postgres.environment,
            "CELERY_BROKER_URL": f"redis+socket://{socket}",
            "PYTHONUNBUFFERED": "1",
        }
        valkey = Service("redis", valkey_command(socket, folder), shared, folder / "redis.log")
        stack.callback(valkey.kill_group)
        valkey.start()
        old = Version("old", old_code, folder, shared)
        new = Version("new", ROOT, folder, shared)
        stack.callback(old.kill)
        stack.callback(new.kill)
        old.manage("shell", "-v0", "-c", MIGRATE)
        old.start("web", "events", "dashboard", "beat")
        until(old.is_ready, "the old version is ready")

        traffic = Traffic(old, folder)
        stack.callback(traffic.end)
        until(traffic.more(50), "the old version serves")
        before = traffic.answers
        new.manage("migrate_all")
        assert traffic.answers > before  # it served during the migration
        until(traffic.more(50), "the old version serves with the new tables")
        new.start("web", "events", "dashboard")
        until(new.is_ready, "the new version is ready")
        until(traffic.more(50), "both versions work")
        traffic.switch(new)
        # One beat at a time: two would send each task twice, which is harmless but useless.
        ended = old.told_to_end("beat", "events", "dashboard", "web")
        new.start("beat")
        until(traffic.more(100), "the new version serves")
        traffic.end()

        assert ended == {"beat": 0, "events": 0, "dashboard": 0, "web": 0}
        assert traffic.wrong == []
        get = getter(new.base)
        promised = Identities()
        promised.add(map(identity, traffic.promised))
        until(lambda: '"queued_events": 0,' in new.manage("pipeline_status", "--json"), "the queue")
        until(lambda: get("/dashboard/status/")["events_behind"] == 0, "everything is counted")
        ledger, right = recount(get)
        assert compare_ledger(ledger.sorted(), promised.sorted(), promised.sorted()) == []
        assert compare_dashboard(get, right) == []
        new.manage("pipeline_status")
        assert " 0 differences" in new.manage("check_dashboard")
