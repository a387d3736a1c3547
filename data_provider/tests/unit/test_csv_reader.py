"""The CSV reader: valid events, rejected rows and blank lines of a file."""

import csv
import gzip
import io
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_provider.csv_loading.csv_reader import BlankLine, EventFile, RejectedRow, UnusableFile
from data_provider.event_validation import EventRow

COLUMNS = ["hotel_id", "status", "event_timestamp", "night_of_stay", "room_reservation_id", "id"]
VALUES = [
    "7",
    "1",
    "2024-03-01 10:00:00",
    "2024-05-01",
    "3f2b8c1e-0d4a-4b6e-9a51-000000000001",
    "9",
]
ROW = EventRow(7, "2024-03-01 10:00:00", "3f2b8c1e0d4a4b6e9a51000000000001", "2024-05-01", 1, 9)


def records(content: str | bytes) -> list[EventRow | RejectedRow | BlankLine]:
    raw = content if isinstance(content, bytes) else content.encode()
    return list(EventFile("test", io.BytesIO(raw)).records())


def text(*lines: list[str], delimiter: str = ",") -> str:
    return "".join(delimiter.join(line) + "\n" for line in lines)


@pytest.mark.parametrize(
    "content",
    [
        text(COLUMNS, VALUES),
        "\ufeff" + text(COLUMNS, VALUES),
        text(COLUMNS, VALUES).replace("\n", "\r\n"),
        text(COLUMNS, VALUES).rstrip("\n"),
        text(COLUMNS, VALUES, delimiter=";"),
        text(COLUMNS[::-1], VALUES[::-1]),
        text([*COLUMNS, "remark"], [*VALUES, '"web, and\nphone"']),
        text(COLUMNS, [f'"{value}"' for value in VALUES]),
        text(COLUMNS, [f" {value} " for value in VALUES]),
        gzip.compress(text(COLUMNS, VALUES).encode()),
        text([*COLUMNS, "caf\xe9"], [*VALUES, "\xe9"]).encode("latin-1"),
    ],
)
def test_every_supported_file_format_gives_the_same_event(content: str | bytes) -> None:
    assert records(content) == [ROW]


def test_a_quote_inside_an_unquoted_value_is_part_of_the_value() -> None:
    remarks = ['5" bed', "", "", "", '6" bed', '"two\nlines"', 'a "good" room']
    content = text([*COLUMNS, "remark"], *[[*VALUES, remark] for remark in remarks])
    assert records(content) == [ROW] * len(remarks)


def test_a_header_longer_than_the_csv_field_limit_is_one_clear_error() -> None:
    with pytest.raises(UnusableFile, match="is no CSV"):
        records("[" + "x" * 200_000)


def test_an_unclosed_quote_costs_its_own_line_only() -> None:
    lines = [COLUMNS, VALUES, [*VALUES[:-1], '"open'], *[VALUES] * 100]
    result = records(text(*lines))
    assert [type(record) for record in result[:3]] == [EventRow, RejectedRow, EventRow]
    assert result[1].line == 3  # type: ignore[union-attr]  # a RejectedRow, by the line above
    assert result.count(ROW) == 101


@given(
    st.lists(
        st.one_of(
            st.just(VALUES),
            st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\0")), max_size=8),
        ),
        max_size=10,
    )
)
def test_every_row_is_reported_with_its_line_number(rows: list[list[str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    starts = []
    for row in rows:
        starts.append(out.getvalue().count("\n") + 1)
        writer.writerow(row)
    result = records(out.getvalue())
    assert len(result) == len(rows)
    for start, row, record in zip(starts, rows, result, strict=True):
        if row == VALUES:
            assert record == ROW
        elif isinstance(record, RejectedRow | BlankLine):
            assert record.line == start


@given(st.binary(max_size=300))
def test_no_bytes_after_the_header_break_the_loader(junk: bytes) -> None:
    content = text(COLUMNS).encode() + junk.replace(b"\0", b" ") + b"\n" + text(VALUES).encode()
    result = records(content)
    assert result[-1] == ROW or b'"' in junk


class WithoutCanonicalMatcher(EventFile):
    """Validates every line field by field."""

    def _canonical_matcher(self) -> tuple[Callable[[str], re.Match[str] | None], list[str]]:
        return re.compile("(?!)").fullmatch, []


def spellings(*texts: str) -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(texts), st.text("0123456789-: TabcdefzZ+,\"' ٣", max_size=12))


LINE = st.tuples(
    spellings("7", "07", "0", "2147483647", "999999999", "2147483648"),
    spellings("1", "2", "3", "01"),
    st.one_of(
        st.datetimes().map(str),
        spellings("2024-02-30 10:00:00", "2024-02-29T23:59:59", "1899-12-31 10:00:00",
                  "2024-03-01 24:00:00", "2024-03-01 10:00:60", "2024-03-01 10:00:00Z"),
    ),
    st.one_of(st.dates().map(str), spellings("2023-02-29", "2024-02-29", "2200-01-01")),
    st.one_of(st.uuids().map(str), spellings("3F2B8C1E-0D4A-4B6E-9A51-000000000001", "3f2b")),
    spellings("", "9", "009", "9" * 18, "9" * 19, "-1"),
)  # fmt: skip


@given(st.lists(LINE, max_size=8), st.permutations(range(6)), st.sampled_from(",;\t"))
def test_the_canonical_matcher_gives_the_same_rows_as_field_by_field_validation(
    lines: list[tuple[str, ...]], order: list[int], delimiter: str
) -> None:
    content = text(*([line[i] for i in order] for line in [tuple(COLUMNS), *lines]),
                   delimiter=delimiter).encode()  # fmt: skip
    assert records(content) == list(WithoutCanonicalMatcher("test", io.BytesIO(content)).records())
    assert records(text(COLUMNS, VALUES).encode() + content)[0] == ROW


def test_a_damaged_file_yields_the_rows_before_the_damage() -> None:
    packed = gzip.compress(text(COLUMNS, *[VALUES] * 50_000).encode(), 1)
    result = []
    with pytest.raises(UnusableFile, match=r"damaged after line \d\d\d+"):
        for record in EventFile("test", io.BytesIO(packed[:-2000])).records():
            result.append(record)
    assert len(result) > 1000
    assert set(result) == {ROW}


def test_an_endless_line_is_rejected_instead_of_held_in_memory() -> None:
    result = records(text(COLUMNS) + "x" * 2_500_000 + "\n" + text(VALUES))
    assert [type(record) for record in result] == [RejectedRow, EventRow]
