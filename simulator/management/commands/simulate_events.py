"""`manage.py simulate_events`: write simulated events to a CSV file, or post them.

The same options give the same events, and the same bytes, every time. A file appears under its name
when it is complete, or not at all. Posting can be interrupted and repeated: the ledger does not
count an event twice. Every failure ends as one line that names the cause.
"""

import os
import sys
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.value_limits import MAX_BATCH_EVENTS, MAX_HOTEL_ID, MIN_YEAR
from data_provider.csv_loading.csv_columns import CSV_HEADER
from simulator.booking_history import simulate_hotels
from simulator.csv_files import write_csv_file
from simulator.event_posting import PostingFailed, PostingProgress, PostingTally, post_events
from simulator.invalid_csv_lines import add_invalid_lines
from simulator.simulated_event import SimulatedEvent

DEFAULT_EVENTS_PER_SECOND = 100.0
INTERRUPTED_EXIT_CODE = 130  # what a shell reports for a program that Ctrl-C ended


class Command(BaseCommand):
    help = "Simulates the events of small hotels: as CSV, or posted to the Data Provider."
    requires_system_checks = ()  # needs neither a database nor Redis

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--hotels", type=int, default=2, metavar="N", help="number of hotels (default: 2)")
        add("--first-hotel", type=int, default=1, metavar="ID",
            help="id of the first hotel (default: 1)")  # fmt: skip
        add("--rooms", type=int, metavar="N",
            help="rooms of every hotel (default: by its profile)")  # fmt: skip
        add("--from", default="2024-01-01", dest="first_night", metavar="DATE",
            help="first night (default: 2024-01-01)")  # fmt: skip
        add("--to", default="2025-12-31", dest="last_night", metavar="DATE",
            help="last night (default: 2025-12-31)")  # fmt: skip
        add("--seed", type=int, default=1, metavar="N",
            help="another seed gives other events (default: 1)")  # fmt: skip
        add("--dirty", type=float, default=0.0, metavar="SHARE",
            help="share of invalid lines, 0 to 1, added between the valid lines")  # fmt: skip
        add("--output", default="-", metavar="FILE",
            help="- is standard output; a name that ends with .gz is compressed")  # fmt: skip
        add("--post", action="store_true",
            help="post to the Data Provider instead of writing CSV")  # fmt: skip
        add("--rate", type=float, metavar="N", help="events per second (default: 100)")
        add("--url", help="URL of the Data Provider (default: EVENTS_API_BASE_URL)")
        add("--batch", type=int, metavar="N",
            help="events per request (default: the events of one second)")  # fmt: skip

    def handle(self, **options: Any) -> None:
        options["first_night"] = _parse_date("--from", options["first_night"])
        options["last_night"] = _parse_date("--to", options["last_night"])
        _check(options)
        try:
            events = _simulate(options)
            if options["post"]:
                self._post(events, options)
            else:
                self._write(events, options)
        except KeyboardInterrupt:
            self.stderr.write("Interrupted: no file was written, nothing was posted.")
            sys.exit(INTERRUPTED_EXIT_CODE)

    def _write(self, events: list[SimulatedEvent], options: dict[str, Any]) -> None:
        rng = Random(f"dirty/{options['seed']}")
        lines = add_invalid_lines((event.as_csv_line() for event in events), rng, options["dirty"])
        if options["output"] != "-":
            path = Path(options["output"])
            try:
                count = write_csv_file(path, lines)
            except OSError as error:
                raise CommandError(f"Cannot write {path}: {error.strerror}") from error
            self.stdout.write(f"{len(events):,} events simulated, {count:,} lines in {path}.")
            return
        try:
            self.stdout.write(CSV_HEADER)
            for line in lines:
                self.stdout.write(line)
            self.stdout.flush()
        except BrokenPipeError:
            # The reader closed the pipe, as `head` does. Python flushes standard output once more
            # at exit; that must not fail.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _post(self, events: list[SimulatedEvent], options: dict[str, Any]) -> None:
        rate = DEFAULT_EVENTS_PER_SECOND if options["rate"] is None else options["rate"]
        batch_size = options["batch"] or max(1, int(min(rate, MAX_BATCH_EVENTS)))
        url = (options["url"] or settings.EVENTS_API_BASE_URL).rstrip("/") + "/events/"
        tally = PostingTally(len(events))
        progress = PostingProgress(
            tally, is_terminal=self.stderr.isatty(), write_line=self.stderr.write
        )
        try:
            with progress:
                post_events(
                    events,
                    url,
                    events_per_second=rate,
                    batch_size=batch_size,
                    tally=tally,
                    progress=progress,
                )
        except KeyboardInterrupt:
            self.stderr.write(f"Interrupted: {tally}.")
            sys.exit(INTERRUPTED_EXIT_CODE)
        except PostingFailed as error:
            raise CommandError(f"{error} ({tally})") from error
        self.stdout.write(f"Done: {tally}.")


def _parse_date(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{option} {text!r} is no date: write YYYY-MM-DD") from error


def _check(options: dict[str, Any]) -> None:
    """Check ranges and combinations of options. Raises: CommandError about the first wrong one."""
    first, last = options["first_night"], options["last_night"]
    last_hotel = options["first_hotel"] + options["hotels"] - 1
    batch, rate, rooms = options["batch"], options["rate"], options["rooms"]
    max_batch = MAX_BATCH_EVENTS
    wrong = {
        f"--from {first} is after --to {last}": first > last,
        f"--from {first}: no nights before {MIN_YEAR}": first.year < MIN_YEAR,
        f"--hotels {options['hotels']}: at least 1": options["hotels"] < 1,
        f"--first-hotel {options['first_hotel']}: at least 1": options["first_hotel"] < 1,
        f"hotel {last_hotel}: hotel ids end at {MAX_HOTEL_ID}": last_hotel > MAX_HOTEL_ID,
        f"--rooms {rooms}: at least 1": rooms is not None and rooms < 1,
        # Negated, because every comparison with "nan" is false and "nan" must be refused too.
        f"--dirty {options['dirty']}: a share, 0 to 1": not 0 <= options["dirty"] <= 1,
        f"--rate {rate}: more than 0": rate is not None and not rate > 0,
        f"--batch {batch}: 1 to {max_batch}": batch is not None and not 1 <= batch <= max_batch,
        "--post writes no file: leave --output and --dirty away": options["post"]
        and (options["output"] != "-" or options["dirty"] > 0),
        "--rate, --url and --batch go with --post": not options["post"]
        and any(options[name] is not None for name in ("rate", "url", "batch")),
    }
    for message, is_wrong in wrong.items():
        if is_wrong:
            raise CommandError(message)


def _simulate(options: dict[str, Any]) -> list[SimulatedEvent]:
    first_hotel = options["first_hotel"]
    return simulate_hotels(
        range(first_hotel, first_hotel + options["hotels"]),
        options["rooms"],
        options["first_night"],
        options["last_night"],
        options["seed"],
    )
