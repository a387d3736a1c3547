"""A real HTTP server for emulated booking systems, with the faults that such systems have."""

import json
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Request:
    """What an emulator gets."""

    method: str
    path: str
    query: dict[str, str]
    headers: Any
    body: Any


@dataclass
class Answer:
    """What an emulator answers."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    """An error answer."""

    def __init__(self, status: int, message: str = "refused", **headers: str) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"Message": message}, headers)


@dataclass
class Faults:
    """How often things go wrong, as shares of the calls; `limit` is calls and seconds."""

    seed: int = 0
    too_many: float = 0.0
    broken: float = 0.0
    lost_answers: float = 0.0  # after the call had its effect
    too_large: float = 0.0
    slow: float = 0.0
    slow_seconds: float = 0.05
    limit: tuple[int, float] | None = None
    retry_after: str = "1"

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._calls: deque[float] = deque()
        self.happened: Counter[str] = Counter()

    def before(self, request: Request) -> None:
        """Raises: Refused."""
        if self.limit:
            calls, seconds = self.limit
            now = time.monotonic()
            while self._calls and self._calls[0] < now - seconds:
                self._calls.popleft()
            if len(self._calls) >= calls:
                self.happened["429"] += 1
                raise Refused(429, "too many", **{"Retry-After": self.retry_after})
            self._calls.append(now)
        for name, status in (("too_many", 429), ("broken", 500), ("too_large", 408)):
            if self._random.random() < getattr(self, name):
                self.happened[str(status)] += 1
                wait = {"Retry-After": self.retry_after} if status == 429 else {}
                raise Refused(status, **wait)
        if self._random.random() < self.slow:
            self.happened["slow"] += 1
            time.sleep(self.slow_seconds)

    def loses_answer(self) -> bool:
        lost = self._random.random() < self.lost_answers
        self.happened["lost"] += lost
        return lost


@contextmanager
def serve(answer: Callable[[Request], Any], faults: Faults | None = None) -> Iterator[str]:
    """Serve an emulator; yields its address. Calls come to `answer` one at a time."""
    present = faults or Faults()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # head and body in one packet, or each answer waits 40 ms for an ACK

        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(
                self.command, parts.path, dict(parse_qsl(parts.query)), self.headers,
                _body(raw, self.headers.get("Content-Type", "")),
            )  # fmt: skip
            with lock:
                try:
                    present.before(request)
                    result = answer(request)
                except Refused as refused:
                    result = refused.answer
                if present.loses_answer():
                    self.close_connection = True
                    return
            if not isinstance(result, Answer):
                result = Answer(200, result)
            content = b"" if result.body is None else json.dumps(result.body, default=str).encode()
            self.send_response_only(result.status)
            if "Date" not in result.headers:
                self.send_header("Date", self.date_time_string())
            for name, value in result.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = handle_any

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _body(raw: bytes, kind: str) -> Any:
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(raw.decode()))
    return json.loads(raw) if raw else None
