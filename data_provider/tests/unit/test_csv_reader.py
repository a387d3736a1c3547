"""A CSV file as valid events, rejects and blank lines."""

import csv
import gzip
import io
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_provider.csv_loading.csv_reader import Blank, EventFile, Reject, UnusableFile
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


def records(content: str | bytes) -> list[EventRow | Reject | Blank]:
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
        text([*COLUMNS, "channel"], [*VALUES, '"web, and\nphone"']),
        text(COLUMNS, [f'"{value}"' for value in VALUES]),
        text(COLUMNS, [f" {value} " for value in VALUES]),
        gzip.compress(text(COLUMNS, VALUES).encode()),
        text([*COLUMNS, "caf\xe9"], [*VALUES, "\xe9"]).encode("latin-1"),
    ],
)
def test_forms_that_mean_the_same(content: str | bytes) -> None:
    assert records(content) == [ROW]


def test_a_quote_inside_a_value_is_part_of_it() -> None:
    remarks = ['5" bed', "", "", "", '6" bed', '"two\nlines"', 'a "good" room']
    content = text([*COLUMNS, "remark"], *[[*VALUES, remark] for remark in remarks])
    assert records(content) == [ROW] * len(remarks)


def test_a_first_line_beyond_every_measure_is_one_clear_error() -> None:
    with pytest.raises(UnusableFile, match="is no CSV"):
        records("[" + "x" * 200_000)


def test_an_unclosed_quote_costs_its_own_line_only() -> None:
    lines = [COLUMNS, VALUES, [*VALUES[:-1], '"open'], *[VALUES] * 100]
    found = records(text(*lines))
    assert [type(record) for record in found[:3]] == [EventRow, Reject, EventRow]
    assert found[1].line == 3  # type: ignore[union-attr]  # it is a Reject, as just seen
    assert found.count(ROW) == 101


@given(
    st.lists(
        st.one_of(
            st.just(VALUES),
            st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\0")), max_size=8),
        ),
        max_size=10,
    )
)
def test_every_record_is_accounted_for_at_its_line(rows: list[list[str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    starts = []
    for row in rows:
        starts.append(out.getvalue().count("\n") + 1)
        writer.writerow(row)
    found = records(out.getvalue())
    assert len(found) == len(rows)
    for start, row, record in zip(starts, rows, found, strict=True):
        if row == VALUES:
            assert record == ROW
        elif isinstance(record, Reject | Blank):
            assert record.line == start


@given(st.binary(max_size=300))
def test_no_bytes_after_the_header_break_the_loader(junk: bytes) -> None:
    content = text(COLUMNS).encode() + junk.replace(b"\0", b" ") + b"\n" + text(VALUES).encode()
    found = records(content)
    assert found[-1] == ROW or b'"' in junk


class ByTheRules(EventFile):
    """Knows no line by its looks."""

    def _canonical_line(self) -> tuple[Callable[[str], re.Match[str] | None], list[str]]:
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
def test_a_line_known_by_its_looks_means_what_the_rules_say(
    lines: list[tuple[str, ...]], order: list[int], delimiter: str
) -> None:
    content = text(*([line[i] for i in order] for line in [tuple(COLUMNS), *lines]),
                   delimiter=delimiter).encode()  # fmt: skip
    assert records(content) == list(ByTheRules("test", io.BytesIO(content)).records())
    assert records(text(COLUMNS, VALUES).encode() + content)[0] == ROW


def test_a_damaged_file_gives_what_was_valid_before() -> None:
    packed = gzip.compress(text(COLUMNS, *[VALUES] * 50_000).encode(), 1)
    found = []
    with pytest.raises(UnusableFile, match=r"damaged after line \d\d\d+"):
        for record in EventFile("test", io.BytesIO(packed[:-2000])).records():
            found.append(record)
    assert len(found) > 1000
    assert set(found) == {ROW}


def test_a_line_without_an_end_is_cut_and_not_held_in_memory() -> None:
    found = records(text(COLUMNS) + "x" * 2_500_000 + "\n" + text(VALUES))
    assert [type(record) for record in found] == [Reject, Reject, Reject, EventRow]
