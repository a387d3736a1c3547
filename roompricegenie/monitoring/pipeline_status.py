"""The state of the pipeline for people: figures from the queue to the dashboard, and problems.

`read_pipeline_status` never raises when a part is down: its figures are then missing and a problem
says so. Each problem names what a person should do. `manage.py pipeline_status` prints the result;
the metrics for Prometheus are in `pipeline_metrics`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import redis
from django.db import Error

from common.redis_errors import describe_redis_error
from data_provider import ledger
from data_provider.event_queue.queue_sender import START_WORKER
from data_provider.event_queue.queue_stream import EventQueue
from pricing_service.decisions import repricing_claims
from pricing_service.delivery import due_deliveries
from pricing_service.demand import stale_hotels
from roompricegenie import dashboard_client
from roompricegenie.celery import (
    CHECKS_QUEUE,
    MAIL_QUEUE,
    MAKE_MESSAGES,
    PRICES_QUEUE,
    RECOUNT_WHAT_CHANGED,
    WEBHOOK_QUEUE,
)  # fmt: skip
from roompricegenie.loading.load_report import FUTURE_EVENTS_NOTE
from roompricegenie.monitoring import task_counts

# Queue and dashboard are normally seconds behind, some minutes during a big load.
MAX_DELAY_SECONDS = 300
NAMED_HOTELS = 10
CHECK_OVERDUE_HOURS = 50  # the check runs daily
SHOWN_HOTELS = 5
START_WORKER_OF = "celery -A roompricegenie worker -l info -Q {queue} -c 1"
START_WEBHOOK_WORKER = START_WORKER_OF.format(queue=WEBHOOK_QUEUE)
START_DASHBOARD_WORKER = "celery -A roompricegenie worker -l info -Q dashboard_queue -c {shares}"
START_PRICES_WORKER = START_WORKER_OF.format(queue=PRICES_QUEUE)
LATE_PRICES_SECONDS = 1_800  # a day begins for many hotels at once: one worker prices 400 meanwhile
# A scheduled task of each queue that nothing else here tells of, and how long no run of it may end.
# The check and a recount of all hotels take minutes, and longer for thousands of hotels.
LONG_QUEUE = 10  # so many tasks come within two minutes, and within ten
REGULAR_TASKS = {MAIL_QUEUE: (MAKE_MESSAGES, 300), CHECKS_QUEUE: (RECOUNT_WHAT_CHANGED, 7_200)}


class PipelineStatus(NamedTuple):
    """Figures by name, in the order of the pipeline, problems that need a person, and notes."""

    figures: dict[str, Any]
    problems: list[str]
    notes: Sequence[str] = ()  # worth knowing, but nobody is needed


def read_pipeline_status() -> PipelineStatus:
    """Read the state of queue, ledger, dashboard and daily check."""
    figures: dict[str, Any] = {}
    problems: list[str] = []
    notes: list[str] = []
    parts = (
        _read_queue, _read_ledger, _read_dashboard, _read_last_check, _read_webhooks,
        _read_repricing, _read_stale_hotels, _read_waiting_tasks,
    )  # fmt: skip
    for read_part in parts:
        part = read_part()
        figures |= part.figures
        problems += part.problems
        notes += part.notes
    return PipelineStatus(figures, problems, notes)


def _read_stale_hotels() -> PipelineStatus:
    try:
        hotels = stale_hotels.stale_hotels()
    except Error as error:
        return PipelineStatus({}, [f"the prices' database does not answer: {error}"])
    named = ", ".join(f"{number} since {day}" for number, day in hotels[:NAMED_HOTELS])
    more = f" and {len(hotels) - NAMED_HOTELS} more" if len(hotels) > NAMED_HOTELS else ""
    notes = [
        f"no event of hotel {named}{more}: their automatic prices stand still; check that their "
        f"booking systems send events, or for loaded history try prices as of a day"
    ]
    return PipelineStatus({"stale_hotels": len(hotels)}, [], notes if hotels else [])


def _read_repricing() -> PipelineStatus:
    """Read whether hotels' prices are renewed, and which cannot be."""
    try:
        unseen = repricing_claims.seconds_without_look()
        due = repricing_claims.oldest_due_seconds()
        count = repricing_claims.failing_hotels().count()
        failing = list(repricing_claims.failing_hotels()[:SHOWN_HOTELS])
    except Error as error:
        return PipelineStatus({}, [f"the prices' database does not answer: {error}"])
    problems = []
    if unseen > MAX_DELAY_SECONDS:
        problems.append(
            f"no worker has renewed prices for {unseen:.0f} s: look at the log of the prices' "
            f"worker, or start one: {START_PRICES_WORKER}"
        )
    elif due > LATE_PRICES_SECONDS:
        problems.append(
            f"a hotel has waited for {due:.0f} s for new prices: start more workers: "
            f"{START_PRICES_WORKER}"
        )
    problems += [
        f"hotel {state.hotel_id}: its prices cannot be renewed since "
        f"{state.failing_since:%Y-%m-%d %H:%M} ({state.failure}): the log of the prices' worker "
        "says where it fails; it is tried on, and at once when its rules are changed"
        for state in failing
    ]
    if count > SHOWN_HOTELS:
        problems.append(f"the prices of {count - SHOWN_HOTELS} more hotels cannot be renewed")
    figures = {"repricing_due_for_seconds": round(due, 1), "repricing_failing_hotels": count}
    return PipelineStatus(figures, problems)


def _read_waiting_tasks() -> PipelineStatus:
    """Find queues in which tasks wait that nobody takes."""
    client = EventQueue().client
    problems = []
    try:
        ended = task_counts.load(client)
        for queue, (task, seconds) in REGULAR_TASKS.items():
            name = task.rpartition(".")[2]
            waiting = client.llen(queue)
            last = ended[name].last_at if name in ended else 0.0
            if waiting >= LONG_QUEUE and datetime.now(UTC).timestamp() - last > seconds:
                problems.append(
                    f"{waiting:,} tasks wait in {queue}, and none is done: look at its worker's "
                    f"log, or start one: {START_WORKER_OF.format(queue=queue)}"
                )
    except redis.RedisError:
        return PipelineStatus({}, [])  # `_read_queue` reports it
    return PipelineStatus({}, problems)


def _read_queue() -> PipelineStatus:
    queue = EventQueue()
    try:
        status = queue.status()
    except redis.RedisError as error:
        return PipelineStatus({}, [describe_redis_error(error)])
    figures = {
        "queued_events": status.events,
        "queued_batches": status.batches,
        "queued_for_seconds": status.oldest_seconds,
        "batches_in_flight": status.in_flight,
        "dead_letters": status.dead_letters,
        "workers_reading": status.readers,
    }
    problems = _eviction_problems(queue)
    if status.dead_letters:
        problems.append("some batches could not be recorded: `manage.py dead_letters` lists them")
    if status.batches and not status.readers:
        problems.append(f"no worker reads the queue: start a worker: {START_WORKER}")
    elif status.oldest_seconds > MAX_DELAY_SECONDS:
        problems.append(
            f"a batch has waited for {status.oldest_seconds:.0f} s: the worker's log says why"
        )
    return PipelineStatus(figures, problems)


def _eviction_problems(queue: EventQueue) -> list[str]:
    """Return a problem when a full Redis may delete the queue instead of refusing more."""
    try:
        settings = queue.client.config_get("maxmemory*")
    except redis.RedisError:
        return []  # a managed Redis may refuse CONFIG
    policy = settings.get("maxmemory-policy", "noeviction")
    if policy == "noeviction" or settings.get("maxmemory", "0") == "0":
        return []
    return [
        f"Redis may delete queued events when its memory is full (maxmemory-policy is {policy}): "
        "set it to noeviction"
    ]


def _read_ledger() -> PipelineStatus:
    try:
        figures = {
            "ledger_events": ledger.estimated_size(),  # exact for a small ledger
            "ledger_position": ledger.newest_position(),
        }
        future = ledger.count_later_than(datetime.now(UTC))
    except Error as error:
        return PipelineStatus({}, [f"the ledger does not answer: {error}"])
    figures["events_in_future"] = future.events
    if not future.events:
        return PipelineStatus(figures, [])
    more = " or more" if future.is_estimate else ""
    return PipelineStatus(figures, [], [f"{future.events:,}{more} {FUTURE_EVENTS_NOTE}"])


def _read_dashboard() -> PipelineStatus:
    try:
        status = dashboard_client.fetch_status()
    except dashboard_client.DashboardUnavailable as error:
        return PipelineStatus({}, [str(error)])
    problems = []
    shares = status.pop("shares", [])
    behind = status.get("seconds_behind")
    if behind is None:
        reason = status.get("unknown_because")
        problems.append(
            f"how far the dashboard is behind is unknown: {reason}"
            if reason
            else "the dashboard cannot ask the ledger how far it is: look at EVENTS_API_BASE_URL"
        )
    elif behind > MAX_DELAY_SECONDS:
        problems.append(
            f"the dashboard is {behind:.0f} s behind: look at its worker's log, or start one: "
            f"{START_DASHBOARD_WORKER.format(shares=len(shares) or 1)}"
        )
    figures = {f"dashboard_{name}": value for name, value in status.items()}
    figures |= {
        f"dashboard_share_{share['share']}_{name}": share[name]
        for share in shares
        for name in ("events_behind", "seconds_behind")
    }
    problems += [
        f"share {share['share']} of {len(shares)} is {share['seconds_behind']:.0f} s behind"
        for share in shares
        if (share["seconds_behind"] or 0) > MAX_DELAY_SECONDS
    ]
    return PipelineStatus(figures, problems)


def _read_last_check() -> PipelineStatus:
    try:
        check = dashboard_client.fetch_last_check()
    except dashboard_client.DashboardUnavailable:
        return PipelineStatus({}, [])  # `_read_dashboard` reports it
    problems = []
    if check["differences"] and not check["repaired"]:
        problems.append("the last check found differences: `manage.py check_dashboard --repair`")
    elif check["checked_at"] is not None:
        age = datetime.now(UTC) - datetime.fromisoformat(check["checked_at"])
        hours = age.total_seconds() / 3600
        if hours > CHECK_OVERDUE_HOURS:
            problems.append(f"no check for {hours:.0f} hours, it should run daily: does beat run?")
    if check.get("unchecked_hotels"):
        problems.append(
            f"{check['unchecked_hotels']} hotels could not be checked: the log of the checks' "
            "worker says why (`was not checked`)"
        )
    return PipelineStatus({f"last_check_{name}": value for name, value in check.items()}, problems)


def _read_webhooks() -> PipelineStatus:
    try:
        due = due_deliveries.oldest_due_seconds()
        failing = list(due_deliveries.failing_receivers()[: SHOWN_HOTELS + 1])
    except Error as error:
        return PipelineStatus({}, [f"the prices' database does not answer: {error}"])
    problems = []
    if due > MAX_DELAY_SECONDS:
        problems.append(
            f"prices have waited for {due:.0f} s to be sent: look at the log of the webhooks' "
            f"worker, or start one: {START_WEBHOOK_WORKER}"
        )
    problems += [
        f"hotel {receiver.hotel_id}: its booking system has taken no prices for "
        f"{due_deliveries.GIVE_UP_DAYS} days ({receiver.answer}): ask the hotel about its address; "
        "it is tried on, every hour"
        for receiver in failing[:SHOWN_HOTELS]
    ]
    if len(failing) > SHOWN_HOTELS:
        problems.append("more hotels' booking systems take no prices: the admin lists them")
    return PipelineStatus({"webhooks_due_for_seconds": round(due, 1)}, problems)
