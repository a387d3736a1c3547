"""A small file that unpacks without end is read up to a limit, and the message says what to do."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from typing import BinaryIO, cast

import pytest

from data_provider.csv_loading import decompression
from data_provider.csv_loading.csv_reader import EventFile, UnusableFile
from data_provider.csv_loading.line_reader import MAX_LINE_CHARACTERS

HEADER = "hotel_id,status,event_timestamp,night_of_stay,room_reservation_id\n"
EVENT = "7,1,2024-03-01 10:00:00,2024-05-01,{:032x}\n"
BLANK_LINES = HEADER + EVENT.format(1) + "\n" * 1_000_000


class Drips(io.BytesIO):
    """A pipe that has a few bytes at a time."""

    def readinto(self, buffer: object) -> int:
        return super().readinto(memoryview(buffer)[:64])  # type: ignore[arg-type]  # a buffer


@pytest.fixture(autouse=True)
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decompression, "UNLIMITED_BYTES", 100_000)


def packed(content: str, kind: str) -> BinaryIO:
    raw = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("events.csv", content)
    else:
        raw.write(gzip.compress(content.encode()))
    raw.seek(0)
    return raw


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_blank_lines_without_end_are_read_up_to_the_limit(kind: str) -> None:
    file = EventFile("bomb", packed(BLANK_LINES, kind))
    records = file.records()
    with pytest.raises(UnusableFile) as caught:
        for _ in records:
            pass
    message = str(caught.value)
    assert message.startswith("bomb is not read further than line ")
    assert "unpacks to more than 200 times its size" in message
    assert "set MAX_UNPACK_RATIO" in message
    assert 90_000 < file.lines_read < 1_000_000


def test_what_stood_before_is_not_lost() -> None:
    records: Iterator[object] = EventFile("bomb", packed(BLANK_LINES, "gz")).records()
    assert type(next(records)).__name__ == "EventRow"


def test_a_header_without_end() -> None:
    with pytest.raises(UnusableFile, match="cannot be read: it unpacks to more than 200 times"):
        EventFile("bomb", packed("x" * 50_000_000, "gz"))


def test_no_limit(settings: object) -> None:
    settings.MAX_UNPACK_RATIO = 0  # type: ignore[attr-defined]  # pytest-django's fixture
    assert sum(1 for _ in EventFile("large", packed(BLANK_LINES, "gz")).records()) == 1_000_001


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_the_most_repetitive_events_pass(kind: str) -> None:
    """One stay of a thousand nights after the other, all booked in the same second."""
    nights = [f"{year}-{month:02}-{day:02}" for year in range(2020, 2024)
              for month in range(1, 13) for day in range(1, 22)]  # fmt: skip
    rows = [
        f"7,1,2024-03-01 10:00:00,{night},{number * 7**40 % 2**128:032x}\n"
        for number in range(1, 31) for night in nights
    ]  # fmt: skip
    file = EventFile("events", packed(HEADER + "".join(rows), kind))
    assert sum(1 for _ in file.records()) == len(rows) == 30 * len(nights)


def test_a_pipe_that_has_no_size_is_limited_too() -> None:
    with pytest.raises(UnusableFile, match="200 times"):
        for _ in EventFile(
            "-", Drips(cast(io.BytesIO, packed(BLANK_LINES, "gz")).read())
        ).records():
            pass


def test_a_long_line_in_small_pieces() -> None:
    long = "x" * (MAX_LINE_CHARACTERS + 100)
    file = EventFile("-", Drips((HEADER + long + "\n" + EVENT.format(1)).encode()))
    rejected, event = file.records()
    assert "longer than" in str(rejected)
    assert type(event).__name__ == "EventRow"
