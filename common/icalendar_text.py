"""Calendars as text in the format iCalendar (RFC 5545), for events of whole days.

Lines are folded at 75 octets without cutting a character, text is escaped, and what no text value
may hold (control characters) is left out. An event's last day is included, as people say it; in the
file DTEND is the day after, as the format wants it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

MAX_LINE_OCTETS: Final = 75  # without the line break (RFC 5545, 3.1)
PRODUCT: Final = "-//RoomPriceGenie//Events//EN"
CONTENT_TYPE: Final = "text/calendar; charset=utf-8"
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class AllDayEvent:
    """An event of whole days, the last one included."""

    uid: str  # the same for the same event each time, and of no other
    first: date
    last: date
    summary: str
    description: str = ""
    changed_at: datetime  # when it last changed, with a time zone


def calendar_text(name: str, events: Iterable[AllDayEvent]) -> str:
    """Return a calendar.

    Args:
        name: shown by calendar programs.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_escape(name)}",  # RFC 7986
        f"X-WR-CALNAME:{_escape(name)}",  # for programs that are older
    ]
    for event in events:
        lines += _event_lines(event)
    lines.append("END:VCALENDAR")
    return "".join(f"{_fold(line)}\r\n" for line in lines)


def _event_lines(event: AllDayEvent) -> list[str]:
    changed = f"{event.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    description = [f"DESCRIPTION:{_escape(event.description)}"] if event.description else []
    return [
        "BEGIN:VEVENT",
        f"UID:{_escape(event.uid)}",
        f"DTSTAMP:{changed}",
        f"LAST-MODIFIED:{changed}",
        f"DTSTART;VALUE=DATE:{event.first:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.last + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escape(event.summary)}",
        *description,
        "TRANSP:TRANSPARENT",  # nobody is busy because of it
        "END:VEVENT",
    ]


def _escape(text: str) -> str:
    """Return text as a value of type TEXT (RFC 5545, 3.3.11)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROLS.sub("", text)
    for special in ("\\", ";", ","):
        text = text.replace(special, f"\\{special}")
    return text.replace("\n", "\\n")


def _fold(line: str) -> str:
    """Return a line in pieces of at most 75 octets; each but the first begins with a blank."""
    pieces, octets = [""], 0
    for character in line:
        size = len(character.encode())
        if octets + size > MAX_LINE_OCTETS:
            pieces.append(" ")
            octets = 1
        pieces[-1] += character
        octets += size
    return "\r\n".join(pieces)
