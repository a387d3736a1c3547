"""`manage.py trigger_load_events`: load CSV files of events into the queue."""

import gc
import sys
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from data_provider.csv_loading.csv_loader import START_WORKER, Loader, LoadInterrupted, LoadResult
from data_provider.csv_loading.csv_reader import EventFile, UnusableFile
from data_provider.event_queue.queue_stream import EventQueue
from roompricegenie.loading.load_progress import LoadProgress
from roompricegenie.loading.wait_for_ledger_and_dashboard import (
    ledger_outcome,
    wait_until_on_dashboard,
    wait_until_recorded,
)

SAMPLE = settings.BASE_DIR / "data_provider" / "sample" / "events.csv"


class Command(BaseCommand):
    help = (
        "Load CSV files (plain, .gz, or - for standard input; without a FILE the bundled sample) "
        "into the queue, from which the worker records them in the ledger. Rows that are not valid "
        "go to a rejects file. Loading a file again changes nothing."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", default=[str(SAMPLE)])
        parser.add_argument("--dry-run", action="store_true", help="validate only, queue nothing")
        parser.add_argument(
            "--wait",
            action="store_true",
            help="return when every queued event is in the ledger and on the dashboard",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        files = [self._open(name) for name in options["files"]]
        queue = None if options["dry_run"] else self._connect()
        results = []
        for file in files:
            results.append(self._load(file, queue))
            file.close()
        if queue is not None and options["wait"]:
            self._wait(queue, results)
        elif queue is not None:
            self._warn_without_worker(queue)
        for result in results:
            self._print_result(result, dry_run=options["dry_run"])

    def _open(self, name: str) -> EventFile:
        try:
            if name == "-":
                return EventFile("standard input", sys.stdin.buffer)
            return EventFile.open(Path(name))
        except UnusableFile as error:
            raise CommandError(str(error)) from error

    def _connect(self) -> EventQueue:
        queue = EventQueue()
        try:
            queue.ensure_group()
        except redis.RedisError as error:
            raise CommandError(
                f"Redis does not answer, nothing was queued ({error}): start it, or the whole "
                f"system with `make run`, or set CELERY_BROKER_URL"
            ) from error
        return queue

    def _load(self, file: EventFile, queue: EventQueue | None) -> LoadResult:
        total = Path(file.name).stat().st_size if Path(file.name).is_file() else None
        with LoadProgress(file.name, total) as progress:
            # Otherwise the garbage collector traverses all of Django every few hundred rows.
            gc.freeze()
            loader = Loader(
                queue, print_message=progress.print_message, report_progress=progress.show_file
            )
            try:
                return loader.load(file)
            except (UnusableFile, LoadInterrupted) as error:
                raise CommandError(str(error)) from error

    def _warn_without_worker(self, queue: EventQueue) -> None:
        with suppress(redis.RedisError):
            if queue.length() and not queue.readers():
                self.stderr.write(f"no worker reads the queue yet; start a worker: {START_WORKER}")

    def _wait(self, queue: EventQueue, results: list[LoadResult]) -> None:
        entries = [result.last_entry for result in results if result.last_entry]
        if not entries:
            return
        with LoadProgress("into the ledger", None) as progress:
            wait_until_recorded(queue, entries[-1], progress.show_text)
        with LoadProgress("onto the dashboard", None) as progress:
            wait_until_on_dashboard(progress.show_text)
        for result in results:
            self._print_ledger_outcome(queue, result)

    def _print_ledger_outcome(self, queue: EventQueue, result: LoadResult) -> None:
        """Print what the ledger did with a file. Raises: CommandError when events are missing."""
        outcome = ledger_outcome(queue, result)
        self.stdout.write(
            f"{result.name}: {outcome.created:,} new in the ledger, "
            f"{outcome.duplicates:,} known already"
            + (
                " (a worker was replaced: some new events count as known)"
                if outcome.has_claimed_batches
                else ""
            )
        )
        if outcome.dead:
            raise CommandError(
                f"{outcome.dead:,} events of {result.name} could not be recorded; "
                f"`manage.py dead_letters` shows why"
            )
        if outcome.missing:
            raise CommandError(
                f"{outcome.missing:,} events of {result.name} vanished from the queue "
                f"(was Redis emptied?): load the file again, recorded events are not counted twice"
            )

    def _print_result(self, result: LoadResult, *, dry_run: bool) -> None:
        verb = "valid" if dry_run else "queued"
        self.stdout.write(
            f"{result.name}: {result.queued:,} events {verb}, {result.rejected:,} rejected, "
            f"{result.blank:,} blank"
        )
        if result.rejects_path:
            self.stdout.write(f"rejected lines with their reasons: {result.rejects_path}")
