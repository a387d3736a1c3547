"""`manage.py export_events`: write old events to CSV files."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from data_provider.ledger.event_export import (
    ExportError,
    ExportResult,
    count_events,
    export_events,
)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"must be a date like 2024-05-01, not {text!r}") from error


class Command(BaseCommand):
    help = (
        "Write the events before a date to compressed CSV files, one for each month. The events "
        "stay in the ledger. `trigger_load_events` reads the files. Each file is read back before "
        "it gets its name; an existing file is never overwritten."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--before", type=_date, required=True, metavar="DATE",
            help="export the events that happened before this day (UTC)",
        )  # fmt: skip
        parser.add_argument(
            "--folder", type=Path, metavar="FOLDER",
            help="where the files are written (default: DATA_DIR/export)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        before: date = options["before"]
        folder: Path = options["folder"] or settings.DATA_DIR / "export"
        try:
            result = self._export(before, folder)
        except ExportError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"cannot write to {folder}: {error.strerror or error}") from error
        except Error as error:
            raise CommandError(f"the ledger's database does not answer: {error}") from error
        for path in result.files:
            self.stdout.write(str(path))
        self.stdout.write(
            f"{result.events:,} events before {before} written to {len(result.files):,} files"
        )

    def _export(self, before: date, folder: Path) -> ExportResult:
        console = Console(stderr=True)
        with Progress(
            TextColumn("exported"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        ) as progress:
            task = progress.add_task("", total=count_events(before))
            return export_events(before, folder, lambda count: progress.advance(task, count))
