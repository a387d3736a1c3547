"""Since when the morning tells: the last visit, yesterday's same hour by the hotel's clock, or a time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from rest_framework.exceptions import ValidationError

from overview.morning.since_when import (
    LAST_VISIT,
    LONGEST,
    YESTERDAY,
    SinceField,
    choose_moment,
    same_hour_yesterday,
)

ZURICH = ZoneInfo("Europe/Zurich")
NOW = datetime(2026, 11, 25, 8, 41, 7, tzinfo=ZURICH)
VISIT = datetime(2026, 11, 24, 9, 3, tzinfo=UTC)


def test_it_is_the_last_visit_unless_something_else_is_asked() -> None:
    since = choose_moment(None, VISIT, NOW)
    assert (since.moment, since.kind, since.parameter) == (VISIT, "last-visit", LAST_VISIT)
    assert choose_moment(YESTERDAY, VISIT, NOW).kind == "yesterday"


def test_without_a_last_visit_it_is_yesterday() -> None:
    for asked in (None, LAST_VISIT, YESTERDAY):
        since = choose_moment(asked, None, NOW)
        assert since.moment == datetime(2026, 11, 24, 8, tzinfo=ZURICH)
        assert since.parameter == YESTERDAY


@pytest.mark.parametrize(
    ("now", "yesterday"),
    [
        # Clocks went forward at 2 o'clock of the 29th of March, back at 3 of the 25th of October.
        (datetime(2026, 3, 29, 8, 30, tzinfo=ZURICH), datetime(2026, 3, 28, 7, tzinfo=UTC)),
        (datetime(2026, 10, 25, 8, 30, tzinfo=ZURICH), datetime(2026, 10, 24, 6, tzinfo=UTC)),
    ],
)
def test_eight_o_clock_stays_eight_o_clock_when_clocks_change(
    now: datetime, yesterday: datetime
) -> None:
    assert same_hour_yesterday(now) == yesterday


def test_a_visit_of_long_ago_is_shortened() -> None:
    since = choose_moment(None, NOW - timedelta(days=90), NOW)
    assert since.is_shortened
    assert LONGEST <= NOW - since.moment < LONGEST + timedelta(hours=1)


@pytest.mark.parametrize("moment", [NOW + timedelta(seconds=1), NOW - LONGEST - timedelta(1)])
def test_a_moment_out_of_reach_is_refused(moment: datetime) -> None:
    with pytest.raises(ValidationError, match="last 31 days"):
        choose_moment(moment, VISIT, NOW)


def test_a_time_without_offset_is_utc() -> None:
    field = SinceField()
    assert field.to_internal_value("2026-11-24T07:00") == datetime(2026, 11, 24, 7, tzinfo=UTC)
    assert field.to_internal_value("2026-11-24T08:00:30+01:00") == datetime(
        2026, 11, 24, 7, 0, 30, tzinfo=UTC
    )
    chosen = choose_moment(datetime(2026, 11, 24, 7, tzinfo=UTC), VISIT, NOW)
    assert chosen.parameter == "2026-11-24T07:00:00Z"


@pytest.mark.parametrize(
    "text", ["", "today", "2026-11-24", "2026-13-01T00:00", "2026-11-24T25:00", "0001-01-01T00:00+14:00", 7]
)  # fmt: skip
def test_anything_else_is_refused(text: object) -> None:
    with pytest.raises(ValidationError, match="must be last-visit"):
        SinceField().to_internal_value(text)
