"""Receivers of webhooks for tests: real servers that answer, stall, drip or send without end."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """A booking system's HTTP server; remembers every post, and what it took of them."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.status = 204
        self.posts: list[tuple[dict[str, str], bytes]] = []
        # Price, state and currency by night, of the posts that it answered with success.
        self.known: dict[str, tuple[str | None, str, str]] = {}
        self.minimum_stays: dict[str, int | None] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.posts.append(({k.lower(): v for k, v in self.headers.items()}, body))
                if outer.status < 300:
                    outer.take(body)
                self.send_response(outer.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}/prices"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def take(self, body: bytes) -> None:
        data = json.loads(body).get("data", {"prices": []})
        for row in data["prices"]:
            self.known[row["night"]] = (row["price"], row["state"], data["currency"])
            self.minimum_stays[row["night"]] = row["minimum_stay"]

    def prices(self) -> list[list[dict[str, Any]]]:
        return [json.loads(body)["data"]["prices"] for _, body in self.posts]

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.posts]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


# What a hostile receiver does with a connection; `over` is set at the test's end.
Behaviour = Callable[[socket.socket, threading.Event], None]
DRIP_SECONDS = 0.05


def stall(connection: socket.socket, over: threading.Event) -> None:
    over.wait(60)


def drip_headers(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not over.wait(DRIP_SECONDS):
        connection.sendall(b"a")


def drip_body(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not over.wait(DRIP_SECONDS):
        connection.sendall(b"a")


def send_100_mb(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
    for _ in range(100):
        connection.sendall(bytes(1_000_000))


def send_interim_answers_without_end(connection: socket.socket, over: threading.Event) -> None:
    while not over.wait(DRIP_SECONDS):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def send_no_http(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"220 mail.example.com ESMTP\r\n")


def close_at_once(connection: socket.socket, over: threading.Event) -> None:
    pass


class HostileReceiver:
    """A server that treats every connection as told, and counts what it could send."""

    def __init__(self, behave: Behaviour) -> None:
        self._accepted: list[int] = []  # the clients' ports
        self._has_accepted = threading.Condition()
        self._behave = behave
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/x?token=hidden-token"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, client = self._listener.accept()
            except OSError:
                return
            with self._has_accepted:
                self._accepted.append(client[1])
                self._has_accepted.notify_all()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def count_connections(self) -> int:
        """Return how many were made until now, also of those that still wait to be accepted.

        They are accepted in their order: once a connection made now is, all before it are.
        """
        with socket.create_connection(self._listener.getsockname()) as last, self._has_accepted:
            port = last.getsockname()[1]
            assert self._has_accepted.wait_for(lambda: port in self._accepted, timeout=30)
            before = self._accepted.index(port)
            self._accepted.remove(port)
        return before

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self._behave(connection, self._over)

    def close(self) -> None:
        self._over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def hostile(behave: Behaviour) -> Iterator[HostileReceiver]:
    receiver = HostileReceiver(behave)
    try:
        yield receiver
    finally:
        receiver.close()
