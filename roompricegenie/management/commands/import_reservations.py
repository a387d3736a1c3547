"""`manage.py import_reservations`: import the reservation exports of booking systems."""

import shutil
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import redis
from django.core.management.base import CommandError
from django.db import Error

from common.redis_errors import describe_redis_error
from common.value_limits import MAX_HOTEL_ID
from data_provider.csv_loading.csv_loader import LinesLost
from data_provider.csv_loading.local_times import ZoneUnknown
from data_provider.event_queue.queue_sender import LoadInterrupted
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.event_validation import FieldError, canonical_timestamp, parse_timestamp
from data_provider.reservation_import.file_import import (
    FileImport,
    ImportOptions,
    ImportResult,
    PerhapsIncomplete,
    count_told,
)
from data_provider.reservation_import.mapping import (
    DATE_ORDERS,
    DECIMALS,
    Mapping,
    MappingError,
    as_toml,
    read_mapping,
)
from data_provider.reservation_import.mapping_questions import ask_mapping
from data_provider.reservation_import.table_lines import UnreadableFile
from roompricegenie.loading.load_command import LoadCommand, can_ask
from roompricegenie.loading.load_progress import LoadProgress
from roompricegenie.loading.reservation_report import report_lines
from roompricegenie.loading.wait_for_ledger_and_dashboard import (
    describe_database_error,
    wait_until_on_dashboard,
    wait_until_recorded,
)

STANDARD_INPUT = "-"
ENDED = (UnreadableFile, MappingError, PerhapsIncomplete, LinesLost)


class Command(LoadCommand):
    help = (
        "Import reservations as booking systems export them: CSV (plain, .gz, .zip, or - for "
        "standard input) or Excel. What changed since the last export goes to the ledger as "
        "events; importing a file again changes nothing. Lines that are not valid go to a rejects "
        "file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        self.add_load_arguments(parser, "reservation", "")
        mapping = parser.add_mutually_exclusive_group()
        mapping.add_argument(
            "--mapping", metavar="TOML", type=Path,
            help="which column is what; without it a shipped one is recognised by the header",
        )  # fmt: skip
        mapping.add_argument(
            "--map", metavar="TOML", type=Path, help="make a mapping by asking, and write it there"
        )
        parser.add_argument("--hotel", type=int, metavar="N", help="the hotel of all lines")
        parser.add_argument(
            "--date-order", choices=DATE_ORDERS, help="what comes first in dates like 03/04/2026"
        )
        parser.add_argument("--decimal", choices=DECIMALS, help="the decimal sign of amounts")
        parser.add_argument(
            "--exported-at",
            metavar="TIME",
            help="when the file was exported, for changes whose time it does not name; without "
            "it the time at which the file was written",
        )
        parser.add_argument(
            "--complete",
            metavar="FROM..TO",
            help="the file has every reservation that arrives on these days, like "
            "2026-01-01..2026-12-31: known ones that it lacks are cancelled, after a question",
        )
        parser.add_argument(
            "--max-cancelled",
            type=float,
            default=10,
            metavar="PERCENT",
            help="refuse when --complete would cancel more of the known ones (default 10)",
        )
        parser.add_argument("--yes", action="store_true", help="cancel without a question")

    def handle(self, *args: Any, **options: Any) -> None:
        self.protect_output()
        self.options = options
        self.problems: list[str] = []
        self.results: list[ImportResult] = []
        if options["complete"] and len(options["files"]) > 1:
            raise CommandError("--complete takes one FILE: what is missing in it is cancelled")
        hotel = options["hotel"]
        if hotel is not None and not 1 <= hotel <= MAX_HOTEL_ID:
            raise CommandError(f"--hotel must be from 1 to {MAX_HOTEL_ID:,}, not {hotel}")
        import_options = self._import_options()
        queue = None if options["dry_run"] else self.connect()
        reports: dict[str, dict[str, int]] = {}
        try:
            self._import_all(queue, import_options)
            if queue is not None and options["wait"]:
                reports = self._wait(queue)
            elif queue is not None:
                self.warn_without_worker(queue)
        except KeyboardInterrupt:
            raise CommandError(
                "\n".join([*self.problems, "interrupted: import the files again"]), returncode=130
            ) from None
        finally:
            for line in report_lines(self.results, reports, options["dry_run"]):
                self.stdout.write(line)
        if self.problems:
            raise CommandError("\n".join(self.problems))

    def _import_options(self) -> ImportOptions:
        """Raises: CommandError."""
        options = self.options
        try:
            return ImportOptions(
                mapping=self._mapping(),
                hotel_id=options["hotel"],
                date_order=options["date_order"],
                decimal=options["decimal"],
                zone_of_hotel=self.time_zones(options["timezone"]),
                complete=_span(options["complete"]) if options["complete"] else None,
            )
        except (ValueError, UnreadableFile) as error:
            raise CommandError(str(error)) from error

    def _mapping(self) -> Mapping | None:
        if self.options["mapping"] is not None:
            return read_mapping(self.options["mapping"])
        target: Path | None = self.options["map"]
        if target is None:
            return None
        if not can_ask():
            raise CommandError("--map asks questions: run it on a terminal")
        if target.exists():
            raise CommandError(f"{target} exists: use it with --mapping, or name another file")
        [name, *_] = self.options["files"]
        mapping = ask_mapping(Path(name), name, _ask_text)
        target.write_text(as_toml(mapping), encoding="utf-8")
        self.stderr.write(f"wrote {target}; next time: --mapping {target}")
        return mapping

    def _import_all(self, queue: EventQueue | None, options: ImportOptions) -> None:
        names: list[str] = self.options["files"]
        for number, name in enumerate(names):
            try:
                self._import(name, queue, options)
            except (LoadInterrupted, ZoneUnknown) as error:
                self.problems.append(str(error))
                if left := names[number + 1 :]:
                    self.problems.append(f"not imported for the same reason: {', '.join(left)}")
                return

    def _import(self, name: str, queue: EventQueue | None, options: ImportOptions) -> None:
        """Import one file; what ends it alone is added to the problems.

        Raises: LoadInterrupted, ZoneUnknown.
        """
        if name == STANDARD_INPUT and sys.stdin is None:
            self.problems.append("standard input is closed")
            return
        try:
            with _regular_file(name) as path, LoadProgress(name, None) as progress:
                result = ImportResult(name, self._exported_at(name, path))
                self.results.append(result)
                FileImport(
                    queue,
                    options,
                    result,
                    print_message=progress.print_message,
                    show_text=progress.show_text,
                    ask=_ask_choice if can_ask() and name != STANDARD_INPUT else None,
                    confirm_missing=self._confirm_missing,
                ).run(path)
            if result.rejected and not result.reservations:
                self.problems.append(f"{name}: every line was rejected")
        except OSError as error:
            self.problems.append(f"{name} cannot be read: {error.strerror or error}")
        except Error as error:
            self.problems.append(describe_database_error(error))
        except ENDED as error:
            text = str(error)
            self.problems.append(text if name in text else f"{name}: {text}")

    def _exported_at(self, name: str, path: Path) -> str:
        """Return as of when a file states reservations, in UTC. Raises: CommandError."""
        if (text := self.options["exported_at"]) is not None:
            try:
                return canonical_timestamp(parse_timestamp(text))
            except FieldError as error:
                raise CommandError(f"--exported-at {error}") from error
        moment = datetime.now(UTC)
        if name != STANDARD_INPUT:
            moment = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return canonical_timestamp(moment.replace(microsecond=0))

    def _confirm_missing(self, missing: int, known: int) -> None:
        """Ask before known reservations are cancelled. Raises: CommandError to refuse."""
        share = 100 * missing / known
        said = (
            f"{missing:,} of {known:,} known reservations that arrive in "
            f"{self.options['complete']} are not in the file ({share:.1f} %)"
        )
        if share > self.options["max_cancelled"]:
            raise CommandError(
                f"{said}: more than --max-cancelled {self.options['max_cancelled']:g} allows; "
                "nothing was queued"
            )
        self.stderr.write(f"{said}, and will be cancelled")
        if self.options["yes"] or self.options["dry_run"]:
            return
        if not can_ask():
            raise CommandError("nothing was queued: confirm with --yes")
        if _input("Cancel them? [y/N] ").strip().lower() not in ("y", "yes"):
            raise CommandError("nothing was queued")

    def _wait(self, queue: EventQueue) -> dict[str, dict[str, int]]:
        """Wait until all is counted; return what became of each load."""
        entries = [result.last_entry for result in self.results if result.last_entry]
        with LoadProgress("waiting", None) as progress:
            for entry in entries:
                wait_until_recorded(queue, entry, progress.show_text)
            wait_until_on_dashboard(progress.show_text)
        reports: dict[str, dict[str, int]] = {}
        for result in self.results:
            try:
                report = reports[result.load] = queue.load_report(result.load)
            except redis.RedisError as error:
                report = {}
                self.problems.append(describe_redis_error(error))
            if dead := report.get("dead"):
                self.problems.append(
                    f"{dead:,} room-nights of {result.name} could not be recorded; `manage.py "
                    "dead_letters` shows why"
                )
            elif count_told(report) < result.reservations:
                self.problems.append(
                    f"{result.name}: what became of {result.reservations - count_told(report):,} "
                    "reservations is unknown (was Redis emptied?): import it again to be sure"
                )
        return reports


def _span(text: str) -> tuple[date, date]:
    """Return the first and last day of FROM..TO. Raises: ValueError."""
    first, separator, last = text.partition("..")
    try:
        span = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        separator = ""
    if not separator or span[0] > span[1]:
        raise ValueError(f"--complete must be like 2026-01-01..2026-12-31, not {text}")
    return span


@contextmanager
def _regular_file(name: str) -> Iterator[Path]:
    """Give a path that can be read twice: standard input is copied to a temporary file."""
    if name != STANDARD_INPUT:
        yield Path(name)
        return
    with tempfile.NamedTemporaryFile(prefix="reservations-") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Path(copy.name)


def _ask_choice(question: str, choices: tuple[str, ...]) -> str:
    while True:
        answer = _input(f"{question} [{'/'.join(choices)}] ").strip()
        if answer in choices:
            return answer


def _ask_text(question: str, proposed: str) -> str:
    return _input(f"{question}{f' [{proposed}]' if proposed else ''}: ").strip() or proposed


def _input(question: str) -> str:
    """Return the answer of the terminal. Raises: CommandError when it ends (Ctrl-D)."""
    try:
        return input(question)
    except EOFError:
        raise CommandError("ended without an answer") from None
