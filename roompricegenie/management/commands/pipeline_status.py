"""`manage.py pipeline_status`: print the state of the pipeline, for a person or as JSON."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.table import Table

from roompricegenie.monitoring.pipeline_status import PipelineStatus, read_pipeline_status


class Command(BaseCommand):
    help = (
        "Show queue, dead letters, ledger and dashboard. Exit code 1 when a person is needed; the "
        "last lines say for what."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        status = read_pipeline_status()
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {**status.figures, "troubles": status.problems, "notes": [*status.notes]}
                )
            )
        else:
            self._print_table(status)
        if status.problems:
            raise SystemExit(1)

    def _print_table(self, status: PipelineStatus) -> None:
        table = Table(show_header=False)
        for name, value in status.figures.items():
            table.add_row(name.replace("_", " "), _format_value(value))
        console = Console()
        with console.capture() as text:
            console.print(table)
        self.stdout.write(text.get())
        for line in [*status.notes, *status.problems]:
            self.stdout.write(line)


def _format_value(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
