"""Rejected lines hold what strangers wrote; whoever opens the file runs none of it."""

import csv
from pathlib import Path
from typing import Any

import pytest

from data_provider.csv_loading import rejects_file
from data_provider.csv_loading.csv_reader import RejectedRow
from data_provider.csv_loading.rejects_file import RejectsFile


def written(settings: Any, tmp_path: Path, *rows: RejectedRow) -> list[list[str]]:
    settings.DATA_DIR = tmp_path
    with RejectsFile("events.csv", "0123456789") as rejects:
        for row in rows:
            rejects.write(row)
    assert rejects.path
    with rejects.path.open(newline="") as file:
        return list(csv.reader(file))[1:]


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1-1", "-x,1", "@A1", "\t=1"])
def test_a_line_that_would_be_a_formula_is_text(settings: Any, tmp_path: Path, text: str) -> None:
    assert written(settings, tmp_path, RejectedRow(2, "status", text)) == [
        ["2", "status", f"'{text}".replace("\t=", "\t'=")]
    ]


def test_a_value_inside_a_line_and_in_the_reason_is_text_too(settings: Any, tmp_path: Path) -> None:
    """A program that splits at semicolons would take it for a cell."""
    [row] = written(settings, tmp_path, RejectedRow(2, "status 'x;=A1'", "7;=A1;-3;1"))
    assert row == ["2", "status 'x;'=A1'", "7;'=A1;-3;1"]


def test_other_lines_stay_as_they_are(settings: Any, tmp_path: Path) -> None:
    text = "7,-3,2024-03-01 10:00:00,2024-05-01,0123"
    assert written(settings, tmp_path, RejectedRow(2, "status -3", text)) == [
        ["2", "status -3", text]
    ]


def test_tiny_bad_lines_fill_no_disk(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would take twenty times its own size, mostly by the reason."""
    monkeypatch.setattr(rejects_file, "FREE_CHARACTERS", 10_000)
    settings.DATA_DIR = tmp_path
    with RejectsFile("events.csv", "0123456789") as rejects:
        for number in range(10_000):
            rejects.write(RejectedRow(number, "expected 5 values, the line has 1", "x"))
    assert rejects.path and 9_000 < rejects.path.stat().st_size < 11_000
    lines = len(rejects.path.read_text().splitlines()) - 1
    assert f"{rejects.path} ends after the first {lines:,} rejected lines" in rejects.problem
    assert rejects.written == lines


def test_rejected_rows_of_usual_length_are_all_kept(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rejects_file, "FREE_CHARACTERS", 0)
    text = "7,1,2024-13-01 10:00:00,2024-05-01,00000000-0000-0000-0000-000000000000"
    reason = "event_timestamp '2024-13-01 10:00:00': month must be in 1..12, expected as 2024-03-01"
    rows = written(settings, tmp_path, *[RejectedRow(n, reason, text) for n in range(1_000)])
    assert len(rows) == 1_000
