"""Calendars of whole days: folded, escaped, with the day after the last as their end."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.icalendar_text import AllDayEvent, calendar_text

pytestmark = pytest.mark.unit

CHANGED = datetime(2025, 3, 1, 9, 30, tzinfo=ZoneInfo("Asia/Tokyo"))


def calendar_of(summary: str, description: str = "", name: str = "Seaview") -> str:
    event = AllDayEvent(
        uid="1@x", first=date(2025, 5, 1), last=date(2025, 5, 4), summary=summary,
        description=description, changed_at=CHANGED,
    )  # fmt: skip
    return calendar_text(name, [event])


def value(text: str, name: str) -> str:
    """Return a property's text, read as a calendar program does: unfolded, then unescaped."""
    unfolded = text.replace("\r\n ", "")
    [line] = [line for line in unfolded.split("\r\n") if line.startswith(f"{name}:")]
    raw = line.partition(":")[2]
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], raw)


def test_an_event_of_four_nights() -> None:
    assert calendar_of("Fair", "Factor 1.2").split("\r\n") == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//RoomPriceGenie//Events//EN",
        "CALSCALE:GREGORIAN", "METHOD:PUBLISH", "NAME:Seaview", "X-WR-CALNAME:Seaview",
        "BEGIN:VEVENT", "UID:1@x", "DTSTAMP:20250301T003000Z", "LAST-MODIFIED:20250301T003000Z",
        "DTSTART;VALUE=DATE:20250501", "DTEND;VALUE=DATE:20250505", "SUMMARY:Fair",
        "DESCRIPTION:Factor 1.2", "TRANSP:TRANSPARENT", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip


def test_an_end_at_the_end_of_the_year() -> None:
    event = AllDayEvent(
        uid="1", first=date(2025, 12, 31), last=date(2025, 12, 31), summary="New Year",
        changed_at=datetime(2025, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    assert "DTEND;VALUE=DATE:20260101" in calendar_text("A", [event])


def test_a_calendar_without_events() -> None:
    assert calendar_text("A", []).endswith("X-WR-CALNAME:A\r\nEND:VCALENDAR\r\n")


@given(st.text(), st.text('\\;,:\r\n"^é\N{GRINNING FACE}', max_size=200))
def test_any_text_is_read_as_it_was_and_makes_no_line_of_its_own(first: str, second: str) -> None:
    text = calendar_of(first, second, name=first)
    lines = text.encode().split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert all(line.decode() is not None for line in lines), "no character is cut"
    assert "\n" not in text.replace("\r\n", "")

    def expected(one: str) -> str:
        one = one.replace("\r\n", "\n").replace("\r", "\n")
        return re.sub("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "", one)

    assert value(text, "SUMMARY") == expected(first)
    assert not second or value(text, "DESCRIPTION") == expected(second)
    assert text.replace("\r\n ", "").count("\r\nBEGIN:") == 1
