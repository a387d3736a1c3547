"""gunicorn's threaded worker, extended by a time limit for each request.

gunicorn's own `timeout` detects a worker process that hangs as a whole. It does not detect a
single thread that waits for a client which sends one byte every few seconds; as many such clients
as there are threads would stop the service. This worker closes a connection when a request takes
longer than REQUEST_SECONDS, measured from its first byte to the last byte of the response.
"""

import socket
import threading
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from roompricegenie import settings

# Longer than the database timeouts (DATABASE_PATIENCE_SECONDS) and than the largest response takes.
REQUEST_SECONDS = settings.REQUEST_SECONDS
CHECK_INTERVAL_SECONDS = 1


class RequestTimeoutWorker(ThreadWorker):
    """Closes connections whose request takes longer than REQUEST_SECONDS."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._started_at: dict[Any, float] = {}  # by connection, in time.monotonic() seconds

    def init_process(self) -> None:
        """Start the thread that enforces the limit; called in the worker process."""
        threading.Thread(target=self._close_overdue_connections, daemon=True).start()
        super().init_process()

    def handle(self, conn: Any) -> Any:
        """Handle one request in a thread of the pool."""
        self._started_at[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            self._started_at.pop(conn, None)

    def _close_overdue_connections(self) -> None:
        while True:
            time.sleep(CHECK_INTERVAL_SECONDS)
            latest_start = time.monotonic() - REQUEST_SECONDS
            for conn, started_at in list(self._started_at.items()):
                if started_at < latest_start:
                    with suppress(OSError):  # shutdown wakes the thread that reads or writes
                        conn.sock.shutdown(socket.SHUT_RDWR)
