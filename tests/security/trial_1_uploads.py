"""1: no path takes an upload: 9 MB with every method, declared, chunked, and of a false length.

Each request has a forged cookie and a form's type, with which a check of CSRF reads the body.
"""

import re
import select
import socket
import time
from collections import Counter
from collections.abc import Iterator

from roompricegenie.monitoring.request_metrics import FIXED_PATHS
from tests.security.stack import Finding, Stack, Watch

BODY_BYTES = 9_000_000
LARGE_BODY_BYTES = 200_000_000
PIECE = b"a" * 65_536
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
PATHS = (
    *FIXED_PATHS, "/healthz", "/readyz", "/favicon.ico", "/events", "/dashboard/hotels/1/",
    "/prices/hotels/1/", "/prices/hotels/1/preview/", "/admin/login/", "/admin/auth/user/add/",
    "/static/common/icon.svg", "/nothing",
)  # fmt: skip
FORM = (
    b"Host: localhost\r\nCookie: csrftoken=" + b"x" * 32 + b"; sessionid=" + b"y" * 32 + b"\r\n"
    b"Content-Type: multipart/form-data; boundary=b\r\n"
)
PART = (
    b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n"
)
RESPONSE_SECONDS = 20
LONGEST_SECONDS = 5.0


def run(stack: Stack) -> list[Finding]:
    """Send all of it; nothing may be taken, stored, or make an error of the server."""
    kinds = ("declared", "chunked", "more than declared")
    return [*(_every_path(stack, kind) for kind in kinds), _one_large_upload(stack)]


def _every_path(stack: Stack, kind: str) -> Finding:
    statuses: Counter[int] = Counter()
    wrong: list[str] = []
    with Watch(stack) as watch:
        for path in PATHS:
            for method in METHODS:
                status, seconds, _ = send(stack, method, path, kind, BODY_BYTES)
                statuses[status] += 1
                # A body behind the declared one is the connection's next request.
                is_refused = 400 <= status < 500 or (
                    kind == "more than declared" and 200 <= status < 500
                )
                if not is_refused or seconds > LONGEST_SECONDS:
                    wrong.append(f"{method} {path}: {status} in {seconds:.1f} s")
    counts = ", ".join(f"{number} × {status}" for status, number in sorted(statuses.items()))
    text = f"{BODY_BYTES:,} bytes {kind}: {counts}; {_held(watch)}"
    if wrong:
        text += f"; not refused: {'; '.join(wrong[:10])} and {max(0, len(wrong) - 10)} more"
    return Finding(not wrong and watch.temporary_bytes == 0, text)


def _one_large_upload(stack: Stack) -> Finding:
    with Watch(stack) as watch:
        status, seconds, sent = send(stack, "POST", "/healthz", "declared", LARGE_BODY_BYTES)
    text = (
        f"POST /healthz with {LARGE_BODY_BYTES:,} bytes: {status} in {seconds:.2f} s, "
        f"{sent:,} bytes sent; {_held(watch)}"
    )
    return Finding(400 <= status < 500 and watch.temporary_bytes == 0, text)


def _held(watch: Watch) -> str:
    return (
        f"{watch.temporary_bytes:,} bytes in temporary files, "
        f"{watch.memory_bytes:,} bytes of memory"
    )


def send(stack: Stack, method: str, path: str, kind: str, size: int) -> tuple[int, float, int]:
    """Send a request until it is answered; return status, seconds, and bytes of the body sent.

    Status 0: the connection was closed without a response, or none came.
    """
    length = {
        "declared": f"Content-Length: {size}",
        "chunked": "Transfer-Encoding: chunked",
        "more than declared": "Content-Length: 10",
    }[kind]
    head = f"{method} {path} HTTP/1.1\r\n{length}\r\n".encode() + FORM + b"\r\n"
    began = time.monotonic()
    with socket.create_connection(stack.address, timeout=RESPONSE_SECONDS) as connection:
        connection.sendall(head)
        connection.setblocking(False)
        received, sent = _send_until_answered(connection, _body(kind, size))
    match = re.match(rb"HTTP/1\.1 (\d\d\d)", received)
    return int(match[1]) if match else 0, time.monotonic() - began, sent


def _body(kind: str, size: int) -> Iterator[bytes]:
    yield _chunk(kind, PART)
    for _ in range(size // len(PIECE)):
        yield _chunk(kind, PIECE)
    yield _chunk(kind, b"a" * (size % len(PIECE)))


def _chunk(kind: str, data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data) if kind == "chunked" else data


def _send_until_answered(connection: socket.socket, body: Iterator[bytes]) -> tuple[bytes, int]:
    waiting, sent, received = b"", 0, b""
    give_up = time.monotonic() + RESPONSE_SECONDS
    is_sending = True
    while b"\r\n\r\n" not in received and time.monotonic() < give_up:
        watched = [connection] if is_sending else []
        readable, writable, _ = select.select([connection], watched, [], 1)
        try:
            if readable:
                data = connection.recv(65_536)
                if not data:
                    break
                received += data
            elif writable:
                waiting = waiting or next(body, b"")
                is_sending = bool(waiting)
                number = connection.send(waiting) if waiting else 0
                waiting, sent = waiting[number:], sent + number
        except OSError:
            break
    return received, sent
