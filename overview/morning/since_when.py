"""Since when the morning tells what came in: the last visit, yesterday's same hour, or any moment.

Pure: no database, no clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from django.utils.translation import gettext as _
from rest_framework import serializers

LAST_VISIT: Final = "last-visit"
YESTERDAY: Final = "yesterday"
LONGEST: Final = timedelta(days=31)  # of a span; more is no morning's news
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)


class SinceField(serializers.Field):
    """`last-visit`, `yesterday` or an ISO 8601 time; without an offset it is UTC."""

    def to_internal_value(self, data: Any) -> str | datetime:
        if data in (LAST_VISIT, YESTERDAY):
            return str(data)
        wrong = _("must be %(names)s or a time like 2026-07-01T08:00Z") % {
            "names": f"{LAST_VISIT}, {YESTERDAY}"
        }
        if not isinstance(data, str) or not _MOMENT.fullmatch(data):
            raise serializers.ValidationError(wrong)
        try:
            moment = datetime.fromisoformat(data)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise serializers.ValidationError(wrong) from error


@dataclass(frozen=True)
class SinceWhen:
    """The chosen moment, and what else may be chosen."""

    moment: datetime
    kind: Literal["last-visit", "yesterday", "chosen"]
    yesterday: datetime
    last_visit: datetime | None  # None where there was none
    is_shortened: bool  # the last visit was longer ago than LONGEST

    @property
    def parameter(self) -> str:
        """The value of `since` in the address that shows the same."""
        if self.kind == "chosen":
            return self.moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self.kind


def choose_moment(
    asked: str | datetime | None, last_visit: datetime | None, local_now: datetime
) -> SinceWhen:
    """Return since when the page tells what came in.

    Args:
        asked: as `SinceField` reads it; None for the last visit, or yesterday before the second.
        last_visit: when the reader's last visit ended; None if there was none.
        local_now: in the hotel's time zone.
    Raises:
        ValidationError: a moment that is in the future, or more than LONGEST ago.
    """
    yesterday = same_hour_yesterday(local_now)
    earliest = local_now - LONGEST
    if isinstance(asked, datetime):
        if not earliest <= asked <= local_now:
            raise serializers.ValidationError(
                {"since": [_("must lie within the last %(days)d days") % {"days": LONGEST.days}]}
            )
        return SinceWhen(asked, "chosen", yesterday, last_visit, is_shortened=False)
    if asked == YESTERDAY or last_visit is None:
        return SinceWhen(yesterday, "yesterday", yesterday, last_visit, is_shortened=False)
    return SinceWhen(
        max(last_visit, earliest.replace(minute=0, second=0, microsecond=0)),
        "last-visit",
        yesterday,
        last_visit,
        is_shortened=last_visit < earliest,
    )


def same_hour_yesterday(local_now: datetime) -> datetime:
    """Return the beginning of the present hour, a calendar day earlier by the hotel's clock."""
    hour = local_now.replace(minute=0, second=0, microsecond=0, fold=0)
    # Arithmetic on a local time is by the clock, so that 8 o'clock stays 8 o'clock in spring.
    return hour - timedelta(days=1)
