"""How the pipeline stands, for Prometheus: read from Redis and the databases at each scrape.

Each part is read by itself. One that does not answer within PATIENCE_SECONDS has `rpg_up` 0 and no
other metrics, and holds up neither the scrape nor the other parts. Nothing here counts rows of the
ledger or reads more than some rows of any table.
"""

import logging
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils import timezone
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from dashboard_service.models import CheckReport, FeedPosition, HotelFigures
from data_provider import ledger
from data_provider.event_queue.queue_stream import EventQueue, redis_client
from pricing_service.models import WebhookDelivery
from roompricegenie.celery import DASHBOARD_QUEUE, app
from roompricegenie.monitoring import task_counts

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 2
REDIS_TIMEOUT_SECONDS = 1

Metrics = Iterator[Metric]


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"rpg_{name}", what, value)


def _moment(name: str, what: str, moment: datetime | None) -> Metrics:
    if moment is not None:
        yield _gauge(f"{name}_timestamp_seconds", what, moment.timestamp())


def _redis() -> Metrics:
    client = redis_client(
        socket_timeout=REDIS_TIMEOUT_SECONDS, socket_connect_timeout=REDIS_TIMEOUT_SECONDS
    )
    try:
        yield from _queue(client)
        yield from _tasks(client)
    finally:
        client.close()


def _queue(client: Any) -> Metrics:
    queue = EventQueue(client).status()
    yield _gauge("queue_events", "Loaded events on their way to the ledger", queue.events)
    yield _gauge("queue_batches", "Batches of events in the queue", queue.batches)
    yield _gauge(
        "queue_in_flight_batches", "Batches that a worker took and did not finish", queue.in_flight
    )
    yield _gauge(
        "queue_oldest_seconds", "How long the oldest batch is in the queue", queue.oldest_seconds
    )
    yield _gauge("queue_readers", "Workers that asked for batches lately", queue.readers)
    yield _gauge("dead_letters", "Batches that nobody could record", queue.dead_letters)


def _tasks(client: Any) -> Metrics:
    waiting = GaugeMetricFamily("rpg_tasks_waiting", "Tasks in a Celery queue", labels=["queue"])
    for name in (app.conf.task_default_queue, DASHBOARD_QUEUE):
        waiting.add_metric([name], client.llen(name))
    yield waiting
    runs = CounterMetricFamily("rpg_task_runs", "Ended task runs", labels=["task", "outcome"])
    seconds = SummaryMetricFamily("rpg_task_seconds", "What task runs took", labels=["task"])
    last = GaugeMetricFamily(
        "rpg_task_last_run_timestamp_seconds", "When a task's last run ended", labels=["task"]
    )
    for task, counts in sorted(task_counts.read(client).items()):
        for outcome, count in sorted(counts.runs.items()):
            runs.add_metric([task, outcome], count)
        seconds.add_metric([task], sum(counts.runs.values()), counts.seconds)
        last.add_metric([task], counts.last_at)
    yield from (runs, seconds, last)


def _ledger() -> Metrics:
    yield _gauge(
        "ledger_events",
        "Events in the ledger: on PostgreSQL its own estimate, on SQLite exact",
        ledger.estimated_size(),
    )
    yield _gauge("ledger_position", "The newest event's id", ledger.newest_position())


def _dashboard() -> Metrics:
    reached = FeedPosition.current()
    yield _gauge("dashboard_position", "The last event that figures count", reached.position)
    if reached.position:
        yield from _moment("dashboard_updated", "When figures last changed", reached.updated_at)
    yield _gauge("hotels", "Hotels with figures", HotelFigures.objects.count())
    check = CheckReport.objects.first()
    if check is not None:
        yield from _moment("check", "When the last check of all hotels ended", check.checked_at)
        yield _gauge("check_differences", "Counts that it found wrong", check.differences)
        yield _gauge("check_repaired", "1 when it repaired them", check.repaired)


def _feed() -> Metrics:
    position = FeedPosition.current().position
    behind = max(0, ledger.newest_position() - position)
    oldest = ledger.recorded_after(position) if behind else None
    seconds = (timezone.now() - oldest).total_seconds() if oldest else 0
    yield _gauge(
        "dashboard_events_behind",
        "Events that figures do not count yet, at most: by their ids, some of which "
        "PostgreSQL leaves out",
        behind,
    )
    yield _gauge("dashboard_seconds_behind", "How old the oldest of them is", max(0, seconds))


def _prices() -> Metrics:
    waiting = WebhookDelivery.objects.filter(delivered_at=None, given_up_at=None)
    yield _gauge("prices_undelivered", "Deliveries of prices that wait", waiting.count())


def _users() -> Metrics:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT 1")
    yield from ()


PARTS: dict[str, Callable[[], Metrics]] = {
    "redis": _redis,
    "ledger": _ledger,
    "dashboard": _dashboard,
    "feed": _feed,
    "prices": _prices,
    "users": _users,
}


def _read(part: str) -> list[Metric] | None:
    """A part's metrics, None when it is away; in a thread, whose connections end with it."""
    try:
        return list(PARTS[part]())
    except Exception as error:  # whatever it is, the other parts are told
        logger.warning("no metrics of %s: %r", part, error)
        return None
    finally:
        connections.close_all()


class PipelineCollector(Collector):
    """Reads all parts at once; one that still hangs from the last time is not asked again."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(len(PARTS), thread_name_prefix="metrics")
        self._reading: dict[str, Future[list[Metric] | None]] = {}
        self._lock = threading.Lock()
        project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
        self._version: str = project["version"]

    def collect(self) -> Metrics:
        began = time.perf_counter()
        with self._lock:
            for part in PARTS:
                if part not in self._reading or self._reading[part].done():
                    self._reading[part] = self._threads.submit(_read, part)
            reading = dict(self._reading)
        wait(reading.values(), PATIENCE_SECONDS)
        up = GaugeMetricFamily("rpg_up", "Did this part answer?", labels=["part"])
        for part, future in reading.items():
            found = future.result() if future.done() else None
            up.add_metric([part], found is not None)
            yield from found or ()
        yield up
        yield InfoMetricFamily("rpg_build", "What runs here", {"version": self._version})
        yield _gauge("scrape_seconds", "Until all parts were read", time.perf_counter() - began)
