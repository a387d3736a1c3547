"""More cancellations than in any span of the same length before, by the hotel's own records."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from overview.morning.cancellation_wave import (
    COMPARED_SPANS,
    FEWEST,
    FEWEST_SPANS,
    CancellationWave,
    find_wave,
)

NOW = datetime(2026, 11, 25, 8, 41, tzinfo=UTC)
SINCE = datetime(2026, 11, 24, 8, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def at(days_before: int, hour: int = 10) -> datetime:
    """Return an hour of the span that began so many days before the newest one."""
    return (SINCE - timedelta(days=days_before)).replace(hour=hour)


def test_more_than_ever_is_a_wave() -> None:
    before = {at(days): 4 for days in range(1, 60)} | {at(7): 9}
    assert find_wave(10, before, SINCE, NOW, LONG_AGO) == CancellationWave(10, 9, COMPARED_SPANS)


def test_as_many_as_once_before_is_none() -> None:
    assert find_wave(9, {at(7): 9}, SINCE, NOW, LONG_AGO) is None


def test_what_came_at_other_hours_is_not_compared() -> None:
    """Of a morning of three hours, nights full of cancellations are no measure."""
    since = datetime(2026, 11, 25, 6, tzinfo=UTC)
    evening = {at(days, hour=21): 50 for days in range(1, 60)}
    assert find_wave(6, evening, since, NOW, LONG_AGO) is not None
    assert find_wave(6, {at(3, hour=7): 8}, since, NOW, LONG_AGO) is None


def test_few_are_no_wave() -> None:
    assert find_wave(FEWEST - 1, {}, SINCE, NOW, LONG_AGO) is None
    assert find_wave(FEWEST, {}, SINCE, NOW, LONG_AGO) is not None


def test_of_a_young_hotel_nobody_can_tell() -> None:
    begun = SINCE - timedelta(days=FEWEST_SPANS - 1)
    assert find_wave(99, {}, SINCE, NOW, begun) is None
    assert find_wave(99, {}, SINCE, NOW, begun - timedelta(days=1)) is not None


@given(st.integers(1, 31), st.integers(0, 23))
def test_spans_of_any_length_are_compared_with_their_like(days: int, hour: int) -> None:
    since = (NOW - timedelta(days=days)).replace(hour=hour)
    wave = find_wave(1_000, {}, since, NOW, LONG_AGO)
    if wave is not None:
        assert FEWEST_SPANS <= wave.compared_spans <= COMPARED_SPANS
    else:
        assert days > 182 // FEWEST_SPANS - 1
