"""CSV files that other programs write: unambiguous ones are read, others refused with the reason."""

import gzip
import io
import zipfile

import pytest

from data_provider.csv_loading.csv_reader import EventFile, RejectedRow, UnusableFile
from data_provider.event_validation import EventRow

COLUMNS = ["hotel_id", "status", "event_timestamp", "night_of_stay", "room_reservation_id", "note"]
VALUES = ["7", "1", "2024-03-01 10:00:00", "2024-05-01", "0" * 31 + "1", "x"]
ROW = EventRow(7, "2024-03-01 10:00:00", "0" * 31 + "1", "2024-05-01", 1, None)


def text(delimiter: str = ",", columns: list[str] = COLUMNS, **values: str) -> str:
    row = [values.get(name, value) for name, value in zip(COLUMNS, VALUES, strict=True)]
    return f"{delimiter.join(columns)}\n{delimiter.join(row)}\n"


def zipped(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), text())
    return packed.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\n" + text(";"),
        '\ufeff"sep=;"\r\n' + text(";"),
        "\ufeff\ufeff" + text(),
        "\u200b" + text(),
        '\ufeff\ufeff"hotel_id"' + text()[8:],
        text(columns=[f" {name.title()}\u00a0" for name in COLUMNS]),
        text(", "),
        text(", ", event_timestamp='"2024-03-01 10:00:00"', note='"a, b"'),
        text(event_timestamp="2024-03-01 10:00:00 UTC"),
        text(event_timestamp="2024-03-01 10:00:00 +0000"),
        text(event_timestamp="2024-03-01T12:00:00 +02:00"),
        text(note="a\0b"),
        gzip.compress(text().encode(), mtime=0) + b"\0\0padding",
        gzip.compress(text().encode(), mtime=0) + b"\0" * 512,
        zipped("events.csv"),
        zipped("events.csv", "__MACOSX/._events.csv", "readme.txt"),
    ],
)
def test_an_unambiguous_file_is_read(content: str | bytes) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    file = EventFile("test", io.BytesIO(raw))
    assert list(file.records()) == [ROW]
    assert file.lines_read == file.header_lines + 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (text("|"), r"needed are .* separated by comma, semicolon and tab. Line 1 is 'hotel_id\|"),
        ("sep=|\n" + text("|"), "known delimiters are comma, semicolon and tab"),
        ("sep=;\n" + text(), "separated by ';'. Line 2 is"),
        (zipped("a.csv", "b.csv"), "exactly one CSV file, not a.csv, b.csv"),
        (zipped("a.csv")[:60], "cannot be read"),
        (text().encode("utf-16-le"), "no text"),
        (text().encode("utf-16"), "UTF-16"),
    ],
)
def test_an_ambiguous_file_is_refused_with_what_was_read(content: str | bytes, reason: str) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    with pytest.raises(UnusableFile, match=reason):
        EventFile("test", io.BytesIO(raw))


def test_a_hotel_with_decimals_stays_refused() -> None:
    [record] = EventFile("test", io.BytesIO(text(hotel_id="77.0").encode())).records()
    assert isinstance(record, RejectedRow)
