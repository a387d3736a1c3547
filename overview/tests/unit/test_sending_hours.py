"""The morning mail is due once on each day of the hotel's calendar, also when the clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overview.morning_mail.sending_hours import due_day, next_sending, sending_moment

ZONES = [
    "UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo",
    "Asia/Kathmandu", "Pacific/Kiritimati", "Africa/Casablanca", "Asia/Beirut",
]  # fmt: skip
# Both changes of the clock of most zones lie in these spans.
SPANS = [(date(2026, 3, 1), 45), (date(2026, 9, 20), 60)]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("first", "days"), SPANS)
@pytest.mark.parametrize("hour", range(24))
def test_each_day_has_exactly_one_mail(zone: str, first: date, days: int, hour: int) -> None:
    """Whoever asks every 20 minutes whether something is due makes one mail for each day."""
    local = ZoneInfo(zone)
    now = datetime.combine(first, time(), local).astimezone(UTC)
    end = datetime.combine(first + timedelta(days=days), time(), local).astimezone(UTC)
    next_at, made = next_sending(zone, hour, now - timedelta(seconds=1)), []
    while now < end:
        if next_at <= now:
            day = due_day(zone, hour, now)
            if day is not None and day not in made:
                made.append(day)
            next_at = next_sending(zone, hour, now)
        now += timedelta(minutes=20)
    assert made == [first + timedelta(days=number) for number in range(days)]


@pytest.mark.parametrize(
    ("zone", "hour", "day", "moment"),
    [
        ("Europe/Zurich", 7, date(2026, 7, 1), datetime(2026, 7, 1, 5, tzinfo=UTC)),
        ("Europe/Zurich", 7, date(2026, 1, 1), datetime(2026, 1, 1, 6, tzinfo=UTC)),
        # The clock goes from 2 to 3 in spring, and has 2 o'clock twice in autumn.
        ("Europe/Zurich", 2, date(2026, 3, 29), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("Europe/Zurich", 2, date(2026, 10, 25), datetime(2026, 10, 25, 0, tzinfo=UTC)),
    ],
)
def test_it_is_the_hour_of_the_hotel_s_clock(
    zone: str, hour: int, day: date, moment: datetime
) -> None:
    assert sending_moment(zone, hour, day) == moment


def test_a_mail_that_was_missed_is_due_until_its_day_is_over() -> None:
    midnight = datetime(2026, 7, 2, tzinfo=ZoneInfo("Europe/Zurich"))
    assert due_day("Europe/Zurich", 7, midnight - timedelta(minutes=1)) == date(2026, 7, 1)
    assert due_day("Europe/Zurich", 7, midnight + timedelta(minutes=1)) is None


@given(
    st.sampled_from(ZONES),
    st.integers(0, 23),
    st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
)
def test_the_next_moment_lies_within_about_a_day(zone: str, hour: int, after: datetime) -> None:
    moment = next_sending(zone, hour, after)
    assert timedelta(0) < moment - after <= timedelta(hours=25)
    assert due_day(zone, hour, moment) is not None
