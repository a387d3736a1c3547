"""Clients that stop in the middle of a request do not keep others from being served.

gunicorn runs alone, with the project's configuration and shorter limits.
"""

import os
import re
import select
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

pytestmark = pytest.mark.long

STOPPED = [  # in the head, and in the body
    b"POST /events/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Ty",
    b"POST /events/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b'Content-Length: 500\r\n\r\n{"hotel_id": 1,',
]
THREADS = 16  # of gunicorn.conf.py: two processes with eight each
SLOW_CLIENT_SECONDS, REQUEST_SECONDS = 4, 8
CONNECTIONS_PER_ADDRESS = 64


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a running gunicorn."""
    port = free_port()
    limits = {"SLOW_CLIENT_SECONDS": SLOW_CLIENT_SECONDS, "REQUEST_SECONDS": REQUEST_SECONDS}
    limits["CONNECTIONS_PER_ADDRESS"] = CONNECTIONS_PER_ADDRESS
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


@pytest.mark.parametrize("sent", [b"", *STOPPED, b"GET /favicon.ico HTTP/1.1\r\n\r\n" + STOPPED[0]])
def test_forty_of_one_address_hold_up_no_health_check(port: int, sent: bytes) -> None:
    with ExitStack() as open_sockets:
        for _ in range(40):
            client = open_sockets.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall(sent)
        began = time.monotonic()
        assert is_served(port)
        assert time.monotonic() < began + SLOW_CLIENT_SECONDS, "before any of them is overdue"


def test_another_address_is_served_while_one_sends_half_of_its_requests(port: int) -> None:
    with ExitStack() as open_sockets:
        for _ in range(60):
            client = socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0))
            open_sockets.enter_context(client).sendall(STOPPED[1])
        time.sleep(0.2)  # until all threads that one address can have wait for it
        began = time.monotonic()
        response = requests.get(f"http://127.0.0.1:{port}/login/", timeout=10)
        assert response.status_code == 200
        assert time.monotonic() < began + SLOW_CLIENT_SECONDS


def test_health_checks_have_threads_that_no_number_of_addresses_takes(port: int) -> None:
    with ExitStack() as open_sockets:
        for number in range(64):
            source = (f"127.0.0.{2 + number % 8}", 0)
            client = socket.create_connection(("127.0.0.1", port), source_address=source)
            open_sockets.enter_context(client).sendall(STOPPED[1])
        time.sleep(0.2)  # until all threads wait for them
        began = time.monotonic()
        assert is_served(port)
        assert time.monotonic() < began + SLOW_CLIENT_SECONDS / 2


@pytest.mark.parametrize("length", [b"Content-Length: 9000000", b"Transfer-Encoding: chunked"])
def test_a_body_that_is_refused_is_not_asked_for(port: int, length: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        head = b"POST /events/ HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n"
        client.sendall(head + length + b"\r\n\r\n")
        assert re.match(rb"HTTP/1\.1 41[13] ", client.recv(1000))
        assert is_closed(client), "what follows is the body, no other request"


def test_too_many_connections_of_an_address_close_its_oldest(port: int) -> None:
    with ExitStack() as open_sockets:
        clients = []
        for _ in range(4 * CONNECTIONS_PER_ADDRESS):  # of two processes
            client = socket.create_connection(("127.0.0.1", port), timeout=1)
            clients.append(open_sockets.enter_context(client))
        assert is_served(port), "a new connection is always accepted"
        closed, _, _ = select.select(clients, [], [], 0)
        assert len(closed) >= 2 * CONNECTIONS_PER_ADDRESS


def test_a_head_without_end_is_refused(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        with suppress(OSError):
            client.sendall(b"GET / HTTP/1.1\r\n" + b"X-Long: " + b"x" * 40_000)
        assert client.recv(1000).startswith(b"HTTP/1.1 431 ")


def test_requests_that_follow_each_other_on_a_connection_are_all_answered(port: int) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(request * 20 + request[:10])
        time.sleep(0.1)
        client.sendall(request[10:])
        received = b""
        while received.count(b'"status"') < 21:
            part = client.recv(65_536)
            assert part, received[-500:]
            received += part


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
