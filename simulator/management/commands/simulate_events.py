"""Simulated hotels from the command line: a CSV file, or events posted to a running Data Provider.

The same options give the same events, and the same bytes, every time. A file appears under its name
when it is complete, or not at all. Posting can be interrupted and repeated: the ledger knows the
events that it already has. Whatever goes wrong ends as one line that names the cause.
"""

import gzip
import os
import sys
import time
from collections.abc import Iterable
from datetime import date
from operator import attrgetter
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper
from rich.console import Console
from rich.progress import Progress

from simulator.hotel_simulation import (
    CSV_HEADER,
    SimulatedEvent,
    hotel_profile,
    simulate,
    with_dirty_lines,
)

MAX_HOTEL_ID = 2_147_483_647
MAX_BATCH = 10_000  # the most that POST /events/ takes in one array
DEFAULT_RATE = 100.0
FIRST_YEAR = 1900  # leaves room for the lead times before the first night

CONNECT_TIMEOUT_SECONDS, ANSWER_TIMEOUT_SECONDS = 5, 60
# A server that is being restarted is back within these pauses; a longer absence is worth a word.
RETRY_PAUSES_SECONDS = (0.5, 1, 2, 4)
PLAIN_PROGRESS_SECONDS = 5
REASON_CHARACTERS = 500

INTERRUPTED_EXIT_CODE = 130  # what a shell reports for a program that Ctrl-C ended


class Command(BaseCommand):
    help = "Simulates the events of small hotels: as CSV, or posted to the Data Provider."
    requires_system_checks = ()  # needs neither a database nor Redis

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--hotels", type=int, default=2, metavar="N", help="how many (default: 2)")
        add("--first-hotel", type=int, default=1, metavar="ID", help="id of the first (default: 1)")
        add("--rooms", type=int, metavar="N", help="of every hotel (default: by its profile)")
        add("--from", default="2024-01-01", dest="first_night", metavar="DATE",
            help="first night (default: 2024-01-01)")  # fmt: skip
        add("--to", default="2025-12-31", dest="last_night", metavar="DATE",
            help="last night (default: 2025-12-31)")  # fmt: skip
        add("--seed", type=int, default=1, metavar="N", help="another seed, other events")
        add("--dirty", type=float, default=0.0, metavar="SHARE",
            help="share of invalid lines, 0 to 1, added between the events' lines")  # fmt: skip
        add("--output", default="-", metavar="FILE", help="- is standard output; .gz compresses")
        add("--post", action="store_true", help="post to the Data Provider instead of writing")
        add("--rate", type=float, metavar="N", help="events per second (default: 100)")
        add("--url", help="of the Data Provider (default: EVENTS_API_BASE_URL)")
        add("--batch", type=int, metavar="N", help="events per request (default: one second's)")

    def handle(self, **options: Any) -> None:
        options["first_night"] = _day("--from", options["first_night"])
        options["last_night"] = _day("--to", options["last_night"])
        _check(options)
        try:
            if options["post"]:
                self._post(_events(options), options)
            else:
                self._write(_events(options), options)
        except KeyboardInterrupt:
            self.stderr.write("Interrupted: no file was written, nothing was posted.")
            sys.exit(INTERRUPTED_EXIT_CODE)

    def _write(self, events: list[SimulatedEvent], options: dict[str, Any]) -> None:
        rng = Random(f"dirty/{options['seed']}")
        body = with_dirty_lines((event.as_csv_line() for event in events), rng, options["dirty"])
        if options["output"] != "-":
            path = Path(options["output"])
            lines = _write_file(path, body)
            self.stdout.write(f"{len(events):,} events simulated, {lines:,} lines in {path}.")
            return
        try:
            self.stdout.write(CSV_HEADER)
            for line in body:
                self.stdout.write(line)
            self.stdout.flush()
        except BrokenPipeError:
            # The reader has enough, like `head`. What is still buffered must not fail at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _post(self, events: list[SimulatedEvent], options: dict[str, Any]) -> None:
        rate = DEFAULT_RATE if options["rate"] is None else options["rate"]
        size = options["batch"] or max(1, int(min(rate, MAX_BATCH)))
        url = (options["url"] or settings.EVENTS_API_BASE_URL).rstrip("/") + "/events/"
        tally = _Tally(len(events))
        try:
            with requests.Session() as session, _Shown(self.stderr, tally) as shown:
                started = time.monotonic()
                for first in range(0, len(events), size):
                    time.sleep(max(0.0, started + first / rate - time.monotonic()))
                    batch = [event.as_json() for event in events[first : first + size]]
                    tally.add(len(batch), *_post_patiently(session, url, batch, shown))
                    shown.update()
        except KeyboardInterrupt:
            self.stderr.write(f"Interrupted: {tally}.")
            sys.exit(INTERRUPTED_EXIT_CODE)
        except _RefusedError as error:
            raise CommandError(f"{error} ({tally})") from error
        self.stdout.write(f"Done: {tally}.")


class _RefusedError(Exception):
    """The events did not go in, and the message says why."""


class _UnavailableError(_RefusedError):
    """… but a later attempt may succeed."""


class _Tally:
    """What became of the events so far."""

    def __init__(self, total: int) -> None:
        self.total, self.posted, self.created, self.duplicates = total, 0, 0, 0

    def add(self, posted: int, created: int, duplicates: int) -> None:
        self.posted += posted
        self.created += created
        self.duplicates += duplicates

    def __str__(self) -> str:
        return (
            f"{self.posted:,} of {self.total:,} events were posted, "
            f"{self.created:,} new, {self.duplicates:,} already known"
        )


class _Shown:
    """The tally on standard error: a bar on a terminal, else a line every few seconds."""

    def __init__(self, stderr: OutputWrapper, tally: _Tally) -> None:
        self._stderr, self._tally = stderr, tally
        self._terminal = stderr.isatty()
        self._bar = Progress(console=Console(stderr=True), disable=not self._terminal)
        self._task = self._bar.add_task("Posting events", total=tally.total)
        self._next_line_at = time.monotonic() + PLAIN_PROGRESS_SECONDS

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def update(self) -> None:
        self._bar.update(self._task, completed=self._tally.posted)
        if not self._terminal and time.monotonic() >= self._next_line_at:
            self._next_line_at = time.monotonic() + PLAIN_PROGRESS_SECONDS
            self.say(f"{self._tally}")

    def say(self, text: str) -> None:
        if self._terminal:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            self._stderr.write(text)


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{option} {text!r} is no date: write YYYY-MM-DD") from error


def _check(options: dict[str, Any]) -> None:
    """Refuse options that make no sense, with one line about the first of them."""
    first, last = options["first_night"], options["last_night"]
    last_hotel = options["first_hotel"] + options["hotels"] - 1
    batch, rate, rooms = options["batch"], options["rate"], options["rooms"]
    wrong = {
        f"--from {first} is after --to {last}": first > last,
        f"--from {first}: no nights before {FIRST_YEAR}": first.year < FIRST_YEAR,
        f"--hotels {options['hotels']}: at least 1": options["hotels"] < 1,
        f"--first-hotel {options['first_hotel']}: at least 1": options["first_hotel"] < 1,
        f"hotel {last_hotel}: hotel ids end at {MAX_HOTEL_ID}": last_hotel > MAX_HOTEL_ID,
        f"--rooms {rooms}: at least 1": rooms is not None and rooms < 1,
        # Asked this way round so that "nan" is wrong too.
        f"--dirty {options['dirty']}: a share, 0 to 1": not 0 <= options["dirty"] <= 1,
        f"--rate {rate}: more than 0": rate is not None and not rate > 0,
        f"--batch {batch}: 1 to {MAX_BATCH}": batch is not None and not 1 <= batch <= MAX_BATCH,
        "--post writes no file: leave --output and --dirty away": options["post"]
        and (options["output"] != "-" or options["dirty"] > 0),
        "--rate, --url and --batch go with --post": not options["post"]
        and any(options[name] is not None for name in ("rate", "url", "batch")),
    }
    for message, is_wrong in wrong.items():
        if is_wrong:
            raise CommandError(message)


def _events(options: dict[str, Any]) -> list[SimulatedEvent]:
    """The events of all hotels in the order of time, numbered through as one sender would."""
    first_hotel, seed = options["first_hotel"], options["seed"]
    events: list[SimulatedEvent] = []
    for hotel_id in range(first_hotel, first_hotel + options["hotels"]):
        profile = hotel_profile(hotel_id, options["rooms"])
        events += simulate(profile, options["first_night"], options["last_night"], seed)
    events.sort(key=attrgetter("event_timestamp"))
    return [event._replace(id=number) for number, event in enumerate(events, 1)]


def _write_file(path: Path, body: Iterable[str]) -> int:
    """Write header and body under another name, then rename; return the lines of the body."""
    # A link is followed, so that it stays; a device or a pipe is written to, never replaced.
    target = path.resolve()
    in_place = target.exists() and not target.is_file()
    draft = target if in_place else target.with_name(f".{target.name}.{os.getpid()}.draft")
    lines = 0
    try:
        with draft.open("wb") as raw:
            # Neither name nor time in the gzip header: the same events are the same bytes.
            packed = gzip.GzipFile("", "wb", fileobj=raw, mtime=0) if path.suffix == ".gz" else raw
            with packed as file:
                file.write(f"{CSV_HEADER}\n".encode())
                for lines, line in enumerate(body, 1):  # noqa: B007 - the count is the answer
                    file.write(f"{line}\n".encode())
        if not in_place:
            draft.replace(target)
    except OSError as error:
        raise CommandError(f"Cannot write {path}: {error.strerror}") from error
    finally:
        if not in_place:
            draft.unlink(missing_ok=True)
    return lines


def _post_patiently(
    session: requests.Session, url: str, batch: list[dict[str, int | str]], shown: _Shown
) -> tuple[int, int]:
    """Post a batch, again after a pause if need be; safe, as the ledger counts nothing twice."""
    for pause in RETRY_PAUSES_SECONDS:
        try:
            return _post_once(session, url, batch)
        except _UnavailableError as error:
            shown.say(f"{error} Trying again in {pause:g} s.")
            time.sleep(pause)
    return _post_once(session, url, batch)


def _post_once(
    session: requests.Session, url: str, batch: list[dict[str, int | str]]
) -> tuple[int, int]:
    """Post a batch; return how many events were new and how many already known."""
    timeout = (CONNECT_TIMEOUT_SECONDS, ANSWER_TIMEOUT_SECONDS)
    try:
        response = session.post(url, json=batch, timeout=timeout, allow_redirects=False)
    except requests.Timeout as error:
        raise _UnavailableError(f"{url} did not answer in time.") from error
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
        raise _UnavailableError(f"No connection to {url}: does the server run there?") from error
    except requests.RequestException as error:
        raise _RefusedError(f"Cannot post to {url}: {error}") from error
    reason = " ".join(response.text.split())[:REASON_CHARACTERS]
    if response.status_code >= 500:
        raise _UnavailableError(f"{url} answered {response.status_code}: {reason}")
    if response.status_code not in (200, 201):
        raise _RefusedError(f"{url} answered {response.status_code}: {reason}")
    try:
        answer = response.json()
        return int(answer["created"]), int(answer["duplicates"])
    except (ValueError, KeyError, TypeError) as error:
        raise _RefusedError(f"{url} is no Data Provider: it answered {reason!r}") from error
