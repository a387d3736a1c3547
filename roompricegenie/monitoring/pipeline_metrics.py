"""State of the event pipeline for Prometheus, read from Redis and the databases at each scrape.

Each part is read in a thread of its own. A part that does not answer within TIMEOUT_SECONDS has
`rpg_up` 0 and no other metrics; it delays neither the scrape beyond that nor the other parts.
Nothing here counts the rows of the ledger or reads more than a few rows of any table.
"""

import logging
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from datetime import time as time_of_day
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

from common.redis_client import redis_client
from dashboard_service.figures.freshness import count_waiting_hotels
from dashboard_service.models import CheckReport, CheckRound, FeedPosition, HotelFigures
from data_provider import ledger
from data_provider.event_queue.queue_stream import EventQueue
from overview.messages import due_sendings
from pricing_service.decisions import repricing_claims
from pricing_service.delivery import due_deliveries
from pricing_service.demand import stale_hotels
from roompricegenie.celery import QUEUES
from roompricegenie.monitoring import task_counts
from roompricegenie.monitoring.connection_metrics import connection_metrics

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 2
REDIS_TIMEOUT_SECONDS = 1
NAMED_HOTELS = 100  # of the stale ones, so that the metrics do not grow without end

Metrics = Iterator[Metric]


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"rpg_{name}", help_text, value)


def _timestamp(name: str, help_text: str, moment: datetime | None) -> Metrics:
    """A gauge of seconds since 1970; none when the event has not happened yet."""
    if moment is not None:
        yield _gauge(f"{name}_timestamp_seconds", help_text, moment.timestamp())


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
    yield _gauge("queue_events", "Loaded events that are not in the ledger yet", queue.events)
    yield _gauge("queue_batches", "Batches of events in the queue", queue.batches)
    yield _gauge(
        "queue_in_flight_batches",
        "Batches that a worker took and has not acknowledged",
        queue.in_flight,
    )
    yield _gauge(
        "queue_oldest_seconds",
        "Seconds that the oldest batch has been queued",
        queue.oldest_seconds,
    )
    yield _gauge("queue_readers", "Workers that recently asked for batches", queue.readers)
    yield _gauge("dead_letters", "Batches that could not be recorded", queue.dead_letters)


def _tasks(client: Any) -> Metrics:
    waiting = GaugeMetricFamily(
        "rpg_tasks_waiting", "Tasks waiting in a Celery queue", labels=["queue"]
    )
    for name in QUEUES:
        waiting.add_metric([name], client.llen(name))
    yield waiting
    runs = CounterMetricFamily("rpg_task_runs", "Finished task runs", labels=["task", "outcome"])
    seconds = SummaryMetricFamily("rpg_task_seconds", "Durations of task runs", labels=["task"])
    last = GaugeMetricFamily(
        "rpg_task_last_run_timestamp_seconds", "When the task's last run ended", labels=["task"]
    )
    for task, counts in sorted(task_counts.load(client).items()):
        for outcome, count in sorted(counts.runs.items()):
            runs.add_metric([task, outcome], count)
        seconds.add_metric([task], sum(counts.runs.values()), counts.seconds)
        last.add_metric([task], counts.last_at)
    yield from (runs, seconds, last)


def _ledger() -> Metrics:
    yield _gauge(
        "ledger_events",
        "Events in the ledger: counted up to 10,000, estimated beyond",
        ledger.estimated_size(),
    )
    yield _gauge("ledger_position", "Id of the newest event", ledger.newest_position())


def _dashboard() -> Metrics:
    positions = FeedPosition.all_shares()
    feed = min(positions, key=lambda row: row.position)
    updated_at = max((row.updated_at for row in positions if row.position), default=None)
    yield _gauge("dashboard_position", "Id of the last event in the figures", feed.position)
    yield from _timestamp("dashboard_updated", "When figures last changed", updated_at)
    yield _gauge("dashboard_shares", "Into how many shares the feed is divided", len(positions))
    yield _gauge("hotels", "Hotels with figures", HotelFigures.objects.count())
    check = CheckReport.objects.first()
    if check is not None:
        yield from _timestamp("check", "When the last check of all hotels ended", check.checked_at)
        yield _gauge("check_differences", "Wrong counts found by the last check", check.differences)
        yield _gauge("check_repaired", "1 when the last check repaired them", check.repaired)
        yield _gauge(
            "check_unchecked_hotels",
            "Hotels that the last check could not check",
            check.unchecked_hotels or 0,
        )
    present = CheckRound.objects.filter(is_open=True, is_listed=True).first()
    yield _gauge(
        "check_round_hotels",
        "Hotels that the check is to check that goes on; 0 between two",
        present.hotels if present else 0,
    )
    yield _gauge(
        "check_round_checked",
        "Hotels that it has checked",
        present.checked if present else 0,
    )
    yield _gauge(
        "hotels_waiting_for_recount",
        "Hotels whose figures a recount is to replace",
        count_waiting_hotels(),
    )


def _feed() -> Metrics:
    events, seconds = [], []
    for row in FeedPosition.all_shares():
        share = ledger.Share(*row.feed_share) if row.feed_share else None
        status = ledger.feed_status(row.position, share=share)
        oldest = status.oldest_recorded_at
        events.append(status.events)
        seconds.append(max(0, (timezone.now() - oldest).total_seconds()) if oldest else 0)
    yield _gauge(
        "dashboard_events_behind",
        "Events not in the figures yet: counted up to 10,000, estimated beyond",
        sum(events),
    )
    yield _gauge(
        "dashboard_seconds_behind",
        "Age of the oldest event that is not in the figures",
        max(seconds),
    )
    if len(events) > 1:
        yield _by_share("events_behind", "Events of a share not in the figures yet", events)
        yield _by_share("seconds_behind", "Age of a share's oldest event not in them", seconds)


def _by_share(name: str, help_text: str, values: list[Any]) -> Metric:
    family = GaugeMetricFamily(f"rpg_dashboard_share_{name}", help_text, labels=["share"])
    for share, value in enumerate(values):
        family.add_metric([str(share)], value)
    return family


def _prices() -> Metrics:
    yield _gauge(
        "prices_undelivered",
        "Hotels whose booking system was not told the present prices",
        due_deliveries.count_waiting(),
    )
    yield _gauge(
        "prices_failing_hotels",
        f"Hotels whose booking system has taken no prices for {due_deliveries.GIVE_UP_DAYS} days",
        due_deliveries.failing_receivers().count(),
    )
    yield _gauge(
        "prices_due_seconds",
        "Seconds that prices have been due to be sent and were not",
        due_deliveries.oldest_due_seconds(),
    )
    yield _gauge(
        "repricing_failing_hotels",
        "Hotels whose prices cannot be renewed",
        repricing_claims.failing_hotels().count(),
    )
    yield _gauge(
        "repricing_due_seconds",
        "Seconds that a hotel has been due to be priced and was not, or that no worker looked",
        max(repricing_claims.oldest_due_seconds(), repricing_claims.seconds_without_look()),
    )
    yield from _stale_hotels()


def _stale_hotels() -> Metrics:
    """Yield the hotels with prices whose events have stopped; each is named by its number."""
    hotels = stale_hotels.stale_hotels()
    yield _gauge("stale_hotels", "Hotels with prices whose events have stopped", len(hotels))
    since = GaugeMetricFamily(
        "rpg_hotel_stale_since_timestamp_seconds",
        "Day of the newest event of a hotel whose events have stopped",
        labels=["hotel"],
    )
    for hotel_id, day in hotels[:NAMED_HOTELS]:
        since.add_metric([str(hotel_id)], datetime.combine(day, time_of_day.min, UTC).timestamp())
    yield since


def _users() -> Metrics:
    """Whether the default database answers, and how the messages in it get away."""
    waiting = GaugeMetricFamily(
        "rpg_messages_waiting", "Messages that are not sent yet", labels=["channel"]
    )
    seconds = GaugeMetricFamily(
        "rpg_messages_due_seconds",
        "Seconds that a message has been due to be sent and was not tried",
        labels=["channel"],
    )
    given_up = GaugeMetricFamily(
        "rpg_messages_given_up",
        "Messages that were given up within a day and are in the inbox only",
        labels=["channel"],
    )
    for channel, state in due_sendings.state_by_channel().items():
        waiting.add_metric([channel], state.waiting)
        seconds.add_metric([channel], state.due_seconds)
        given_up.add_metric([channel], state.given_up)
    yield from (waiting, seconds, given_up)


PARTS: dict[str, Callable[[], Metrics]] = {
    "redis": _redis,
    "ledger": _ledger,
    "dashboard": _dashboard,
    "feed": _feed,
    "prices": _prices,
    "users": _users,
    "connections": connection_metrics,
}


def _collect_part(part: str) -> list[Metric] | None:
    """Return a part's metrics, None when it is unavailable.

    It runs in a thread of the pool and closes the database connections that the thread opened.
    """
    try:
        return list(PARTS[part]())
    except Exception as error:  # no error of one part may hide the metrics of the others
        logger.warning("no metrics of %s: %r", part, error)
        return None
    finally:
        connections.close_all()


class PipelineCollector(Collector):
    """Reads all parts in parallel; a part that still hangs since an earlier scrape is not read
    again, so that threads do not pile up."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(len(PARTS), thread_name_prefix="metrics")
        self._futures: dict[str, Future[list[Metric] | None]] = {}
        self._lock = threading.Lock()
        project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
        self._version: str = project["version"]

    def collect(self) -> Metrics:
        """Yield the metrics of every part that answers within TIMEOUT_SECONDS."""
        started_at = time.perf_counter()
        with self._lock:
            for part in PARTS:
                if part not in self._futures or self._futures[part].done():
                    self._futures[part] = self._threads.submit(_collect_part, part)
            futures = dict(self._futures)
        wait(futures.values(), TIMEOUT_SECONDS)
        up = GaugeMetricFamily("rpg_up", "1 when this part answered", labels=["part"])
        for part, future in futures.items():
            metrics = future.result() if future.done() else None
            up.add_metric([part], metrics is not None)
            yield from metrics or ()
        yield up
        yield InfoMetricFamily(
            "rpg_build", "The version that is running", {"version": self._version}
        )
        yield _gauge(
            "scrape_seconds", "Seconds until all parts were read", time.perf_counter() - started_at
        )
