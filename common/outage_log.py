"""Log an outage when it begins, when its reason changes, and when it is over; not each failure."""

import logging
import threading
import time


class OutageLog:
    """The outage of one thing that a process depends on. Several threads may use it.

    Args:
        logger: takes a warning for each line.
        consequence: what does not happen during the outage, to end the first line with.
        reminder_seconds: an outage that lasts is logged again after this long.
    """

    def __init__(
        self, logger: logging.Logger, consequence: str, reminder_seconds: float = 3600
    ) -> None:
        self._logger = logger
        self._consequence = consequence
        self._reminder_seconds = reminder_seconds
        self._reason = ""
        self._logged_at = self._began_at = 0.0
        self._failures = 0
        self._lock = threading.Lock()

    def failed(self, reason: str) -> None:
        """Log the reason, unless the outage was logged with the same one."""
        now = time.monotonic()
        with self._lock:
            if not self._failures:
                self._began_at = now
            self._failures += 1
            is_new = reason != self._reason or now - self._logged_at > self._reminder_seconds
            if is_new:
                self._reason, self._logged_at = reason, now
        if is_new:
            self._logger.warning("%s; %s", reason, self._consequence)

    def is_over(self) -> None:
        """Log the end of an outage, if there was one."""
        if not self._failures:  # the usual case, without the lock
            return
        with self._lock:
            failures, reason = self._failures, self._reason
            seconds = time.monotonic() - self._began_at
            self._failures, self._reason = 0, ""
        if failures:
            self._logger.warning(
                "over after %.0f s and %s failures: %s", seconds, f"{failures:,}", reason
            )
