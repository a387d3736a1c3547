"""Open pages without a browser: what `static/common/live_page.js` sends, at little cost."""

import asyncio
import random
import time
from collections import Counter
from typing import Any

POLL_SECONDS = 1.0
WHOLE_SECONDS = (45.0, 60.0)  # a page is loaded anew within this, by chance


class Page(asyncio.Protocol):
    """A page and its keep-alive connection."""

    def __init__(self, pages: "Pages", hotel: int, cookie: str) -> None:
        self.pages, self.hotel, self.cookie = pages, hotel, cookie
        self.etag = self.token = self.version = ""
        self.whole_at = 0.0
        self.transport: Any = None
        self.received = bytearray()
        self.answer: asyncio.Future[tuple[int, dict[bytes, bytes]]] | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(ConnectionError("closed"))

    def data_received(self, data: bytes) -> None:
        self.received += data
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return
        first, *lines = bytes(self.received[:end]).split(b"\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (one.partition(b":") for one in lines)
        }
        length = int(headers.get(b"content-length", b"0"))
        status = int(first.split(b" ", 2)[1])
        if status != 304 and len(self.received) < end + 4 + length:
            return
        self.received.clear()
        if self.answer is not None and not self.answer.done():
            self.answer.set_result((status, headers))

    async def send(self, path: str, tag: str, version: str) -> tuple[int, dict[bytes, bytes]]:
        """Send a request; return status and headers."""
        loop = asyncio.get_running_loop()
        if self.transport is None:
            self.pages.counts["connections"] += 1
            await loop.create_connection(lambda: self, "127.0.0.1", self.pages.port)
        self.answer = loop.create_future()
        if_none_match = f"If-None-Match: {tag}\r\n" if tag else ""
        self.transport.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={self.cookie}\r\n"
            f"Accept-Encoding: gzip\r\nX-Renewal: 1\r\n{if_none_match}{version}\r\n".encode()
        )
        return await asyncio.wait_for(self.answer, 60)

    async def ask(self) -> None:
        """Renew the page as its script does."""
        version = ""
        if self.token and time.monotonic() < self.whole_at:
            version = f"X-Renewal-Token: {self.token}\r\nX-Renewal-Version: {self.version}\r\n"
        status, headers = await self.send(f"/?hotel_id={self.hotel}", self.etag, version)
        if b"x-renewal-unchanged" in headers:
            self.pages.counts["unchanged"] += 1
            return
        self.pages.counts[f"page {status}"] += 1
        if status == 200:
            if self.etag:
                self.pages.shown_at[self.hotel] = time.monotonic()
            self.etag = headers.get(b"etag", b"").decode()
        if self.pages.asks:
            self.token = headers.get(b"x-renewal-token", b"").decode()
            self.version = headers.get(b"x-renewal-version", b"").decode()
        self.whole_at = time.monotonic() + random.uniform(*WHOLE_SECONDS)

    async def run(self, delay: float) -> None:
        """Ask for ever."""
        await asyncio.sleep(delay)
        while True:
            try:
                await self.ask()
            except (OSError, TimeoutError):
                self.pages.counts["errors"] += 1
            await asyncio.sleep(POLL_SECONDS)


class Pages:
    """Open pages, one for each cookie, of hotels from 1 on."""

    def __init__(self, port: int, cookies: list[str], *, asks: bool) -> None:
        self.port, self.asks = port, asks
        self.counts: Counter[str] = Counter()
        self.shown_at: dict[int, float] = {}  # by hotel: when its changed page was there
        self._pages = [Page(self, n, cookie) for n, cookie in enumerate(cookies, 1)]
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, seconds: float) -> None:
        """Open all pages within some seconds; return when each has its content."""
        step = seconds / len(self._pages)
        for n, page in enumerate(self._pages):
            self._tasks.append(asyncio.create_task(page.run(n * step)))
        while not all(page.etag for page in self._pages):
            await asyncio.sleep(0.2)

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
