"""`manage.py trigger_load_events`: load CSV files of events into the queue."""

from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TextIO, cast

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from common.redis_errors import describe_redis_error
from data_provider.event_queue.queue_sender import START_WORKER
from data_provider.event_queue.queue_stream import EventQueue
from roompricegenie.loading.files_load import FilesLoad
from roompricegenie.loading.hotel_time_zones import ZONE_OF_PROFILE, HotelTimeZones
from roompricegenie.loading.load_report import report_lines
from roompricegenie.loading.safe_output import SafeOutput
from roompricegenie.loading.wait_for_ledger_and_dashboard import LedgerOutcome

SAMPLE = settings.BASE_DIR / "data_provider" / "sample" / "events.csv"


class Command(BaseCommand):
    help = (
        "Load CSV files (plain, .gz, or - for standard input; without a FILE the bundled sample) "
        "into the queue, from which the worker records them in the ledger. Rows that are not valid "
        "go to a rejects file. Loading a file again changes nothing."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="validate only, queue nothing")
        parser.add_argument(
            "--wait",
            action="store_true",
            help="return when every queued event is in the ledger and on the dashboard",
        )
        parser.add_argument(
            "--timezone",
            metavar="ZONE",
            help=(
                "read times without offset as local times: ZONE is a name like Europe/Rome, or "
                f"`{ZONE_OF_PROFILE}` for the time zone of each hotel's profile. Without this "
                "option they are UTC. Load a file always in the same way: in another zone its "
                "events are other events, which count in addition"
            ),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout = OutputWrapper(cast(TextIO, SafeOutput(self.stdout)), ending="\n")
        self.stderr = OutputWrapper(cast(TextIO, SafeOutput(self.stderr)), ending="\n")
        zones = self._time_zones(options["timezone"], options["files"])
        queue = None if options["dry_run"] else self._connect()
        load = FilesLoad(queue, zones)
        outcomes: dict[str, LedgerOutcome] = {}
        try:
            load.load_all(options["files"] or [str(SAMPLE)])
            if queue is not None and options["wait"]:
                outcomes = load.wait()
            elif queue is not None:
                self._warn_without_worker(queue)
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

    def _time_zones(self, option: str | None, files: Sequence[str]) -> HotelTimeZones | None:
        """Return the zones of times without offset, None for UTC. Raises: CommandError."""
        if option is None:
            return None
        if not files:
            raise CommandError("--timezone needs a FILE: the bundled sample is in UTC")
        try:
            return HotelTimeZones.of_option(option)
        except ValueError as error:
            raise CommandError(f"--timezone: {error}") from error

    def _connect(self) -> EventQueue:
        queue = EventQueue()
        try:
            queue.ensure_group()
        except redis.RedisError as error:
            raise CommandError(
                f"{describe_redis_error(error)}; nothing was queued: start it, or the whole "
                f"system with `make run`, or set CELERY_BROKER_URL"
            ) from error
        return queue

    def _warn_without_worker(self, queue: EventQueue) -> None:
        with suppress(redis.RedisError):
            if queue.length() and not queue.readers():
                self.stderr.write(f"no worker reads the queue yet; start a worker: {START_WORKER}")
