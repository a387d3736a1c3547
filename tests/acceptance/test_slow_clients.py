"""Clients that stop in the middle of a request do not keep others from being served.

gunicorn runs alone, with the project's configuration and shorter limits.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests

from tests.acceptance.conftest import ROOT, free_port
from tests.waiting import until

STOPPED = [  # in the head, and in the body
    b"POST /events/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Ty",
    b"POST /events/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b'Content-Length: 500\r\n\r\n{"hotel_id": 1,',
]
THREADS = 16  # of gunicorn.conf.py: two processes with eight each
SLOW_CLIENT_SECONDS, REQUEST_SECONDS = 2, 5


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a running gunicorn."""
    port = free_port()
    limits = {"SLOW_CLIENT_SECONDS": SLOW_CLIENT_SECONDS, "REQUEST_SECONDS": REQUEST_SECONDS}
    own = {"PORT": port, "DATA_DIR": tmp_path_factory.mktemp("data"), "WEB_CONCURRENCY": 2}
    server = subprocess.Popen(
        [Path(sys.executable).parent / "gunicorn", "roompricegenie.wsgi:application"],
        cwd=ROOT, env={**os.environ, **{k: str(v) for k, v in {**limits, **own}.items()}},
    )  # fmt: skip
    try:
        until(lambda: is_served(port), "gunicorn answers")
        yield port
    finally:
        server.terminate()
        server.wait(30)


def is_served(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def is_closed(client: socket.socket) -> bool:
    """Whether the server closes the connection within a second, with or without an answer."""
    try:
        while client.recv(1000):
            pass
        return True
    except TimeoutError:
        return False
    except OSError:
        return True


def test_a_client_that_stops_sending_is_disconnected(port: int) -> None:
    with ExitStack() as open_sockets:
        clients = []
        for number in range(THREADS + 4):
            client = socket.create_connection(("127.0.0.1", port), timeout=60)
            open_sockets.enter_context(client)
            client.sendall(STOPPED[number % 2])
            clients.append(client)
        until(lambda: is_served(port), "others are served again")
        assert b" 408 " in clients[1].recv(1000).split(b"\r\n")[0]


def test_a_client_that_sends_a_byte_now_and_then_is_disconnected(port: int) -> None:
    for start in STOPPED:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
            began = time.monotonic()
            client.sendall(start)
            while not is_closed(client):
                assert time.monotonic() < began + 30
                with suppress(OSError):
                    client.sendall(b"x")
            assert time.monotonic() > began + SLOW_CLIENT_SECONDS  # no pause was long enough
