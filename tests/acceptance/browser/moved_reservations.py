"""The real hotel's reservations, moved so that its data end about today.

All dates move by the same number of whole weeks, so that weekdays stay. What was booked, arrives or
was cancelled after today is as the source has it: the last bookings lie in the week before today,
and their nights in the weeks after.
"""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

SOURCE = "resort_hotel_reservations.csv.gz"
LAST_BOOKING = date(2017, 8, 31)  # of the source
DATE_COLUMNS = ("Booked on", "Arrival", "Departure", "Cancelled on")


def weeks_to(today: date) -> timedelta:
    """Return whole weeks after which the source's last booking is before a day."""
    return timedelta(days=((today - LAST_BOOKING).days - 1) // 7 * 7)


def moved_rows(source: Path, by: timedelta) -> Iterator[dict[str, str]]:
    """Yield the source's rows with all dates moved, one at a time."""
    with gzip.open(source, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            moved = {name: _moved(row[name], by) for name in DATE_COLUMNS}
            yield {**row, **moved}


def _moved(text: str, by: timedelta) -> str:
    if not text:
        return ""
    moment = datetime.fromisoformat(text) + by
    return moment.isoformat(" ") if len(text) > 10 else moment.date().isoformat()


def write_moved(shared_data: Path, target: Path, every: int) -> int:
    """Write each `every`-th of the reservations, moved to today, as CSV; return how many."""
    by = weeks_to(datetime.now(UTC).date())
    count = 0
    with target.open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for row in islice(moved_rows(shared_data / SOURCE, by), 0, None, every):
            if writer is None:
                writer = csv.DictWriter(file, list(row))
                writer.writeheader()
            writer.writerow(row)
            count += 1
    return count
