"""9: clients that open connections and say nothing, or half of it, hold up no health check."""

import socket
import time
from contextlib import ExitStack, suppress
from math import inf
from urllib.request import urlopen

from tests.security.stack import Finding, Stack

HALF_HEAD = b"GET /events/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
HALF_BODY = (
    b"POST /events/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b'Content-Length: 500\r\n\r\n{"hotel_id": 1,'
)
# A client that leaves a large response unread and its connection open, and one that asks twice.
UNREAD = (
    b"GET /static/drf-yasg/swagger-ui-dist/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
)
HALF_OF_TWO = b"GET /favicon.ico HTTP/1.1\r\nHost: localhost\r\n\r\n" + HALF_HEAD
CLIENTS = {
    "silent": b"", "half a head": HALF_HEAD, "half a body": HALF_BODY, "unread": UNREAD,
    "one and a half requests": HALF_OF_TWO,
}  # fmt: skip
NUMBERS = (40, 200)
CHECKS = 5
LONGEST_SECONDS = 2.0  # of a check; on a busy machine it takes some tenths of a second


def run(stack: Stack) -> list[Finding]:
    """Open connections of each kind, and ask for the health meanwhile."""
    return [_check(stack, kind, number) for kind in CLIENTS for number in NUMBERS]


def _check(stack: Stack, kind: str, number: int) -> Finding:
    with ExitStack() as opened:
        for _ in range(number):
            client = opened.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # a response fits not in
            client.settimeout(30)
            client.connect(stack.address)
            with suppress(OSError):
                client.sendall(CLIENTS[kind])
        health = max(_seconds(f"{stack.base}/healthz") for _ in range(CHECKS))
        ready = _seconds(f"{stack.base}/readyz")
    text = f"{number} connections, {kind}: /healthz in {health:.2f} s, /readyz in {ready:.2f} s"
    return Finding(max(health, ready) <= LONGEST_SECONDS, text)


def _seconds(url: str) -> float:
    began = time.monotonic()
    with suppress(OSError), urlopen(url, timeout=60) as response:  # http
        response.read()
        return time.monotonic() - began
    return inf  # no connection, no response, or none with 200
