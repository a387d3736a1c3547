"""gunicorn's threaded worker, with an end to every request.

gunicorn's own `timeout` sees a worker that stands still as a whole; a single thread that waits for
a client which sends a byte every few seconds would wait for ever, and sixteen such clients would
be the end of the service. Here a connection is closed when a request, from its first byte to the
last of its answer, takes longer than REQUEST_SECONDS.
"""

import os
import socket
import threading
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

# More than a database is waited for, and than the largest answer takes.
REQUEST_SECONDS = float(os.environ.get("REQUEST_SECONDS", "30"))
LOOK_EVERY_SECONDS = 1


class BoundedWorker(ThreadWorker):
    """Closes connections whose request takes too long."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._since: dict[Any, float] = {}

    def init_process(self) -> None:
        threading.Thread(target=self._watch, daemon=True).start()
        super().init_process()

    def handle(self, conn: Any) -> Any:
        """One request, in a thread of the pool."""
        self._since[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            self._since.pop(conn, None)

    def _watch(self) -> None:
        while True:
            time.sleep(LOOK_EVERY_SECONDS)
            too_old = time.monotonic() - REQUEST_SECONDS
            for conn, began in list(self._since.items()):
                if began < too_old:
                    with suppress(OSError):  # whoever waits for it is woken by its end
                        conn.sock.shutdown(socket.SHUT_RDWR)
