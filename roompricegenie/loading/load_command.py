"""What the commands that load files have in common: options, output, the queue."""

import sys
from argparse import ArgumentParser
from contextlib import suppress
from typing import TextIO, cast

import redis
from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from common.redis_errors import describe_redis_error
from data_provider.event_queue.queue_sender import START_WORKER
from data_provider.event_queue.queue_stream import EventQueue
from roompricegenie.loading.hotel_time_zones import ZONE_OF_PROFILE, HotelTimeZones
from roompricegenie.loading.safe_output import SafeOutput


class LoadCommand(BaseCommand):
    """A command that puts files into the queue."""

    requires_system_checks = ()

    def add_load_arguments(self, parser: ArgumentParser, what: str, of_zone: str) -> None:
        """Add the options that all of them have.

        Args:
            what: is loaded, in the singular.
            of_zone: what else there is to know of `--timezone`.
        """
        parser.add_argument("--dry-run", action="store_true", help="validate only, queue nothing")
        parser.add_argument(
            "--wait",
            action="store_true",
            help=f"return when every queued {what} is in the ledger and on the dashboard",
        )
        parser.add_argument(
            "--timezone",
            metavar="ZONE",
            help=(
                "read times without offset as local times: ZONE is a name like Europe/Rome, or "
                f"`{ZONE_OF_PROFILE}` for the time zone of each hotel's profile. Without this "
                f"option they are UTC{of_zone}"
            ),
        )

    def protect_output(self) -> None:
        """Make output that cannot be written (a closed pipe, an odd file name) end no load."""
        self.stdout = OutputWrapper(cast(TextIO, SafeOutput(self.stdout)), ending="\n")
        self.stderr = OutputWrapper(cast(TextIO, SafeOutput(self.stderr)), ending="\n")

    def time_zones(self, option: str | None) -> HotelTimeZones | None:
        """Return the zones of times without offset, None for UTC. Raises: CommandError."""
        if option is None:
            return None
        try:
            return HotelTimeZones.of_option(option)
        except ValueError as error:
            raise CommandError(f"--timezone: {error}") from error

    def connect(self) -> EventQueue:
        """Return the queue. Raises: CommandError when Redis does not answer."""
        queue = EventQueue()
        try:
            queue.ensure_group()
        except redis.RedisError as error:
            raise CommandError(
                f"{describe_redis_error(error)}; nothing was queued: start it, or the whole "
                f"system with `make run`, or set CELERY_BROKER_URL"
            ) from error
        return queue

    def warn_without_worker(self, queue: EventQueue) -> None:
        """Say how to start a worker if none reads the queue."""
        with suppress(redis.RedisError):
            if queue.length() and not queue.readers():
                self.stderr.write(f"no worker reads the queue yet; start a worker: {START_WORKER}")


def can_ask() -> bool:
    """Return whether somebody can answer a question on standard input, which may be closed."""
    return sys.stdin is not None and sys.stdin.isatty()
