"""Load several files into the queue, one after another, and collect results and problems.

A file that is missing, damaged or wholly rejected is a problem of its own: the files after it are
still loaded. Only when Redis stays unavailable, or a hotel's time zone cannot be found out, are the
remaining files left out, and named.
"""

import gc
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import redis
from django.db import Error

from common.redis_errors import describe_redis_error
from data_provider.csv_loading.csv_loader import LinesLost, Loader, LoadResult
from data_provider.csv_loading.csv_reader import EventFile, UnusableFile
from data_provider.csv_loading.local_times import ZoneOfHotel
from data_provider.event_queue.queue_sender import LoadInterrupted
from data_provider.event_queue.queue_stream import EventQueue
from roompricegenie.loading.load_progress import LoadProgress
from roompricegenie.loading.wait_for_ledger_and_dashboard import (
    LedgerOutcome,
    describe_database_error,
    ledger_outcome,
    wait_until_on_dashboard,
    wait_until_recorded,
)

STANDARD_INPUT = "standard input"


class FilesLoad:
    """One run of the command.

    Args:
        queue: receives the events; None for a dry run.
        zone_of_hotel: the time zone of times without offset; None reads them as UTC.
    """

    def __init__(self, queue: EventQueue | None, zone_of_hotel: ZoneOfHotel | None = None) -> None:
        self.results: list[LoadResult] = []  # one for each file that was begun
        self.problems: list[str] = []  # each makes the exit code 1
        self._queue = queue
        self._zone_of_hotel = zone_of_hotel

    def load_all(self, names: Sequence[str]) -> None:
        """Load the files of these paths; `-` is standard input."""
        for number, name in enumerate(names):
            result = LoadResult(
                STANDARD_INPUT if name == "-" else str(Path(name)),
                zone_of_hotel=self._zone_of_hotel,
            )
            self.results.append(result)
            try:
                with closing(_open(name, self._zone_of_hotel)) as file:
                    self._load(file, result)
            except LoadInterrupted as error:
                self.problems.append(str(error))
                if left := names[number + 1 :]:
                    self.problems.append(f"not loaded for the same reason: {', '.join(left)}")
                return
            except (UnusableFile, LinesLost) as error:
                self.problems.append(str(error))
            if result.rejected and not result.queued:
                self.problems.append(f"{result.name}: every row was rejected")

    def _load(self, file: EventFile, result: LoadResult) -> None:
        total = Path(file.name).stat().st_size if Path(file.name).is_file() else None
        with LoadProgress(file.name, total) as progress:
            # Otherwise the garbage collector traverses all of Django every few hundred rows.
            gc.freeze()
            loader = Loader(
                self._queue,
                print_message=progress.print_message,
                report_progress=progress.show_file,
            )
            loader.load(file, result)

    def wait(self) -> dict[str, LedgerOutcome]:
        """Wait until what was queued is recorded and counted; return the outcomes by load id."""
        queue = self._queue
        entries = [result.last_entry for result in self.results if result.last_entry]
        if queue is None or not entries:
            return {}
        with LoadProgress("into the ledger", None) as progress:
            wait_until_recorded(queue, entries[-1], progress.show_text)
        with LoadProgress("onto the dashboard", None) as progress:
            wait_until_on_dashboard(progress.show_text)
        outcomes: dict[str, LedgerOutcome] = {}
        for result in self.results:
            if result.last_entry is None:
                continue
            try:
                outcome = outcomes[result.load] = ledger_outcome(queue, result)
            except (redis.RedisError, Error) as error:
                why = (
                    describe_database_error(error)
                    if isinstance(error, Error)
                    else describe_redis_error(error)
                )
                self.problems.append(
                    f"{result.name}: what was recorded is unknown: {why}; load it again to be sure"
                )
                continue
            if outcome.dead:
                self.problems.append(
                    f"{outcome.dead:,} events of {result.name} could not be recorded; "
                    f"`manage.py dead_letters` shows why"
                )
            if outcome.missing is None:
                self.problems.append(f"{result.name}: load it again to be sure of its events")
            elif outcome.missing:
                self.problems.append(
                    f"{outcome.missing:,} events of {result.name} vanished from the queue (was "
                    f"Redis emptied?): load the file again, recorded events are not counted twice"
                )
        return outcomes


def _open(name: str, zone_of_hotel: ZoneOfHotel | None) -> EventFile:
    """Open a file. Raises: UnusableFile."""
    if name != "-":
        return EventFile.open(Path(name), zone_of_hotel)
    if sys.stdin is None:
        raise UnusableFile(f"{STANDARD_INPUT} is closed")
    return EventFile(STANDARD_INPUT, sys.stdin.buffer, zone_of_hotel)
