"""Nudges: run a task at once instead of at its next scheduled time.

A nudge is an optimization: when one is lost, the schedule does the same work some seconds later.
Nudges coalesce: at most one run of a task waits in its queue, however many events came in. A flag
in Redis says that one waits; it is removed when the task starts, so whatever is stored after that
start nudges again. Runs for several shares of the feed are each coalesced by themselves. A task
gets the ids of the requests that caused it, also of those whose nudge was coalesced, and passes
them on.
"""

import atexit
import logging
import os
import threading
import time
from typing import Any, NamedTuple

import redis
from kombu.exceptions import OperationalError

import common.redis_client
from common.outage_log import OutageLog
from common.redis_errors import describe_redis_error
from roompricegenie.celery import app
from roompricegenie.monitoring import request_ids_in_logs

FLAG_SECONDS = 5  # the flag of a task that was lost expires
SHARE_SECONDS = 4  # a run of one share, for which those of the other shares may have to wait
TASK_SECONDS = 60  # how long a nudged task waits for a worker, and its late request ids with it
REDIS_PAUSE_SECONDS = 5  # after an error Redis is not asked again for this long
MIN_INTERVAL_SECONDS = 0.02  # between two sendings of one process; nudges in between are combined
LAST_NUDGE_SECONDS = 2

logger = logging.getLogger(__name__)

redis_client = common.redis_client.redis_client(socket_timeout=1, socket_connect_timeout=1)
_redis_paused_until = 0.0
_redis_outage = OutageLog(logger, "tasks run by their schedule alone, and are not counted")


class Run(NamedTuple):
    """A run of a task: its name and its arguments."""

    task_name: str
    arguments: tuple[int, ...] = ()

    @property
    def flag_key(self) -> str:
        return ":".join(["nudge", self.task_name, *map(str, self.arguments)])

    @property
    def late_ids_key(self) -> str:
        """Return the key of the list of request ids whose nudge was coalesced."""
        return f"{self.flag_key}:request_ids"

    @property
    def flag_seconds(self) -> int:
        """Return how long the flag is kept when nobody removes it.

        One worker process may have to serve all shares in turn: a flag that expired while its run
        still waits would let a second one of the same share wait behind it.
        """
        return FLAG_SECONDS + (SHARE_SECONDS * self.arguments[1] if self.arguments else 0)

    @property
    def wait_seconds(self) -> int:
        """Return how long it waits for a worker; of a share no longer than its flag is there."""
        return self.flag_seconds if self.arguments else TASK_SECONDS


def nudge(task_name: str, **_: Any) -> None:
    """Run the task of this name soon. Returns at once: a caller never waits for Redis."""
    _sender.request(Run(task_name), request_ids_in_logs.request_ids.get())


def nudge_share(task_name: str, *, share: int, shares: int, **_: Any) -> None:
    """Run the task of this name soon for one share of the feed, as `nudge` does."""
    _sender.request(Run(task_name, (share, shares)), request_ids_in_logs.request_ids.get())


def take_late_request_ids(run: Run) -> list[str]:
    """Mark the run as started: remove its flag, so that the next nudge sends it again.

    Return the ids of requests whose nudge was coalesced. Raises: redis.RedisError.
    """
    with redis_client.pipeline(transaction=False) as pipe:
        pipe.delete(run.flag_key)
        pipe.lrange(run.late_ids_key, 0, -1)
        pipe.delete(run.late_ids_key)
        return [item.decode("ascii", "replace") for item in pipe.execute()[1]]


def is_redis_paused() -> bool:
    """Return whether an error was so recent that Redis should not be asked."""
    return time.monotonic() < _redis_paused_until


def redis_failed(error: BaseException) -> None:
    """Do not ask Redis for REDIS_PAUSE_SECONDS; log the outage once."""
    global _redis_paused_until
    _redis_outage.failed(describe_redis_error(error))
    _redis_paused_until = time.monotonic() + REDIS_PAUSE_SECONDS


def redis_answered() -> None:
    """Log that an outage of Redis is over, if there was one."""
    _redis_outage.is_over()


class _Sender:
    """A thread that sends the requested tasks, combining several requests for one."""

    def __init__(self) -> None:
        self._requested: dict[Run, tuple[str, ...]] = {}  # request ids by run
        self._is_sending = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def request(self, run: Run, ids: tuple[str, ...]) -> None:
        """Have the task sent soon, on behalf of these requests."""
        with self._changed:
            earlier = self._requested.get(run, ())
            self._requested[run] = request_ids_in_logs.valid_ids((*earlier, *ids))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="nudges", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def finish(self) -> None:
        """Wait up to LAST_NUDGE_SECONDS for what was requested, at the end of a process."""
        with self._changed:
            self._changed.wait_for(
                lambda: not self._requested and not self._is_sending, timeout=LAST_NUDGE_SECONDS
            )

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._requested)
                # Taken before it is sent: a request from here on needs another run.
                requested, self._requested = self._requested, {}
                self._is_sending = True
            for run, ids in sorted(requested.items()):
                with request_ids_in_logs.correlated_with(ids):
                    _send(run)
            with self._changed:
                self._is_sending = False
                self._changed.notify_all()
            time.sleep(MIN_INTERVAL_SECONDS)


def _send(run: Run) -> None:
    """Send a task unless the same run already waits; do nothing while Redis is down."""
    if is_redis_paused():
        return
    try:
        if redis_client.set(run.flag_key, 1, nx=True, ex=run.flag_seconds):
            app.send_task(run.task_name, args=run.arguments, expires=run.wait_seconds, retry=False)
        elif ids := request_ids_in_logs.request_ids.get():
            with redis_client.pipeline(transaction=False) as pipe:
                pipe.lpush(run.late_ids_key, *ids)
                pipe.ltrim(run.late_ids_key, 0, request_ids_in_logs.MAX_IDS - 1)
                pipe.expire(run.late_ids_key, TASK_SECONDS)
                pipe.execute()
    except (redis.RedisError, OperationalError, OSError) as error:
        redis_failed(error)
    else:
        redis_answered()


_sender = _Sender()
atexit.register(lambda: _sender.finish())


def _create_sender() -> None:
    """A forked process has none of its parent's threads."""
    global _sender
    _sender = _Sender()


os.register_at_fork(after_in_child=_create_sender)
