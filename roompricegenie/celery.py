"""Celery: two queues, the schedule, and the nudges that connect the apps' signals to tasks.

A nudge runs a task at once instead of at its next scheduled time. It is a courtesy: when it is
lost, the schedule does the same work some seconds later. Nudges coalesce: at most one of a task
waits in its queue, however many events came in (the flag falls when the task starts, so whatever
is stored after that start raises it again). A task is told which requests it goes back to, also
those whose nudge found another waiting, and passes that on.
"""

import atexit
import gc
import logging
import os
import threading
import time
from collections import deque
from typing import Any

import redis
from celery import Celery
from celery.schedules import crontab
from celery.signals import (
    before_task_publish,
    celeryd_init,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_process_init,
)
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")

from django.conf import settings
from django.db import connections

from roompricegenie.monitoring import log_correlation, task_counts

RECORD_QUEUED_EVENTS = "data_provider.tasks.record_queued_events"
UPDATE_DASHBOARD_DATA = "dashboard_service.tasks.update_dashboard_data"
RECOUNT_WHAT_CHANGED = "dashboard_service.tasks.recount_what_changed"
PRICE_WHAT_CHANGED = "pricing_service.tasks.price_what_changed"
DELIVER_PRICES = "pricing_service.tasks.deliver_prices"
DASHBOARD_QUEUE = "dashboard_queue"

PERIOD_SECONDS = 5
RECOUNT_PERIOD_SECONDS = 60
PRICES_PERIOD_SECONDS = 15
NUDGE_FLAG_SECONDS = 5  # a flag whose task was lost falls by itself
NUDGED_TASK_SECONDS = 60  # so long a task waits for a worker, and what it is told beside it
NUDGE_PAUSE_SECONDS = 5  # without Redis it is not asked more often than this
NUDGES_APART_SECONDS = 0.02  # of one process; what is asked for in between goes together
LAST_NUDGE_SECONDS = 2
ORIGIN_HEADER = "request_ids"

logger = logging.getLogger(__name__)

app = Celery("roompricegenie")
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # A connection that falls silent without being closed (a firewall forgot it, a host is gone) is
    # given up: one that waits for tasks after about 21 s, any other after socket_timeout. Without
    # these a worker waits on it for ever, and looks healthy.
    broker_transport_options={
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "health_check_interval": 10,
        "visibility_timeout": 3600,
    },
    task_ignore_result=True,
    # The daily check takes minutes: in the dashboard's own queue the figures would wait for it.
    task_routes={UPDATE_DASHBOARD_DATA: {"queue": DASHBOARD_QUEUE}},
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_send_task_events=False,
    timezone="UTC",
    beat_schedule_filename=str(settings.DATA_DIR / "celerybeat-schedule"),
    # A scheduled run that was not taken before the next one is due is dropped, so that nothing
    # piles up behind a long run or a worker that was away.
    beat_schedule={
        "record queued events": {
            "task": RECORD_QUEUED_EVENTS,
            "schedule": PERIOD_SECONDS,
            "options": {"expires": PERIOD_SECONDS},
        },
        "update dashboard data": {
            "task": UPDATE_DASHBOARD_DATA,
            "schedule": PERIOD_SECONDS,
            "options": {"expires": PERIOD_SECONDS, "queue": DASHBOARD_QUEUE},
        },
        "recount what changed": {
            "task": RECOUNT_WHAT_CHANGED,
            "schedule": RECOUNT_PERIOD_SECONDS,
            "options": {"expires": RECOUNT_PERIOD_SECONDS},
        },
        "price what changed": {
            "task": PRICE_WHAT_CHANGED,
            "schedule": PRICES_PERIOD_SECONDS,
            "options": {"expires": PRICES_PERIOD_SECONDS},
        },
        "deliver prices": {
            "task": DELIVER_PRICES,
            "schedule": PRICES_PERIOD_SECONDS,
            "options": {"expires": PRICES_PERIOD_SECONDS},
        },
        "check dashboard": {
            "task": "dashboard_service.tasks.check_dashboard_data",
            "schedule": crontab(hour="3", minute="17"),
            "options": {"expires": 3600},
        },
    },
)
if settings.SIMULATE:
    app.conf.beat_schedule["post demonstration bookings"] = {
        "task": "simulator.tasks.record_demonstration_bookings",
        "schedule": 2,
        "options": {"expires": 2},
    }
app.autodiscover_tasks(["data_provider", "dashboard_service", "pricing_service", "simulator"])

_flags = redis.Redis.from_url(
    settings.CELERY_BROKER_URL.replace("redis+socket://", "unix://"),
    socket_timeout=1,
    socket_connect_timeout=1,
)
_paused_until = 0.0


def _flag(task_name: str) -> str:
    return f"nudge:{task_name}"


def _late(task_name: str) -> str:
    """Where the ids of requests lie whose nudge found a task waiting."""
    return f"nudge:{task_name}:request_ids"


def nudge(task_name: str, **_: Any) -> None:
    """Run the task of this name soon. Returns at once: who records events waits for no Redis."""
    _nudger.ask(task_name, log_correlation.request_ids.get())


class _Nudger:
    """A thread that sends what was asked for, several askings at once."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[str, ...]] = {}  # which tasks, for which requests
        self._is_sending = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ask(self, task_name: str, ids: tuple[str, ...]) -> None:
        with self._changed:
            self._asked[task_name] = log_correlation.valid_ids(
                (*self._asked.get(task_name, ()), *ids)
            )
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="nudges", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def finish(self) -> None:
        """Wait a moment for what was asked for, at the end of a process."""
        with self._changed:
            self._changed.wait_for(
                lambda: not self._asked and not self._is_sending, timeout=LAST_NUDGE_SECONDS
            )

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._asked)
                # Taken before it is sent: whoever asks from here on asks for another.
                asked, self._asked = self._asked, {}
                self._is_sending = True
            for task_name, ids in sorted(asked.items()):
                with log_correlation.correlated_with(ids):
                    _send(task_name)
            with self._changed:
                self._is_sending = False
                self._changed.notify_all()
            time.sleep(NUDGES_APART_SECONDS)


def _send(task_name: str) -> None:
    """Send a task, unless one already waits; do nothing while Redis is away."""
    global _paused_until
    if time.monotonic() < _paused_until:
        return
    try:
        if _flags.set(_flag(task_name), 1, nx=True, ex=NUDGE_FLAG_SECONDS):
            app.send_task(task_name, expires=NUDGED_TASK_SECONDS, retry=False)
        elif ids := log_correlation.request_ids.get():
            with _flags.pipeline(transaction=False) as pipe:
                pipe.lpush(_late(task_name), *ids)
                pipe.ltrim(_late(task_name), 0, log_correlation.MAX_IDS - 1)
                pipe.expire(_late(task_name), NUDGED_TASK_SECONDS)
                pipe.execute()
    except (redis.RedisError, OperationalError, OSError) as error:
        _paused_until = time.monotonic() + NUDGE_PAUSE_SECONDS
        logger.warning("no nudge for %s, its schedule will do: %s", task_name, error)


_nudger = _Nudger()
atexit.register(lambda: _nudger.finish())


def _own_nudger() -> None:
    """A forked process has none of its parent's threads."""
    global _nudger
    _nudger = _Nudger()


os.register_at_fork(after_in_child=_own_nudger)


@worker_process_init.connect
def keep_no_statements(**_: Any) -> None:
    """With debug Django keeps each process's last 9,000 statements until the next request, with all
    their values; a worker has no requests, and its statements are of a megabyte."""
    for connection in connections.all():
        connection.queries_log = deque(maxlen=0)


@worker_process_init.connect
def keep_what_is_loaded(**_: Any) -> None:
    """What is loaded by now stays: the garbage collector need not look at it for each batch."""
    gc.collect()
    gc.freeze()


@setup_logging.connect
def log_as_settings_say(loglevel: int, **_: Any) -> None:
    """Celery adds no handlers of its own, in another form; `-l` says how much is told."""
    logging.getLogger().setLevel(loglevel)


@celeryd_init.connect
def say_nothing_but_lines(instance: Any, **_: Any) -> None:
    """A worker's banner is no JSON."""
    instance.quiet = instance.quiet or settings.LOG_FORMAT == "json"


@before_task_publish.connect
def tell_the_origin(headers: dict[str, Any], **_: Any) -> None:
    """Whatever is sent by a request, or by a task that goes back to one, says so."""
    if ids := log_correlation.request_ids.get():
        headers[ORIGIN_HEADER] = list(ids)


@task_prerun.connect
def begin(task_id: str, task: Any, **_: Any) -> None:
    """Lower the flag, so that the next event nudges again: this run may miss what is stored from
    now on. Learn which requests the run goes back to."""
    log_correlation.task_id.set(task_id)
    ids = task.request.get(ORIGIN_HEADER) or []
    late: list[bytes] = []
    try:
        with _flags.pipeline(transaction=False) as pipe:
            pipe.delete(_flag(task.name))
            pipe.lrange(_late(task.name), 0, -1)
            pipe.delete(_late(task.name))
            late = pipe.execute()[1]
    except redis.RedisError as error:
        logger.warning("the nudge flag of %s stays up for a moment: %s", task.name, error)
    log_correlation.request_ids.set(
        log_correlation.valid_ids([*ids, *(i.decode("ascii", "replace") for i in late)])
    )
    task_counts.begin()


@task_postrun.connect
def end(task: Any, state: str | None = None, **_: Any) -> None:
    """Count the run; what the process logs between two tasks is of no task."""
    global _paused_until
    if time.monotonic() >= _paused_until:
        try:
            task_counts.end(_flags, task.name, state)
        except redis.RedisError as error:
            _paused_until = time.monotonic() + NUDGE_PAUSE_SECONDS
            logger.warning("a run of %s is not counted: %s", task.name, error)
    log_correlation.request_ids.set(())
    log_correlation.task_id.set("")
