"""The lines of a file by reservation, wherever they stand in it, in bounded memory.

A temporary SQLite file holds them until the whole file was read.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import orjson

SQL_TABLES = """
    CREATE TABLE part (hotel INTEGER, number TEXT, line INTEGER, lines INTEGER, content BLOB,
      text TEXT)"""
# Reservations in the order of their first lines: exports are in order of time, as the ledger is.
SQL_READ = """
    SELECT part.hotel, part.number, line, lines, content, text
    FROM part JOIN (
      SELECT hotel, number, min(line) AS first FROM part GROUP BY hotel, number
    ) AS reservation ON part.hotel = reservation.hotel AND part.number = reservation.number
    ORDER BY first, line"""


class StoredLine(NamedTuple):
    """One line of a reservation."""

    line: int
    lines: int  # that it takes in the file
    part: dict[str, Any] | None  # None where the line is invalid
    text: str


class LineStore:
    """A context manager that deletes its file.

    Args:
        folder: where the file lies meanwhile; None for the system's temporary one.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="reservations-", dir=folder)
        path = Path(self._folder.name) / "lines.sqlite3"
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(SQL_TABLES)
        self._database.execute("BEGIN")

    def __enter__(self) -> "LineStore":
        return self

    def __exit__(self, *_: Any) -> None:
        self._database.close()
        self._folder.cleanup()

    def add(self, hotel: int, number: str, line: int, lines: int, part: Any, text: str) -> None:
        """Store a line of a reservation; `part` is None where the line is invalid."""
        self._database.execute(
            "INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)",
            (hotel, number, line, lines, orjson.dumps(part),
             text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")),
        )  # fmt: skip

    def index(self) -> None:
        """Prepare for reading, after the last line."""
        self._database.execute("CREATE INDEX reservation ON part (hotel, number, line)")

    def reservations(self) -> Iterator[tuple[int, str, list[StoredLine]]]:
        """Yield the hotel, the number and the lines of each reservation."""
        rows = self._database.execute(SQL_READ)
        for (hotel, number), group in groupby(rows, key=itemgetter(0, 1)):
            yield (
                hotel,
                number,
                [StoredLine(row[2], row[3], orjson.loads(row[4]), row[5]) for row in group],
            )

    def hotels(self) -> list[int]:
        """Return the hotels of the file."""
        return [row[0] for row in self._database.execute("SELECT DISTINCT hotel FROM part")]

    def has(self, hotel: int, number: str) -> bool:
        """Return whether the file has a line of a reservation, valid or not."""
        query = "SELECT 1 FROM part WHERE hotel = ? AND number = ? LIMIT 1"
        return self._database.execute(query, (hotel, number)).fetchone() is not None
