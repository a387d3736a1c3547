"""The demonstration's events in files: what came until it was made, and what comes later.

One simulation is cut at the moment when the demonstration is made, which is kept beside the files.
That moment decides every byte of them, so files that are missing are made again as they were, and
two processes that make them at once make the same. No event of `events` lies after the moment; the
events of `coming` happen while the demonstration goes on living, for about a year.
"""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from data_provider import ledger
from data_provider.event_validation import parse_event
from simulator.booking_history import simulate_history
from simulator.csv_files import write_csv_file
from simulator.demonstration_hotels import (
    NIGHTS_AHEAD,
    NIGHTS_BEHIND,
    DemonstrationHotel,
    demonstration_hotels,
)
from simulator.simulated_event import SimulatedEvent

FOLDER = "demonstration"  # under DATA_DIR
SEED = 1
_MOMENT_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


class DemonstrationFiles(NamedTuple):
    """A demonstration that was made."""

    made_at: datetime  # UTC, whole seconds
    events: Path  # .csv.gz
    coming: Path  # .csv.gz

    @property
    def hotels(self) -> tuple[DemonstrationHotel, ...]:
        """The hotels, as of the day on which the demonstration was made."""
        return demonstration_hotels(self.made_at.date())

    def reservations(self) -> set[str]:
        """Return the ids of all reservations, also of those to come. Raises: OSError."""
        files = (self.events, self.coming)
        return {row["room_reservation_id"] for file in files for row in _rows(file)}

    def is_recorded(self) -> bool:
        """Return whether the ledger has the first event. Raises: OSError, django.db.Error."""
        first, _ = parse_event(_as_json(next(_rows(self.events))))
        return first is not None and ledger.count_recorded([first]) > 0

    def coming_events(self, after: datetime, until: datetime) -> Iterator[dict[str, str]]:
        """Yield the events with `after` < timestamp <= `until`, as `parse_event` takes them.

        Raises: OSError.
        """
        # As text, which sorts like the times do.
        first, last = f"{after:%Y-%m-%d %H:%M:%S}", f"{until:%Y-%m-%d %H:%M:%S}"
        for row in _rows(self.coming):
            if row["event_timestamp"] > last:
                return
            if row["event_timestamp"] > first:
                yield _as_json(row)


def simulate_demonstration(
    moment: datetime,
) -> tuple[list[SimulatedEvent], list[SimulatedEvent]]:
    """Return the events until a moment, and those after it, each in order of time."""
    today = moment.date()
    first, last = today - timedelta(days=NIGHTS_BEHIND), today + timedelta(days=NIGHTS_AHEAD)
    events: list[SimulatedEvent] = []
    for hotel in demonstration_hotels(today):
        events += simulate_history(hotel.profile, first, last, SEED, hotel.groups)
    events.sort(key=attrgetter("event_timestamp"))
    numbered = [event._replace(id=number) for number, event in enumerate(events, 1)]
    end = sum(event.event_timestamp <= moment for event in numbered)
    return numbered[:end], numbered[end:]


def find_demonstration(folder: Path) -> DemonstrationFiles | None:
    """Return the demonstration that was made in a folder; None if none was. Raises: OSError."""
    try:
        text = (folder / "made_at").read_text(errors="replace").strip()
        made_at = datetime.strptime(text, _MOMENT_FORMAT).replace(tzinfo=UTC)
    except (FileNotFoundError, ValueError):  # none, or cut short while it was written
        return None
    return DemonstrationFiles(made_at, folder / "events.csv.gz", folder / "coming_events.csv.gz")


def make_demonstration(folder: Path, moment: datetime) -> DemonstrationFiles:
    """Return the demonstration of a folder; make it as of a moment where there is none.

    Raises: OSError.
    """
    files = find_demonstration(folder)
    if files is None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "made_at").write_text(f"{moment.astimezone(UTC):{_MOMENT_FORMAT}}\n")
        files = find_demonstration(folder)  # what all others read, too
        assert files is not None
    if not (files.events.exists() and files.coming.exists()):
        events, coming = simulate_demonstration(files.made_at)
        write_csv_file(files.coming, (event.as_csv_line() for event in coming))
        write_csv_file(files.events, (event.as_csv_line() for event in events))
    return files


def _as_json(row: dict[str, str]) -> dict[str, str]:
    """Return an event as a JSON body has it: without the values that it does not have."""
    return {name: text for name, text in row.items() if text and name != "id"}


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file, "rt", newline="") as lines:
        yield from csv.DictReader(lines)
