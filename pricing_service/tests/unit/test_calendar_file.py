"""iCalendar files of strangers as nights: the spellings, recurring events, and hostile files."""

import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.icalendar_text import AllDayEvent, calendar_text
from pricing_service.event_calendars import calendar_file
from pricing_service.event_calendars.calendar_file import (
    CalendarContent,
    NoCalendar,
    read_calendar,
)
from pricing_service.tests.hotels import today

pytestmark = pytest.mark.unit

FIRST, LAST = date(2024, 1, 1), date(2028, 12, 31)
ZONE = ZoneInfo("Europe/Berlin")


def read(*entries: str) -> CalendarContent:
    blocks = "".join(f"BEGIN:VEVENT\r\n{entry}\r\nEND:VEVENT\r\n" for entry in entries)
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{blocks}END:VCALENDAR\r\n"
    return read_calendar(text, ZONE, FIRST, LAST)


def nights(*entries: str) -> list[tuple[str, str]]:
    return [(str(event.first), str(event.last)) for event in read(*entries).events]


@pytest.mark.parametrize(
    ("lines", "first", "last"),
    [
        ("DTSTART;VALUE=DATE:20270503\r\nDTEND;VALUE=DATE:20270506", "2027-05-03", "2027-05-05"),
        ("DTSTART;VALUE=DATE:20270503", "2027-05-03", "2027-05-03"),
        ("DTSTART;VALUE=DATE:20270503\r\nDURATION:P1W", "2027-05-03", "2027-05-09"),
        ("DTSTART:20270503T180000\r\nDTEND:20270504T020000", "2027-05-03", "2027-05-03"),
        ("DTSTART:20270503T180000\r\nDTEND:20270505T120000", "2027-05-03", "2027-05-05"),
        ("DTSTART:20270503T223000Z\r\nDURATION:PT2H", "2027-05-04", "2027-05-04"),
        ('DTSTART;TZID="A:B;C":20270503T233000', "2027-05-03", "2027-05-03"),
        ("DTSTART:20270503\r\nDTEND:20270501", "2027-05-03", "2027-05-03"),
    ],
)
def test_the_nights_of_an_event(lines: str, first: str, last: str) -> None:
    assert nights(f"UID:1\r\nSUMMARY:Fair\r\n{lines}") == [(first, last)]


@pytest.mark.parametrize(
    ("rule", "starts"),
    [
        ("FREQ=YEARLY;COUNT=3", ["2024-05-06", "2025-05-06", "2026-05-06"]),
        ("FREQ=YEARLY;INTERVAL=2;UNTIL=20280506T000000Z", ["2024-05-06", "2026-05-06", "2028-05-06"]),
        ("FREQ=YEARLY;BYMONTH=9;BYDAY=3SA;COUNT=2", ["2024-09-21", "2025-09-20"]),
        ("FREQ=MONTHLY;BYDAY=-1SU;COUNT=3", ["2024-05-26", "2024-06-30", "2024-07-28"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2", ["2024-05-31", "2024-06-30"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=4", ["2024-05-06", "2024-05-08", "2024-05-20", "2024-05-22"]),
        ("FREQ=DAILY;COUNT=2;BYHOUR=9", ["2024-05-06", "2024-05-07"]),
        ("FREQ=YEARLY;BYWEEKNO=20", ["2024-05-06"]),  # not known: the first one alone
    ],
)  # fmt: skip
def test_recurring_events(rule: str, starts: list[str]) -> None:
    entry = f"UID:1\r\nSUMMARY:Fair\r\nDTSTART;VALUE=DATE:20240506\r\nRRULE:{rule}"
    assert [first for first, _ in nights(entry)] == starts


def test_exceptions_more_dates_moved_and_cancelled_occurrences() -> None:
    series = (
        "UID:1\r\nSUMMARY:Fair\r\nDTSTART;VALUE=DATE:20240506\r\nRRULE:FREQ=YEARLY;COUNT=4\r\n"
        "EXDATE;VALUE=DATE:20250506\r\nRDATE;VALUE=DATE:20251010,20251111"
    )
    moved = (
        "UID:1\r\nSUMMARY:Moved\r\nRECURRENCE-ID;VALUE=DATE:20260506\r\nDTSTART;VALUE=DATE:20260601"
    )
    gone = "UID:1\r\nSUMMARY:Fair\r\nRECURRENCE-ID:20270506\r\nDTSTART:20270506\r\nSTATUS:CANCELLED"
    assert [first for first, _ in nights(gone, series, moved)] == [
        "2024-05-06", "2025-10-10", "2025-11-11", "2026-06-01",
    ]  # fmt: skip


def test_an_event_keeps_its_key_when_it_moves() -> None:
    def keys(day: str, name: str = "Fair") -> list[str]:
        return [e.key for e in read(f"UID:x\r\nSUMMARY:{name}\r\nDTSTART:{day}").events]

    assert keys("20270503") == keys("20270610", "Another name")
    assert keys("20270503") != [
        e.key for e in read("UID:y\r\nSUMMARY:F\r\nDTSTART:20270503").events
    ]


def test_names_are_one_line_of_text() -> None:
    [event] = read("UID:1\r\nSUMMARY:A\\, b\\nc \r\n \x07d\\\\e\r\nDTSTART:20270503").events
    assert event.name == "A, b c d\\e"
    [event] = read(f"UID:1\r\nSUMMARY:{'ö' * 100}\r\nDTSTART:20270503").events
    assert event.name == "ö" * 60


def test_our_own_calendars_are_read_back() -> None:
    written = AllDayEvent(
        uid="a", first=date(2027, 5, 3), last=date(2027, 5, 5), summary="Messe; groß, " * 8,
        changed_at=datetime(2026, 1, 1, tzinfo=ZONE),
    )  # fmt: skip
    [event] = read_calendar(calendar_text("x", [written]), ZONE, FIRST, LAST).events
    assert (event.first, event.last) == (written.first, written.last)
    assert event.name == ("Messe; groß, " * 8)[:60].strip()


def test_what_cannot_be_read_is_left_out_and_counted() -> None:
    content = read(
        "UID:1\r\nSUMMARY:Fair\r\nDTSTART:20270503", "UID:2\r\nDTSTART:20270503",
        "UID:3\r\nSUMMARY:No start", "UID:4\r\nSUMMARY:A\r\nDTSTART:20270231",
        "UID:5\r\nSUMMARY:Market\r\nDTSTART:20240101\r\nRRULE:FREQ=WEEKLY",
        "UID:6\r\nSUMMARY:Long\r\nDTSTART:20270101\r\nDTEND:20290101",
        "UID:7\r\nSUMMARY:End\r\nDTSTART:99991231\r\nDURATION:P9999W",
    )  # fmt: skip
    assert [event.name for event in content.events] == ["Fair"]
    assert (content.unreadable, content.too_often) == (5, 1)


def test_hostile_files_end_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar_file, "PATIENCE_SECONDS", 0.3)
    entry = "UID:{n}\r\nSUMMARY:A\r\nDTSTART:19000101\r\nRRULE:FREQ=DAILY;COUNT=9999;BYMONTH=2;BYMONTHDAY=30"
    begin = time.monotonic()
    with pytest.raises(NoCalendar, match="too long"):
        read(*(entry.format(n=n) for n in range(4_000)))
    assert time.monotonic() - begin < 5
    with pytest.raises(NoCalendar, match="entries"):
        read(*["UID:1\r\nSUMMARY:A\r\nDTSTART:20270503"] * 5_001)
    for text in ("", "<html>", "BEGIN:VEVENT", "\0" * 1_000):
        with pytest.raises(NoCalendar):
            read_calendar(text, ZONE, FIRST, LAST)


@given(
    st.lists(st.text('BEGINDVTRULFSMYAX:;=,"\\ -\r\n0123456789TZ', max_size=60), max_size=12).map(
        "\r\n".join
    )
)
def test_no_entry_breaks_the_reader(lines: str) -> None:
    read(lines)


def test_recurrence_is_bounded_by_its_span() -> None:
    far = today() - timedelta(days=36_500)
    entry = f"UID:1\r\nSUMMARY:A\r\nDTSTART:{far:%Y%m%d}\r\nRRULE:FREQ=YEARLY"
    assert len(nights(entry)) == 5


def test_a_date_at_the_end_of_all_dates_spoils_its_own_entry_only() -> None:
    endless = "UID:2\r\nSUMMARY:Long\r\nDTSTART;VALUE=DATE:20270503\r\nDTEND;VALUE=DATE:20270506"
    endless += "\r\nRDATE;VALUE=DATE:99991231"
    content = read(endless, "UID:1\r\nSUMMARY:Fair\r\nDTSTART;VALUE=DATE:20270503")
    assert [event.name for event in content.events] == ["Fair"]
    assert content.unreadable == 1
