"""The events of an iCalendar file (RFC 5545) as nights: single, recurring, moved, cancelled.

The nights of an event are its days: of one of whole days from its first to its last, of one with
times from the evening on which it begins; what ends before six in the morning ends on the evening
before. Times in UTC are read in the hotel's time zone; those with a zone of their own are taken as
they stand, because they are those of the place. What cannot be read of an entry leaves that entry
out and is counted, never the file.

Strangers write these files: length, number of entries and occurrences are limited.

Pure: no database, no clock.
"""

from __future__ import annotations

import hashlib
import re
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from pricing_service.event_calendars.recurrence import Rule, UnknownRule, parse_rule

MOST_ENTRIES: Final = 5_000
MOST_OCCURRENCES: Final = 2_000  # of all entries within the span
# A weekly market is no special demand: what is on so often is left out.
MOST_OF_ONE_ENTRY: Final = 30  # a year
MOST_EXCEPTIONS: Final = 2_000  # of one entry
LONGEST_NIGHTS: Final = 366
MAX_NAME_CHARACTERS: Final = 60  # as of an event of the pricing rules
PATIENCE_SECONDS: Final = 5.0
MORNING_HOUR: Final = 6
ONE_DAY: Final = timedelta(days=1)
_DURATION = re.compile(
    r"\+?P(?:([0-9]{1,4})W)?(?:([0-9]{1,4})D)?"
    r"(?:T(?:([0-9]{1,5})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,7})S)?)?"
)
_STAMP = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z)?)?")


class NoCalendar(ValueError):
    """The text is no iCalendar file, or one that cannot be read to its end."""


@dataclass(frozen=True)
class CalendarEvent:
    """An occurrence of an entry; its last night is included."""

    key: str  # of the entry and the occurrence: the same each time the file is read
    uid: str  # of the entry
    name: str
    first: date
    last: date


@dataclass
class CalendarContent:
    """The events of a span, in order of time, and what was left out."""

    events: list[CalendarEvent] = field(default_factory=list)
    unreadable: int = 0  # entries
    too_often: int = 0  # entries
    unknown_rules: int = 0  # entries of which only the first occurrence is known


class Line(NamedTuple):
    """A content line."""

    name: str
    parameters: dict[str, str]
    value: str


class _Unreadable(ValueError):
    """An entry cannot be read."""


def read_calendar(text: str, zone: tzinfo, first: date, last: date) -> CalendarContent:
    """Return the events that touch a span of nights.

    Args:
        zone: the hotel's.
    Raises: NoCalendar.
    """
    if not re.match(r"\s*BEGIN:VCALENDAR", text, re.IGNORECASE):
        raise NoCalendar(_("it is no iCalendar file: it does not begin with BEGIN:VCALENDAR"))
    end_of_patience = time.monotonic() + PATIENCE_SECONDS
    content = CalendarContent()
    entries: list[_Entry] = []
    for lines in _entries(text):
        if len(entries) + content.unreadable >= MOST_ENTRIES:
            raise NoCalendar(
                _("it has more than %(count)s entries") % {"count": f"{MOST_ENTRIES:,}"}
            )
        try:
            entries.append(_Entry.read(lines, zone))
        except (ValueError, OverflowError):
            content.unreadable += 1
    replaced: dict[str, set[date]] = {}
    for entry in entries:
        if entry.replaces is not None:
            replaced.setdefault(entry.uid, set()).add(entry.replaces)
    for entry in entries:
        if time.monotonic() > end_of_patience:
            raise NoCalendar(_("its recurring entries take too long to read"))
        try:
            found = _occurrences(entry, replaced.get(entry.uid, set()), first, last, content)
        except OverflowError:  # a night after the last one that there is
            content.unreadable += 1
            continue
        content.events += found
        if len(content.events) > MOST_OCCURRENCES:
            raise NoCalendar(
                _("it has more than %(count)s events in the coming years")
                % {"count": f"{MOST_OCCURRENCES:,}"}
            )
    unique = {event.key: event for event in content.events}
    content.events = sorted(unique.values(), key=lambda event: (event.first, event.last, event.key))
    return content


@dataclass(frozen=True)
class _Entry:
    uid: str
    name: str
    start: date  # night
    nights: int
    is_cancelled: bool
    rule: Rule | None
    has_unknown_rule: bool
    more: frozenset[date]
    exceptions: frozenset[date]
    replaces: date | None  # an occurrence of the entry of the same uid

    @classmethod
    def read(cls, lines: list[Line], zone: tzinfo) -> _Entry:
        """Raises: ValueError, OverflowError."""
        by_name: dict[str, Line] = {}
        more: set[date] = set()
        exceptions: set[date] = set()
        for line in lines:
            if line.name in ("RDATE", "EXDATE"):
                dates = exceptions if line.name == "EXDATE" else more
                values = line.value.split(",", MOST_EXCEPTIONS + 1)
                dates |= {_moment(value.partition("/")[0], zone).date() for value in values}
                if len(dates) > MOST_EXCEPTIONS:
                    raise _Unreadable("too many dates")
            else:
                by_name.setdefault(line.name, line)
        if "DTSTART" not in by_name:
            raise _Unreadable("no start")
        name = _text(by_name["SUMMARY"].value if "SUMMARY" in by_name else "")
        if not name:
            raise _Unreadable("no name")
        begin = _moment(by_name["DTSTART"].value, zone)
        last = _last_night(by_name, begin, zone)
        uid = by_name["UID"].value.strip() if "UID" in by_name else ""
        rule, is_unknown = None, False
        if "RRULE" in by_name:
            try:
                rule = parse_rule(by_name["RRULE"].value, lambda text: _moment(text, zone).date())
            except UnknownRule:
                is_unknown = True
        replaces = None
        if "RECURRENCE-ID" in by_name:
            replaces = _moment(by_name["RECURRENCE-ID"].value, zone).date()
        return cls(
            uid=_digest(uid or f"{name}\n{begin.date()}"),
            name=name,
            start=begin.date(),
            nights=(last - begin.date()).days + 1,
            is_cancelled=_value(by_name, "STATUS") == "CANCELLED",
            rule=rule,
            has_unknown_rule=is_unknown,
            more=frozenset(more),
            exceptions=frozenset(exceptions),
            replaces=replaces,
        )


def _occurrences(
    entry: _Entry, replaced: set[date], first: date, last: date, content: CalendarContent
) -> list[CalendarEvent]:
    """Return an entry's events of the span; count in the content what is left out."""
    if entry.is_cancelled:
        return []
    if entry.has_unknown_rule:
        content.unknown_rules += 1
    length = timedelta(days=entry.nights - 1)
    starts = {entry.start}
    if entry.rule and entry.replaces is None:
        starts = set(entry.rule.days(entry.start, first - length, last)) or starts
    if entry.replaces is None:
        starts = (starts | entry.more) - entry.exceptions - replaced
    is_one = not entry.rule and not entry.more and entry.replaces is None
    events = [
        CalendarEvent(
            # A single event keeps its key when its dates move.
            key=entry.uid if is_one else _digest(f"{entry.uid}\n{entry.replaces or start}"),
            uid=entry.uid,
            name=entry.name,
            first=start,
            last=start + length,
        )
        for start in starts
        if start + length >= first and start <= last
    ]
    years = max((last - first).days / 365.25, 1.0)
    if len(events) > MOST_OF_ONE_ENTRY * years:
        content.too_often += 1
        return []
    return events


def _entries(text: str) -> Iterator[list[Line]]:
    """Yield the lines of each VEVENT, without those of what is nested in it."""
    depth = 0
    lines: list[Line] | None = None
    for line in _lines(text):
        if line.name == "BEGIN":
            if lines is None and line.value.strip().upper() == "VEVENT":
                lines, depth = [], 0
            elif lines is not None:
                depth += 1
        elif line.name == "END" and lines is not None:
            if depth == 0:
                yield lines
                lines = None
            else:
                depth -= 1
        elif lines is not None and depth == 0 and line.name in _WANTED:
            lines.append(line)


_WANTED: Final = {
    "UID", "SUMMARY", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID",
    "STATUS",
}  # fmt: skip


def _lines(text: str) -> Iterator[Line]:
    """Yield content lines, unfolded."""
    unfolded: list[str] = []
    for line in re.split(r"\r\n|\n|\r", text):
        if line[:1] in (" ", "\t") and unfolded:
            unfolded.append(line[1:])
            continue
        if unfolded:
            yield _split("".join(unfolded))
        unfolded = [line]
    if unfolded:
        yield _split("".join(unfolded))


def _split(line: str) -> Line:
    """Return a line's name, parameters and value; a quoted parameter may hold any sign."""
    pieces: list[str] = []
    begin, is_quoted = 0, False
    for place, sign in enumerate(line):
        if sign == '"':
            is_quoted = not is_quoted
        elif not is_quoted and sign in ";:":
            pieces.append(line[begin:place])
            begin = place + 1
            if sign == ":":
                break
    else:
        return Line("", {}, "")
    pairs = (piece.partition("=") for piece in pieces[1:])
    parameters = {name.upper(): value.strip('"') for name, _, value in pairs}
    return Line(pieces[0].strip().upper(), parameters, line[begin:])


def _moment(value: str, zone: tzinfo) -> datetime:
    """Return a date (as its midnight) or a time on the clocks of the place. Raises: ValueError."""
    match = _STAMP.fullmatch(value.strip().upper())
    if not match:
        raise _Unreadable(f"is no date: {value[:40]}")
    if match[2] is None:
        return datetime.strptime(match[1], "%Y%m%d")
    clock = match[2][:4] + "59" if match[2][4:] == "60" else match[2]  # a leap second
    moment = datetime.strptime(match[1] + clock, "%Y%m%d%H%M%S")
    if match[3]:
        moment = moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    return moment


def _last_night(by_name: dict[str, Line], begin: datetime, zone: tzinfo) -> date:
    """Raises: ValueError, OverflowError."""
    is_whole_days = "T" not in by_name["DTSTART"].value.upper()
    if "DTEND" in by_name:
        end = _moment(by_name["DTEND"].value, zone)
    elif "DURATION" in by_name:
        end = begin + _duration(by_name["DURATION"].value)
    else:
        end = begin + (ONE_DAY if is_whole_days else timedelta(0))
    last = end.date()
    if end.date() > begin.date() and end.hour < MORNING_HOUR:
        last -= ONE_DAY
    last = max(last, begin.date())
    if (last - begin.date()).days >= LONGEST_NIGHTS:
        raise _Unreadable("longer than a year")
    return last


def _duration(text: str) -> timedelta:
    match = _DURATION.fullmatch(text.strip().upper())
    if not match:
        raise _Unreadable(f"is no duration: {text[:40]}")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _value(by_name: dict[str, Line], name: str) -> str:
    return by_name[name].value.strip().upper() if name in by_name else ""


def _text(value: str) -> str:
    """Return a value of type TEXT as a name: one line, without control characters, cut."""
    text = re.sub(r"\\(.)", lambda match: " " if match[1] in "nN" else match[1], value)
    plain = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    return " ".join(plain.split())[:MAX_NAME_CHARACTERS].strip()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
