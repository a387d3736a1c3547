"""HTTP clients that need little processor time: keep-alive sockets, requests as ready bytes."""

import socket
import threading
import time
from collections.abc import Callable
from typing import NamedTuple


class Load(NamedTuple):
    """What the clients measured."""

    requests_per_second: float
    statuses: dict[int, int]
    latencies_s: list[float]


class Connection:
    """A keep-alive HTTP connection; it reconnects when the server closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open()

    def _open(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def send(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; return the status and body of the response."""
        self._socket.sendall(request)
        first = self._file.readline()
        if not first:
            raise ConnectionError("the server closed the connection without a response")
        status, length, is_kept_alive = int(first.split(b" ", 2)[1]), 0, True
        while (line := self._file.readline()) not in (b"\r\n", b""):
            name, _, value = line.lower().partition(b":")
            if name == b"content-length":
                length = int(value)
            elif name == b"connection":
                is_kept_alive = value.strip() != b"close"
        body = self._file.read(length) if length else b""
        if not is_kept_alive:
            self.close()
            self._open()
        return status, body

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def get(path: str, **headers: str) -> bytes:
    """Return a GET request as bytes."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode()


def post(path: str, body: bytes) -> bytes:
    """Return a POST request with a JSON body as bytes."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def load(port: int, make_request: Callable[[], bytes], clients: int, seconds: float) -> Load:
    """Send requests from several clients at once, each as soon as it has its response."""
    statuses: dict[int, int] = {}
    latencies: list[float] = []
    lock = threading.Lock()
    end = time.perf_counter() + seconds

    def run_client() -> None:
        connection = Connection(port)
        own_statuses: dict[int, int] = {}
        own_latencies = []
        while (start := time.perf_counter()) < end:
            status, _ = connection.send(make_request())
            own_latencies.append(time.perf_counter() - start)
            own_statuses[status] = own_statuses.get(status, 0) + 1
        connection.close()
        with lock:
            latencies.extend(own_latencies)
            for status, count in own_statuses.items():
                statuses[status] = statuses.get(status, 0) + count

    began = time.perf_counter()
    threads = [threading.Thread(target=run_client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(len(latencies) / (time.perf_counter() - began), statuses, latencies)
