"""`manage.py trigger_load_events`: load CSV files of events into the queue."""

from argparse import ArgumentParser
from contextlib import ExitStack
from typing import Any

from django.core.management.base import CommandError
from django.db import Error

from data_provider.event_queue.queue_stream import EventQueue
from roompricegenie.loading.demonstration import OtherHotels, demonstration_files
from roompricegenie.loading.files_load import FilesLoad
from roompricegenie.loading.hotel_time_zones import HotelTimeZones
from roompricegenie.loading.load_command import LoadCommand
from roompricegenie.loading.load_report import report_lines
from roompricegenie.loading.wait_for_ledger_and_dashboard import (
    LedgerOutcome,
    describe_database_error,
)


class Command(LoadCommand):
    help = (
        "Load CSV files (plain, .gz, or - for standard input; without a FILE the "
        "demonstration's, made as of now the first time) into the queue, from which the worker "
        "records them in the ledger. Rows that are not valid go to a rejects file. Loading a file "
        "again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE")
        self.add_load_arguments(
            parser,
            "event",
            ". Load a file always in the same way: in another zone its events are other events, "
            "which count in addition",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.protect_output()
        if options["timezone"] is not None and not options["files"]:
            raise CommandError("--timezone needs a FILE: the demonstration is in UTC")
        zones = self.time_zones(options["timezone"])
        queue = None if options["dry_run"] else self.connect()
        with ExitStack() as stack:
            files = options["files"] or [_demonstration(stack, is_kept=queue is not None)]
            self._load(FilesLoad(queue, zones), files, queue, zones, options)

    def _load(
        self,
        load: FilesLoad,
        files: list[str],
        queue: EventQueue | None,
        zones: HotelTimeZones | None,
        options: dict[str, Any],
    ) -> None:
        """Load files and report. Raises: CommandError."""
        outcomes: dict[str, LedgerOutcome] = {}
        try:
            load.load_all(files)
            if queue is not None and options["wait"]:
                outcomes = load.wait()
            elif queue is not None:
                self.warn_without_worker(queue)
        except KeyboardInterrupt:
            raise CommandError(
                "\n".join([*load.problems, "interrupted: load the files again"]), returncode=130
            ) from None
        finally:  # also after an error that nobody expected
            verb = "valid" if options["dry_run"] else "queued"
            if zones is not None and (used := str(zones)):
                self.stdout.write(f"times without offset were read as local times in {used}")
            for line in report_lines(load.results, outcomes, verb):
                self.stdout.write(line)
        if load.problems:
            raise CommandError("\n".join(load.problems))


def _demonstration(stack: ExitStack, *, is_kept: bool) -> str:
    """Return the path of the demonstration's events. Raises: CommandError."""
    try:
        return str(stack.enter_context(demonstration_files(is_kept=is_kept)).events)
    except OtherHotels as error:
        raise CommandError(f"nothing was queued: {error}") from error
    except OSError as error:
        raise CommandError(f"the demonstration cannot be made: {error}") from error
    except Error as error:
        raise CommandError(f"nothing was queued: {describe_database_error(error)}") from error
