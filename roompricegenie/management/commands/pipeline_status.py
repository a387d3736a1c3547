"""How the pipeline stands, from the queue to the dashboard."""

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

import redis
from django.core.management.base import BaseCommand
from django.db import Error
from rich.console import Console
from rich.table import Table

from common.redis_errors import describe_redis_error
from data_provider import ledger
from data_provider.csv_loading.csv_loader import START_WORKER
from data_provider.event_queue.queue_stream import EventQueue
from roompricegenie import dashboard_client

SLOW_SECONDS = 300  # the queue and the dashboard are seconds behind, a big load some minutes
CHECK_OVERDUE_HOURS = 50  # it runs daily
START_DASHBOARD_WORKER = "celery -A roompricegenie worker -l info -Q dashboard_queue -c 1"


class Command(BaseCommand):
    help = (
        "Show queue, dead letters, ledger and dashboard. Exit code 1 when a person is needed; the "
        "last lines say for what."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        figures: dict[str, Any] = {}
        troubles = [*_queue(figures), *_ledger(figures), *_dashboard(figures), *_check(figures)]
        if options["json"]:
            self.stdout.write(json.dumps({**figures, "troubles": troubles}))
        else:
            table = Table(show_header=False)
            for name, value in figures.items():
                table.add_row(name.replace("_", " "), _shown(value))
            console = Console()
            with console.capture() as text:
                console.print(table)
            self.stdout.write(text.get())
            for trouble in troubles:
                self.stdout.write(trouble)
        if troubles:
            raise SystemExit(1)


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _queue(figures: dict[str, Any]) -> list[str]:
    """Adds the queue's figures; gives what is wrong with it."""
    queue = EventQueue()
    try:
        status = queue.status()
    except redis.RedisError as error:
        return [describe_redis_error(error)]
    figures |= {
        "queued_events": status.events,
        "queued_batches": status.batches,
        "queued_for_seconds": status.oldest_seconds,
        "batches_in_flight": status.in_flight,
        "dead_letters": status.dead_letters,
        "workers_reading": status.readers,
    }
    troubles = _eviction(queue)
    if status.dead_letters:
        troubles.append("some batches could not be recorded: `manage.py dead_letters` lists them")
    if status.batches and not status.readers:
        troubles.append(f"nobody reads the queue: start a worker: {START_WORKER}")
    elif status.oldest_seconds > SLOW_SECONDS:
        troubles.append(
            f"a batch has waited for {status.oldest_seconds:.0f} s: the worker's log says why"
        )
    return troubles


def _eviction(queue: EventQueue) -> list[str]:
    """Return a trouble when Redis may delete the queue, to make room, instead of refusing more."""
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


def _ledger(figures: dict[str, Any]) -> list[str]:
    try:
        figures |= {
            "ledger_events": ledger.estimated_size(),  # exact for a small ledger
            "ledger_position": ledger.newest_position(),
        }
    except Error as error:
        return [f"the ledger does not answer: {error}"]
    return []


def _dashboard(figures: dict[str, Any]) -> list[str]:
    try:
        status = dashboard_client.status()
    except dashboard_client.DashboardUnavailable as error:
        return [str(error)]
    figures |= {f"dashboard_{name}": value for name, value in status.items()}
    behind = status.get("seconds_behind")
    if behind is None:
        reason = status.get("unknown_because")
        return [
            f"how far the dashboard is behind is unknown: {reason}"
            if reason
            else "the dashboard cannot ask the ledger how far it is: look at EVENTS_API_BASE_URL"
        ]
    if behind > SLOW_SECONDS:
        return [
            f"the dashboard is {behind:.0f} s behind: look at its worker's log, or start one: "
            f"{START_DASHBOARD_WORKER}"
        ]
    return []


def _check(figures: dict[str, Any]) -> list[str]:
    try:
        check = dashboard_client.last_check()
    except dashboard_client.DashboardUnavailable:
        return []  # the status said so
    figures |= {f"last_check_{name}": value for name, value in check.items()}
    if check["differences"] and not check["repaired"]:
        return ["the last check found differences: `manage.py check_dashboard --repair`"]
    if check["checked_at"] is None:
        return []
    hours = (datetime.now(UTC) - datetime.fromisoformat(check["checked_at"])).total_seconds() / 3600
    if hours > CHECK_OVERDUE_HOURS:
        return [f"no check for {hours:.0f} hours, it should run daily: does beat run?"]
    return []
