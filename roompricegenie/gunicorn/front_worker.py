"""gunicorn's threaded worker, as it meets strangers: nobody who is silent, slow or many holds up
others, and the health checks are answered whatever they do.

- A connection gets a thread when the head of its request is complete. Until then the main loop
  reads it, so silent and slow connections cost no thread.
- Each address has at most CONNECTIONS_PER_ADDRESS connections to a process and REQUESTS_PER_ADDRESS
  threads of it. A further connection closes the oldest one that has no thread (a client that is
  being served is never disturbed, and a new one is always accepted); a further request waits.
- `/healthz` and `/readyz` have a thread each that serves nothing else. A request gets there only
  when nothing of it is left to wait for: its head is complete, it has no body, and it is the first
  of its connection, so that its response fits into the socket's buffer.
- An open page that did not change is told so in the main loop, without a thread and without
  gunicorn's parser: nothing of it is waited for (`roompricegenie.renewal_answers`).
- A connection is closed without waiting for its client in the main loop, as gunicorn would.
"""

import errno
import selectors
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

import orjson
from django.conf import settings
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn

from common.client_address import client_address, customer_address
from common.value_limits import MAX_BODY_BYTES
from roompricegenie.gunicorn.connection_table import (
    Connection,
    ConnectionTable,
    Phase,
    RequestSlots,
)
from roompricegenie.gunicorn.request_head import END, MAX_HEAD_BYTES, RequestHead, read_head
from roompricegenie.gunicorn.request_timeout import REQUEST_SECONDS, RequestTimeoutWorker

READ_BYTES = 16 * 1024
CHECK_SECONDS = 0.25  # between two looks for connections that are overdue
CLOSING_SECONDS = 2  # for a client to read the response and close its side
# Of what it still sends meanwhile. A close with unread bytes would take the response back, and most
# clients send all of a body before they look for a response.
CLOSING_BYTES = 2 * MAX_BODY_BYTES
DRAIN_BYTES = 256 * 1024
LOG_SECONDS = 60  # between two log lines about too many connections
NOTHING_TO_ACCEPT = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED)
NO_FILES_LEFT = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class FrontWorker(RequestTimeoutWorker):
    """See the module. All methods but handle and handle_request run in the main thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._table = ConnectionTable()
        self._slots = RequestSlots(settings.REQUESTS_PER_ADDRESS, self._submit)
        # Whoever asks for the health again and again waits; others wait for one of theirs at most.
        self._health_slots = RequestSlots(1, self._submit)
        self._checked_at = self._logged_at = 0.0
        self._health_pools: dict[bytes, ThreadPoolExecutor] = {}
        # Of TLS that gunicorn itself ends, and of other protocols, nothing can be read here: their
        # connections get a thread when their first bytes are there.
        self._is_opaque = bool(
            self.cfg.is_ssl or self.cfg.proxy_protocol != "off" or self.cfg.http2_cleartext != "off"
        )

    def init_process(self) -> None:
        """Create the threads of the health checks; called in the worker process."""
        self._health_pools = {
            path: ThreadPoolExecutor(1, thread_name_prefix=path.decode())
            for path in (b"/healthz", b"/readyz")
        }
        super().init_process()

    def run(self) -> None:
        super().run()
        for pool in self._health_pools.values():
            pool.shutdown(wait=False)

    # --- connections ---------------------------------------------------------------------------

    def accept(self, listener: Any) -> None:
        """Accept a connection, in the place of an older one where there are too many."""
        try:
            client_socket, client_address_ = listener.accept()
        except OSError as error:
            if error.errno in NO_FILES_LEFT:
                self._close_one_of(None, "open files")
                time.sleep(0.01)  # or the loop would take all of the processor's time
            elif error.errno not in NOTHING_TO_ACCEPT:
                raise
            return
        is_ip = isinstance(client_address_, tuple)
        peer = customer_address(str(client_address_[0])) if is_ip else None
        self._make_room(peer)
        self.nr_conns += 1
        connection = Connection(
            TConn(self.cfg, client_socket, client_address_, listener.getsockname()), peer
        )
        self._table.add(connection)
        self._wait_for(connection, Phase.HEAD, settings.SLOW_CLIENT_SECONDS)

    def _make_room(self, peer: str | None) -> None:
        # A proxy's connections are those of many clients; the proxy limits them.
        limit = 0 if settings.PROXIES else settings.CONNECTIONS_PER_ADDRESS
        if peer is not None and limit and self._table.count(peer) >= limit:
            self._close_one_of(peer, f"connections of {peer}")
        if self.nr_conns >= self.worker_connections - 1:
            self._close_one_of(None, "connections")

    def _close_one_of(self, peer: str | None, what: str) -> None:
        if time.monotonic() >= self._logged_at + LOG_SECONDS:
            self._logged_at = time.monotonic()
            self.log.warning("too many %s: for each new one the oldest idle one is closed", what)
        if oldest := self._table.oldest_without_thread(time.monotonic(), peer):
            self._close(oldest)

    def _wait_for(self, connection: Connection, phase: Phase, seconds: float) -> None:
        """Watch a connection's socket until the client sends, or for some seconds."""
        connection.phase = phase
        connection.since = time.monotonic()
        connection.deadline = connection.since + seconds
        sock = connection.conn.sock
        sock.setblocking(False)
        self.poller.register(sock, selectors.EVENT_READ, partial(self._on_readable, connection))
        connection.is_watched = True

    def _stop_watching(self, connection: Connection) -> None:
        connection.is_watched = False
        self.poller.unregister(connection.conn.sock)

    def _close(self, connection: Connection) -> None:
        """Close a connection that has no thread."""
        if connection.phase is Phase.QUEUED:
            connection.leave_queue()
        else:
            self._stop_watching(connection)
        self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        self._table.remove(connection)
        self.nr_conns -= 1
        connection.conn.close()

    def _refuse(self, connection: Connection, status: str, detail: str) -> None:
        """Answer from the main loop, and close."""
        body = orjson.dumps({"detail": detail})
        response = (
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        if connection.phase is Phase.QUEUED:
            connection.leave_queue()
        else:
            self._stop_watching(connection)
        with suppress(OSError):
            connection.conn.sock.setblocking(False)
            connection.conn.sock.send(response.encode() + body)
        self._close_after_response(connection)

    def _close_after_response(self, connection: Connection) -> None:
        """Close when the client has closed its side, so that it can read the response."""
        try:
            connection.conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._forget(connection)
        else:
            self._wait_for(connection, Phase.CLOSING, CLOSING_SECONDS)

    def _on_readable(self, connection: Connection, sock: Any) -> None:
        if not connection.is_watched:
            return  # closed since the poller reported it, to make room for another
        if self._is_opaque and connection.phase is not Phase.CLOSING:
            self._stop_watching(connection)
            connection.conn.data_ready = True
            self._take_slot(connection, self._slots, "")
            return
        try:
            data = sock.recv(DRAIN_BYTES if connection.phase is Phase.CLOSING else READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if connection.phase is Phase.CLOSING:
            connection.drained += len(data)
            if data and connection.drained < CLOSING_BYTES:
                return
        if not data or connection.phase is Phase.CLOSING:
            self._close(connection)
            return
        if not connection.received:
            connection.phase = Phase.HEAD
            connection.deadline = time.monotonic() + settings.SLOW_CLIENT_SECONDS
        self._read_head(connection, data)

    def _read_head(self, connection: Connection, data: bytes) -> None:
        """Add bytes to a head that the poller watches; go on with it when it is complete."""
        received = connection.received
        searched = max(0, len(received) - len(END) + 1)
        received += data
        end = received.find(END, searched)
        if end < 0 and len(received) > MAX_HEAD_BYTES:
            self._refuse(
                connection,
                "431 Request Header Fields Too Large",
                f"the request's head is larger than {MAX_HEAD_BYTES:,} bytes",
            )
        elif end >= 0:
            head = read_head(bytes(received[:end]))
            is_whole = len(received) == end + len(END)  # nothing follows it
            may_be_answered = is_whole and self.alive and head.may_be_unchanged
            if may_be_answered and self._answer_unchanged(connection, head):
                return
            self._stop_watching(connection)
            self._serve(connection, head)

    def _answer_unchanged(self, connection: Connection, head: RequestHead) -> bool:
        """Answer an open page if it did not change; a client that does not read is closed."""
        from roompricegenie import renewal_answers  # it needs Django's apps, which are loaded now

        etag = head.if_none_match
        token, version = head.renewal_token, head.renewal_version
        if not renewal_answers.answers(head.path.decode("latin-1"), token, version, etag):
            return False
        connection.received.clear()
        connection.phase = Phase.IDLE
        connection.since = time.monotonic()
        connection.deadline = connection.since + self.cfg.keepalive
        response = renewal_answers.response_bytes(etag)
        try:
            is_sent = connection.conn.sock.send(response) == len(response)
        except OSError:
            is_sent = False
        if not is_sent:
            self._close(connection)
        return True

    # --- requests ------------------------------------------------------------------------------

    def _serve(self, connection: Connection, head: RequestHead) -> None:
        conn = connection.conn
        is_first = not conn.initialized
        conn.init()
        conn.parser.unreader.unread(bytes(connection.received))
        connection.received.clear()
        if head.is_health_check and is_first:
            connection.pool = self._health_pools[head.path.rstrip(b"/")]
            self._take_slot(connection, self._health_slots, head.forwarded_for)
        else:
            self._take_slot(connection, self._slots, head.forwarded_for)

    def _take_slot(self, connection: Connection, slots: RequestSlots, forwarded_for: str) -> None:
        if connection.peer is None and not settings.PROXIES:
            connection.client = None  # a unix socket: all clients look alike
        else:
            peer = connection.peer or ""
            connection.client = client_address(forwarded_for, peer, settings.PROXIES)
        connection.deadline = time.monotonic() + REQUEST_SECONDS
        slots.take(connection)

    def _submit(self, connection: Connection) -> None:
        """Give a request to a thread."""
        connection.phase = Phase.RUNNING
        conn = connection.conn
        pool, connection.pool = connection.pool or self.tpool, None
        future = pool.submit(self.handle, conn)
        future.add_done_callback(
            lambda done: self.method_queue.defer(self.finish_request, conn, done)
        )

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Run the application. A body that it refuses is not asked for, and not waited for."""
        declared = next((value for name, value in req.headers if name == "CONTENT-LENGTH"), "0")
        is_chunked = any(name == "TRANSFER-ENCODING" for name, _ in req.headers)
        if is_chunked or int(declared) > MAX_BODY_BYTES:
            req.force_close()
            req._expected_100_continue = False
        return super().handle_request(req, conn)

    def finish_request(self, conn: Any, fs: "Future[Any]") -> None:
        """Let the next request of this connection and of this address come."""
        connection = self._table.of(conn)
        connection.release_slot()
        try:
            is_kept = not fs.cancelled() and fs.result()
        except Exception:  # the thread has logged it
            is_kept = False
        if not is_kept:
            self._close_after_response(connection)
            return
        seconds = self.cfg.keepalive if self.alive else STOP_KEEPALIVE_LINGER
        # What the client sent behind its request no longer makes the socket readable.
        following = conn.parser.unreader.take_buffered()
        try:
            if following:
                self._wait_for(connection, Phase.HEAD, settings.SLOW_CLIENT_SECONDS)
                self._read_head(connection, following)
            else:
                self._wait_for(connection, Phase.IDLE, seconds)
        except (OSError, ValueError):  # closed meanwhile, because it was overdue
            self._forget(connection)

    # --- deadlines -----------------------------------------------------------------------------

    def murder_pending(self) -> None:
        """Close connections whose client is overdue; gunicorn's name, called in each round."""
        now = time.monotonic()
        if now < self._checked_at + CHECK_SECONDS:
            return
        self._checked_at = now
        for connection in self._table:
            if connection.phase is Phase.RUNNING:
                continue
            is_silent = connection.phase is Phase.HEAD and not connection.received
            if not self.alive and is_silent:
                self._close(connection)
            elif now < connection.deadline:
                continue
            elif connection.phase is Phase.HEAD and connection.received:
                self._refuse(
                    connection, "408 Request Timeout", "the request did not arrive in time"
                )
            elif connection.phase is Phase.QUEUED:
                self._refuse(
                    connection,
                    "503 Service Unavailable",
                    "too many requests of your address at a time: try again later",
                )
            else:
                self._close(connection)

    def murder_keepalived(self, force: bool = False) -> None:
        """Close what waits for its client, at the end of the process; gunicorn's name."""
        if force:
            for connection in self._table:
                if connection.phase is not Phase.RUNNING:
                    self._close(connection)

    def _cap_keepalive(self, deadline: float) -> None:
        """Close idle connections by a deadline; gunicorn calls it when the process stops."""
        for connection in self._table:
            if connection.phase is Phase.IDLE:
                connection.deadline = min(connection.deadline, deadline)
