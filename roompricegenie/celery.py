"""Celery: two queues, the schedule, and the nudges that connect the apps' signals to tasks.

A nudge runs a task at once instead of at its next scheduled time. It is a courtesy: when it is
lost, the schedule does the same work some seconds later. Nudges coalesce: at most one of a task
waits in its queue, however many events came in (the flag falls when the task starts, so whatever
is stored after that start raises it again).
"""

import atexit
import gc
import logging
import os
import threading
import time
from typing import Any

import redis
from celery import Celery
from celery.schedules import crontab
from celery.signals import task_prerun, worker_process_init
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")

from django.conf import settings

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
NUDGE_PAUSE_SECONDS = 5  # without Redis it is not asked more often than this
NUDGES_APART_SECONDS = 0.02  # of one process; what is asked for in between goes together
LAST_NUDGE_SECONDS = 2

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
        "task": "data_provider.tasks.record_demonstration_bookings",
        "schedule": 2,
        "options": {"expires": 2},
    }
app.autodiscover_tasks(["data_provider", "dashboard_service", "pricing_service"])

_flags = redis.Redis.from_url(
    settings.CELERY_BROKER_URL.replace("redis+socket://", "unix://"),
    socket_timeout=1,
    socket_connect_timeout=1,
)
_paused_until = 0.0


def _flag(task_name: str) -> str:
    return f"nudge:{task_name}"


def nudge(task_name: str, **_: Any) -> None:
    """Run the task of this name soon. Returns at once: who records events waits for no Redis."""
    _nudger.ask(task_name)


class _Nudger:
    """A thread that sends what was asked for, several askings at once."""

    def __init__(self) -> None:
        self._asked: set[str] = set()
        self._is_sending = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ask(self, task_name: str) -> None:
        with self._changed:
            self._asked.add(task_name)
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
                asked, self._asked = self._asked, set()
                self._is_sending = True
            for task_name in sorted(asked):
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
            app.send_task(task_name, expires=60, retry=False)
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
def keep_what_is_loaded(**_: Any) -> None:
    """What is loaded by now stays: the garbage collector need not look at it for each batch."""
    gc.collect()
    gc.freeze()


@task_prerun.connect
def lower_flag(task: Any, **_: Any) -> None:
    """Let the next event nudge again: what is stored from now on may be missed by this run."""
    try:
        _flags.delete(_flag(task.name))
    except redis.RedisError as error:
        logger.warning("the nudge flag of %s stays up for a moment: %s", task.name, error)
