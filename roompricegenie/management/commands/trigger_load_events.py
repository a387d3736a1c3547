"""Load CSV files of events into the queue."""

import gc
import sys
import time
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from data_provider import ledger
from data_provider.csv_loading.csv_loader import START_WORKER, Loader, LoadInterrupted, LoadResult
from data_provider.csv_loading.csv_reader import EventFile, UnusableFile
from data_provider.event_queue.queue_stream import EventQueue
from roompricegenie import dashboard_client

SAMPLE = settings.BASE_DIR / "data_provider" / "sample" / "events.csv"
PLAIN_PROGRESS_SECONDS = 5
WAIT_POLL_SECONDS = 0.2


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
            self._hint_when_nobody_reads(queue)
        for result in results:
            self._report(result, dry_run=options["dry_run"])

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
        with _Reporter(file.name, total) as reporter:
            gc.freeze()  # else the collector walks over all of Django for every few hundred rows
            loader = Loader(queue, say=reporter.say, progress=reporter.update)
            try:
                return loader.load(file)
            except (UnusableFile, LoadInterrupted) as error:
                raise CommandError(str(error)) from error

    def _hint_when_nobody_reads(self, queue: EventQueue) -> None:
        with suppress(redis.RedisError):
            if queue.length() and not queue.readers():
                self.stderr.write(f"nobody reads the queue yet; start a worker: {START_WORKER}")

    def _wait(self, queue: EventQueue, results: list[LoadResult]) -> None:
        last = max((result.last_entry for result in results if result.last_entry), default=None)
        if last is None:
            return
        with _Reporter("into the ledger", None) as reporter:
            self._wait_for_ledger(queue, last, reporter)
        with _Reporter("onto the dashboard", None) as reporter:
            self._wait_for_dashboard(ledger.newest_position(), reporter)
        for result in results:
            report = queue.load_report(result.load)
            again = report.get("claimed", 0)
            self.stdout.write(
                f"{result.name}: {report.get('created', 0):,} new in the ledger, "
                f"{report.get('duplicates', 0):,} known already"
                + (" (a worker was replaced: some new ones count as known)" if again else "")
            )
            dead = report.get("dead", 0)
            if dead:
                raise CommandError(
                    f"{dead:,} events of {result.name} could not be recorded; "
                    f"`manage.py dead_letters` shows why"
                )
            recorded = report.get("created", 0) + report.get("duplicates", 0)
            if recorded < result.queued:
                raise CommandError(
                    f"{result.queued - recorded:,} events of {result.name} vanished from the queue "
                    f"(was Redis emptied?): load the file again, what is known does not count twice"
                )

    def _wait_for_ledger(self, queue: EventQueue, last: bytes, reporter: "_Reporter") -> None:
        while True:
            try:
                oldest = queue.oldest()
                if oldest is None or _entry_order(oldest) > _entry_order(last):
                    return
                reporter.tick(f"{queue.length():,} batches wait for the ledger")
                if not queue.readers():
                    reporter.tick(f"nobody reads the queue; start a worker: {START_WORKER}")
            except redis.RedisError as error:
                reporter.tick(f"Redis does not answer: {error}")
            time.sleep(WAIT_POLL_SECONDS)

    def _wait_for_dashboard(self, position: int, reporter: "_Reporter") -> None:
        while True:
            try:
                status = dashboard_client.status()
                if int(status["position"]) >= position:
                    return
                reporter.tick(f"the dashboard is at {status['position']:,} of {position:,}")
            except dashboard_client.DashboardUnavailable as error:
                reporter.tick(str(error))
            time.sleep(WAIT_POLL_SECONDS)

    def _report(self, result: LoadResult, *, dry_run: bool) -> None:
        done = "valid" if dry_run else "queued"
        self.stdout.write(
            f"{result.name}: {result.queued:,} events {done}, {result.rejected:,} rejected, "
            f"{result.blank:,} blank"
        )
        if result.rejects_path:
            self.stdout.write(f"rejected lines with their reasons: {result.rejects_path}")


def _entry_order(entry_id: bytes) -> tuple[int, ...]:
    return tuple(int(part) for part in entry_id.split(b"-"))


class _Reporter:
    """Tells on standard error how far it is: a bar on a terminal, a line now and then in a pipe."""

    def __init__(self, title: str, total: int | None) -> None:
        self._console = Console(stderr=True)
        self._title = title
        self._last_line = time.monotonic()
        self._last_text = ""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._progress.add_task(title, total=total, detail="")

    def __enter__(self) -> "_Reporter":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def say(self, text: str) -> None:
        """One line, at once."""
        self._console.print(text, highlight=False, soft_wrap=True, markup=False)

    def update(self, file: EventFile, result: LoadResult) -> None:
        detail = f"{result.queued:,} events, {result.rejected:,} rejected"
        self._progress.update(self._task, completed=file.bytes_read, detail=detail)
        self._plain_line(f"{self._title}: {detail}")

    def tick(self, text: str) -> None:
        self._progress.update(self._task, detail=text)
        self._plain_line(text)

    def _plain_line(self, text: str) -> None:
        quiet = time.monotonic() - self._last_line < PLAIN_PROGRESS_SECONDS
        if not self._console.is_terminal and not quiet:
            self.say(text)
            self._last_line = time.monotonic()
