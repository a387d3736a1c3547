"""How the pipeline stands, from the queue to the dashboard."""

import json
from argparse import ArgumentParser
from typing import Any

import redis
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from data_provider import dashboard_api, ledger
from data_provider.event_queue import EventQueue


class Command(BaseCommand):
    help = (
        "Show queue, dead letters, ledger and dashboard. Exit code 1 when a person is needed: "
        "dead letters, a queue that nobody reads, a part that does not answer."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines")
        parser.add_argument("--dead-letters", action="store_true", help="list them with reasons")
        parser.add_argument("--resend", action="store_true", help="queue all dead letters again")

    def handle(self, *args: Any, **options: Any) -> None:
        queue = EventQueue()
        try:
            if options["resend"]:
                letters = list(queue.dead_letters())
                for letter_id, fields in letters:
                    queue.resend(letter_id, fields)
                self.stdout.write(f"{len(letters)} dead letters were queued again")
                return
            if options["dead_letters"]:
                for letter_id, fields in queue.dead_letters():
                    self.stdout.write(
                        f"{letter_id.decode()} {fields.get(b'failed_at', b'').decode()} "
                        f"{fields.get(b'events', b'?').decode()} events: "
                        f"{fields.get(b'reason', b'').decode()}"
                    )
                return
        except redis.RedisError as error:
            raise CommandError(f"Redis does not answer: {error}") from error
        figures, troubles = _figures(queue)
        if options["json"]:
            self.stdout.write(json.dumps({**figures, "troubles": troubles}))
        else:
            table = Table(show_header=False)
            for name, value in figures.items():
                table.add_row(name.replace("_", " "), "-" if value is None else str(value))
            Console().print(table)
            for trouble in troubles:
                self.stdout.write(trouble)
        if troubles:
            raise SystemExit(1)


def _figures(queue: EventQueue) -> tuple[dict[str, Any], list[str]]:
    """What there is to show, and what needs a person."""
    figures: dict[str, Any] = {}
    troubles: list[str] = []
    try:
        status = queue.status()
        figures |= {
            "queued_events": status.events,
            "queued_batches": status.batches,
            "batches_in_flight": status.in_flight,
            "dead_letters": status.dead_letters,
            "workers_reading": status.readers,
        }
        if status.dead_letters:
            troubles.append("dead letters: see `pipeline_status --dead-letters`, then --resend")
        if status.batches and not status.readers:
            troubles.append("nobody reads the queue: start a worker")
    except redis.RedisError as error:
        troubles.append(f"Redis does not answer: {error}")
    figures["ledger_events"] = ledger.size()
    figures["ledger_position"] = ledger.newest_position()
    try:
        dashboard = dashboard_api.status()
        figures |= {f"dashboard_{name}": value for name, value in dashboard.items()}
    except dashboard_api.DashboardUnavailable as error:
        troubles.append(str(error))
    return figures, troubles
