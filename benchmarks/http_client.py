"""Clients that cost little themselves: kept-alive sockets and requests made beforehand."""

import socket
import threading
import time
from collections.abc import Callable
from typing import NamedTuple


class Load(NamedTuple):
    """What the clients saw."""

    requests_per_second: float
    statuses: dict[int, int]
    latencies_s: list[float]


class Connection:
    """An HTTP connection that is kept alive for as long as the server keeps it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open()

    def _open(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def send(self, request: bytes) -> tuple[int, bytes]:
        """The status and the body that a request is answered with."""
        self._socket.sendall(request)
        first = self._file.readline()
        if not first:
            raise ConnectionError("closed without an answer")
        status, length, is_kept = int(first.split(b" ", 2)[1]), 0, True
        while (line := self._file.readline()) not in (b"\r\n", b""):
            name, _, value = line.lower().partition(b":")
            if name == b"content-length":
                length = int(value)
            elif name == b"connection":
                is_kept = value.strip() != b"close"
        body = self._file.read(length) if length else b""
        if not is_kept:
            self.close()
            self._open()
        return status, body

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def get(path: str, **headers: str) -> bytes:
    """A GET as bytes."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode()


def post(path: str, body: bytes) -> bytes:
    """A POST of JSON as bytes."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def load(port: int, make: Callable[[], bytes], clients: int, seconds: float) -> Load:
    """Ask from several clients at once, each as soon as it was answered."""
    statuses: dict[int, int] = {}
    latencies: list[float] = []
    lock = threading.Lock()
    end = time.perf_counter() + seconds

    def ask() -> None:
        connection = Connection(port)
        seen: dict[int, int] = {}
        took = []
        while (start := time.perf_counter()) < end:
            status, _ = connection.send(make())
            took.append(time.perf_counter() - start)
            seen[status] = seen.get(status, 0) + 1
        connection.close()
        with lock:
            latencies.extend(took)
            for status, count in seen.items():
                statuses[status] = statuses.get(status, 0) + count

    began = time.perf_counter()
    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(len(latencies) / (time.perf_counter() - began), statuses, latencies)
