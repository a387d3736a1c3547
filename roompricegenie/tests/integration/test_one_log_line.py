"""A request that is refused, or has no body to answer, logs one line at most; on a real gunicorn."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from roompricegenie.monitoring.request_metrics import FIXED_PATHS
from tests.migrated_databases import copy_migrated_databases

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
HOST = "127.0.0.1"
START_SECONDS = 60
# What they log about a Redis that does not answer is not what is tested here.
PATHS_WITHOUT_REDIS = sorted(
    {*FIXED_PATHS, "/nothing", "/static/", "/events"} - {"/readyz/", "/metrics/"}
)


class Server:
    """A gunicorn as in the documentation, without DJANGO_SETTINGS_MODULE in its environment."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port = int(probe.getsockname()[1])
        self.log = folder / "log"
        self.environment = {
            "PATH": os.environ["PATH"], "DATA_DIR": str(folder), "PORT": str(self.port),
            "DJANGO_DEBUG": "false", "DJANGO_SECRET_KEY": "a secret key of the tests " * 3,
            "DJANGO_TLS": "false", "WEB_CONCURRENCY": "1", "RUNNING_STACKS_DIR": "",
            "RATE_PER_ADDRESS": "0",
        }  # fmt: skip
        copy_migrated_databases(folder)

    def start(self) -> None:
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [BIN / "gunicorn", "roompricegenie.wsgi:application"],
                cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        give_up = time.monotonic() + START_SECONDS
        while True:
            with suppress(OSError):
                self.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return
            assert self.process.poll() is None and time.monotonic() < give_up, self.log.read_text()
            time.sleep(0.1)

    def send(self, request: bytes) -> tuple[bytes, bytes]:
        """Send bytes; return the response's head and body."""
        with socket.create_connection((HOST, self.port), timeout=20) as connection:
            connection.sendall(request)
            received = b""
            while part := connection.recv(65_536):
                received += part
        head, _, body = received.partition(b"\r\n\r\n")
        return head, body

    def lines_of(self, request: bytes) -> tuple[bytes, bytes, list[str]]:
        """Send bytes; return the response and what the server logged meanwhile.

        The line of a request is written before its response ends, or before the next request is
        answered, because one process handles both.
        """
        before = self.log.stat().st_size
        head, body = self.send(request)
        return head, body, self.log.read_bytes()[before:].decode().splitlines()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("gunicorn"))
    server.start()
    yield server
    server.process.terminate()
    assert server.process.wait(30) == 0


def request(method: str, path: str, host: str = "localhost") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode(
        "latin-1"
    )


def test_head_is_get_without_a_body_and_logs_an_unknown_path_only(server: Server) -> None:
    for path in PATHS_WITHOUT_REDIS:
        head, body, lines = server.lines_of(request("HEAD", path))
        get_head, _ = server.send(request("GET", path))
        assert head.split()[1] == get_head.split()[1], path
        assert body == b"", path
        if head.split()[1] == b"404":
            assert [line.endswith(f"HEAD {path} from 127.0.0.1: 404") for line in lines] == [True]
        else:
            assert lines == [], path


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "BREW"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "a b", "[::1", "é", ""])
def test_a_foreign_host_is_one_line(server: Server, method: str, host: str) -> None:
    for path in ("/", "/events/", "/admin/", "/healthz", "/nothing"):
        head, body, lines = server.lines_of(request(method, path, host))
        # A method that a path does not take is refused before the host is looked at.
        assert head.split()[1] in (b"400", b"405") or host == "", (path, head)
        assert len(lines) <= 1, (path, lines)
        assert b"Traceback" not in body
        assert method != "HEAD" or body == b""


@pytest.mark.parametrize(
    "line",
    [
        "BREW /events/", "TRACE /", "CONNECT /events/", "get /", "G\0T /", "X" * 50 + " /", "GET *",
        "GET /%", "GET /%ff", "GET /%zz", "GET /events/?%ff=%", "GET /events/?hotel_id=%E0%A4",
        "GET /admin/%ff/", "GET /\xff", "GET /events/%00", "GET //", "GET /../etc", "GET /static/%00",
        "GET http://evil.example/", "GET /" + "a" * 5_000, "GET /%0aINFO%20x", "GET /login/?next=%00",
    ],
)  # fmt: skip
def test_a_malformed_request_is_one_line(server: Server, line: str) -> None:
    method, _, path = line.partition(" ")
    head, _, lines = server.lines_of(request(method, path))
    assert 200 <= int(head.split()[1]) < 500
    assert len(lines) <= 1, lines


def test_a_form_with_too_many_fields_is_one_line(server: Server) -> None:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=20)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    before = server.log.stat().st_size
    connection.request("POST", "/login/", body="&a=" * 3_000, headers=form)
    assert connection.getresponse().status in (400, 403)
    lines = server.log.read_bytes()[before:].decode().splitlines()
    assert not any("Traceback" in line for line in lines)
    connection.close()
