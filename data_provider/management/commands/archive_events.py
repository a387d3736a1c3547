"""Archive old events."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connections, router
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from data_provider import archiving
from data_provider.models import Event

ROOM = {
    "postgresql": "new events use the room that is free now, after (auto)vacuum; "
    "`VACUUM FULL data_provider_event` gives it back to the disk and locks the table meanwhile",
    "sqlite": "new events use the room that is free now; the file itself shrinks with `VACUUM`",
}


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"must be a date like 2024-05-01, not {text!r}") from error


class Command(BaseCommand):
    help = (
        "Move events older than a date out of the event table, into compressed CSV files that "
        "`trigger_load_events` reads, and into packed segments in the same database, from which "
        "the ledger goes on answering: nothing that anybody sees changes. May be stopped at any "
        "time; run again, it goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--before", type=_date, required=True, metavar="DATE",
            help="events before this day (UTC) go; it lies 366 days ago or earlier",
        )  # fmt: skip
        parser.add_argument(
            "--output", type=Path, metavar="FOLDER", help="of the files (default: DATA_DIR/archive)"
        )
        parser.add_argument("--dry-run", action="store_true", help="count only, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        before = options["before"]
        folder = options["output"] or settings.DATA_DIR / "archive"
        try:
            months = archiving.waiting(before)
            if options["dry_run"]:
                for month, count in months.items():
                    self.stdout.write(f"{month}: {count:,} events")
                events = f"{sum(months.values()):,} events"
                self.stdout.write(f"{events} from before {before} would go to {folder}")
                return
            done = self._run(before, folder, sum(months.values()))
        except archiving.NotArchived as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{folder}: {error.strerror}; what was archived stays so, run again to go on"
            ) from error
        except Error as error:
            raise CommandError(
                f"the ledger's database does not do it ({error}); run again"
            ) from error
        self._report(before, done)

    def _run(self, before: date, folder: Path, events: int) -> archiving.Archived:
        console = Console(stderr=True)
        with Progress(
            TextColumn("archived"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        ) as progress:
            # Each event counts twice: when it is written to a file, and when it is moved.
            task = progress.add_task("", total=2 * events)
            return archiving.run(before, folder, lambda count: progress.advance(task, count))

    def _report(self, before: date, done: archiving.Archived) -> None:
        for path in done.files:
            self.stdout.write(str(path))
        self.stdout.write(
            f"{done.events:,} events of {len(done.hotels):,} hotels from before {before} went to "
            f"{len(done.files):,} files, and into {done.packed_bytes:,} bytes of the ledger"
        )
        if done.events:
            self.stdout.write(ROOM[connections[router.db_for_write(Event)].vendor])
