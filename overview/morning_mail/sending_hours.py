"""When the morning mail of a day is due: once on each day of the hotel's own calendar.

An hour that the clock skips in spring is due when the clock has skipped it; of an hour that comes
twice in autumn, the first one counts.

Pure: no database, no clock.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def sending_moment(time_zone: str, hour: int, day: date) -> datetime:
    """Return when the mail of a day is due, in UTC."""
    # With fold=0 a skipped hour has the offset of before, and so lies behind the gap.
    return datetime.combine(day, time(hour), ZoneInfo(time_zone)).astimezone(UTC)


def next_sending(time_zone: str, hour: int, after: datetime) -> datetime:
    """Return the first moment after a moment at which a mail is due, in UTC."""
    day = after.astimezone(ZoneInfo(time_zone)).date() - timedelta(days=1)
    while (moment := sending_moment(time_zone, hour, day)) <= after:
        day += timedelta(days=1)
    return moment


def due_day(time_zone: str, hour: int, now: datetime) -> date | None:
    """Return the local day whose mail is due by now; None before its hour.

    A mail that was missed (nothing ran) is due until its day is over, and not on the next one.
    """
    today = now.astimezone(ZoneInfo(time_zone)).date()
    return today if sending_moment(time_zone, hour, today) <= now else None
