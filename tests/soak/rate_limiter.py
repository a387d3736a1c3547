"""Lets the threads of the soak test send events at a common rate."""

import threading
import time


class RateLimiter:
    """Lets threads send events at a common rate, in events a second; 0 is unlimited."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._next = time.monotonic()
        self._lock = threading.Lock()

    def wait(self, events: int, stop: threading.Event) -> None:
        """Wait until so many events may be sent, or until `stop` is set."""
        if not self._per_second:
            return
        with self._lock:  # a delay is not made up for
            start = max(self._next, time.monotonic())
            self._next = start + events / self._per_second
        if stop.wait(max(0.0, start - time.monotonic())):
            with self._lock:  # nor is haste: the others go on at the rate from now on
                self._next = min(self._next, time.monotonic())
