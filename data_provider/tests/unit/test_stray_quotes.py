"""A quote that is never meant to open a value costs its own line, and no other."""

import gzip
import io
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_provider.csv_loading.csv_reader import BlankLine, EventFile, RejectedRow, UnusableFile
from data_provider.event_validation import EventRow

HEADER = "hotel_id;status;event_timestamp;night_of_stay;room_reservation_id;comment"


def line(number: int, comment: str = "", delimiter: str = ";") -> str:
    values = ["7", "1", "2024-03-01 10:00:00", "2024-05-01", f"{number:032x}", comment]
    return delimiter.join(values)


def read(content: str | bytes) -> tuple[EventFile, list[EventRow | RejectedRow | BlankLine]]:
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
    file = EventFile("test", io.BytesIO(raw))
    return file, list(file.records())


def numbers(records: list[EventRow | RejectedRow | BlankLine]) -> list[int]:
    return [int(record.room_reservation_id, 16) for record in records if type(record) is EventRow]


def check_sum(file: EventFile, records: list[EventRow | RejectedRow | BlankLine]) -> None:
    assert file.lines_read == file.header_lines + len(records) + file.inner_lines


def test_two_stray_quotes_swallow_none_of_twelve_rows() -> None:
    comments = {3: '"sea view', 8: 'wants "quiet"', 12: '"late arrival'}
    lines = [line(n, comments.get(n, "note")) for n in range(1, 13)]
    file, records = read("\n".join([HEADER, *lines]) + "\n")
    assert numbers(records) == [1, 2, 4, 5, 6, 7, 8, 9, 10, 11]
    rejected = [record for record in records if isinstance(record, RejectedRow)]
    assert [row.line for row in rejected] == [4, 13]
    assert "would swallow" in rejected[0].reason
    assert "never closed" in rejected[1].reason
    check_sum(file, records)


@pytest.mark.parametrize(
    ("comments", "recorded", "inner"),
    [
        (['"two\nlines"', "x"], [0, 1], 1),  # a real comment of several lines
        (['"one\n\nthree"', "x"], [0, 1], 2),
        (['"he said ""hello\nthere"""', "x"], [0, 1], 1),
        (['"open', 'closed"', "x"], [1, 2], 0),
        (['"open', '"open', '"open', '"open"'], [3], 0),
        (['"a', 'b" c', "x"], [1, 2], 0),
        (['"5" bed', "x"], [0, 1], 0),
        (['"', '"', "x"], [2], 0),
    ],
)
def test_only_a_quoted_value_spans_lines(
    comments: list[str], recorded: list[int], inner: int
) -> None:
    file, records = read("\n".join([HEADER, *(line(n, c) for n, c in enumerate(comments))]))
    assert numbers(records) == recorded
    assert file.inner_lines == inner
    check_sum(file, records)


def test_a_comment_of_several_lines_may_be_the_first_column() -> None:
    columns = HEADER.split(";")[::-1]
    row = line(1, '"two\nlines"').split(";")[::-1]
    file, records = read("\n".join([";".join(columns), ";".join(row)]))
    assert numbers(records) == [1]
    assert len(records) == 1
    check_sum(file, records)


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        ("{0}\r{1}\r{2}\r", "EE"),
        ("{0}\r\r\n{1}\r\r\n{2}", "BEBE"),
        ("{0}\n\x0c\n{1}\n", "BE"),
        ("{0}\n{1}\u2028x\u2029\x0b\x85\n{2}\n", "EE"),
        ("{0}\n" + "x" * 2_500_000 + "\n{1}", "RE"),
        ("{0}\n" + "x" * 1_000_000 + "\n{1}", "RE"),
        ("{0}\n{1}" + "x" * 1_100_000 + "\n{2}", "RE"),
        ("{0}\n{1}" + "x" * 1_100_000, "R"),
    ],
)
def test_lines_end_with_cr_or_lf_only(content: str, kinds: str) -> None:
    file, records = read(content.format(HEADER, line(1), line(2)))
    letters = {EventRow: "E", RejectedRow: "R", BlankLine: "B"}
    assert "".join(letters[type(record)] for record in records) == kinds
    check_sum(file, records)


def test_a_damaged_file_gives_the_lines_that_an_open_quote_gathered() -> None:
    rows = [line(n, f"{random.Random(n).random()}") for n in range(40_000)]
    packed = gzip.compress("\n".join([HEADER, *(row + ';"x' for row in rows)]).encode(), 1)
    file = EventFile("test", io.BytesIO(packed[:-3000]))
    records = []
    with pytest.raises(UnusableFile, match="damaged after line"):
        for record in file.records():
            records.append(record)
    assert len(records) > 1000
    check_sum(file, records)


def test_a_file_full_of_stray_quotes_takes_linear_time() -> None:
    def seconds(count: int) -> float:
        content = "\n".join([HEADER, *['x;"y' + "z" * 80] * count])
        began = time.process_time()
        read(content)
        return time.process_time() - began

    seconds(100)
    assert seconds(8_000) < 30 * max(seconds(1_000), 0.01)


MUTATIONS = st.lists(
    st.tuples(
        st.integers(0, 11),
        st.sampled_from(["quote", "delimiter", "end", "cut", "nul", "byte", "swap"]),
        st.integers(0, 200),
    ),
    max_size=5,
)


def mutate(text: bytes, kind: str, place: int) -> bytes:
    place %= len(text) + 1
    before, after = text[:place], text[place:]
    inserted = {"quote": b'"', "delimiter": b";", "nul": b"\0", "byte": b"\xff"}
    if kind in inserted:
        return before + inserted[kind] + after
    if kind == "end":
        return before + b"\r" + after
    return before if kind == "cut" else before + after[:2][::-1] + after[2:]


@given(MUTATIONS, st.sampled_from([b"\n", b"\r\n", b"\r"]), st.sampled_from([";", ",", "\t"]))
def test_every_untouched_line_is_recorded(
    mutations: list[tuple[int, str, int]], end: bytes, delimiter: str
) -> None:
    lines = [line(n, f'note "{n}"', delimiter).encode() for n in range(12)]
    for number, kind, place in mutations:
        lines[number] = mutate(lines[number], kind, place)
    content = end.join([HEADER.replace(";", delimiter).encode(), *lines]) + end
    file, records = read(content)
    touched = {number for number, _, _ in mutations}
    assert set(range(12)) - touched <= set(numbers(records))
    check_sum(file, records)


@pytest.mark.parametrize("row", ['a";"\n', 'x";"\n\n\n\n\n', 'x";"\n;;;;;\n', '"";a";"\n7;1\n'])
def test_each_line_is_validated_once_whatever_quotes_stand_before_it(
    row: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of these quotes opens a value that stays open over every line that follows.

    2 MB of such lines took up to seven minutes.
    """
    validated = 0
    parse_row = EventFile._parse_row

    def count(file: EventFile, number: int, text: str, fields: list[str]) -> object:
        nonlocal validated
        validated += 1
        return parse_row(file, number, text, fields)

    monkeypatch.setattr(EventFile, "_parse_row", count)
    file, records = read(f"{HEADER}\n" + row * 300)
    check_sum(file, records)
    assert validated < 4 * file.lines_read


def test_blank_lines_are_not_validated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(EventFile, "_parse_row_at")
    _, records = read(f"{HEADER}\n" + "\n\r\n" * 1000)
    assert [record.line for record in records if isinstance(record, BlankLine)] == [*range(2, 2002)]
