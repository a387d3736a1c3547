"""Clients that stop sending in the middle of a request do not block other clients."""

import socket
import time
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import requests

from tests.acceptance.conftest import Stack, running_stack

STOPPED = [  # within the headers, and within the body
    b"POST /events/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Ty",
    b"POST /events/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b'Content-Length: 500\r\n\r\n{"hotel_id": 1,',
]
THREADS = 16  # of gunicorn.conf.py: two processes with eight each


def is_closed(client: socket.socket) -> bool:
    """Return whether the server closes the connection within a second, with or without answer."""
    try:
        while client.recv(1000):
            pass
        return True
    except TimeoutError:
        return False
    except OSError:
        return True


def test_whoever_sends_a_byte_now_and_then_is_left_too() -> None:
    with running_stack(REQUEST_SECONDS="4") as impatient:
        place = urlsplit(impatient.base)
        for start in STOPPED:
            with socket.create_connection((place.hostname, place.port), timeout=1) as client:
                client.sendall(start)
                give_up = time.monotonic() + 30
                while not is_closed(client):
                    assert time.monotonic() < give_up
                    with suppress(OSError):
                        client.sendall(b"x")


def test_they_are_left_after_some_seconds(stack: Stack) -> None:
    place = urlsplit(stack.base)
    with ExitStack() as open_sockets:
        clients = []
        for number in range(THREADS + 4):
            client = socket.create_connection((place.hostname, place.port), timeout=60)
            open_sockets.enter_context(client)
            client.sendall(STOPPED[number % 2])
            clients.append(client)
        give_up = time.monotonic() + 60  # the server gives up after ten seconds
        while True:
            try:
                answer = requests.get(f"{stack.base}/dashboard/hotels/", timeout=5)
                assert answer.status_code == 200
                break
            except requests.RequestException:
                assert time.monotonic() < give_up
        left = clients[1].recv(1000)
        assert b" 408 " in left.split(b"\r\n")[0]
