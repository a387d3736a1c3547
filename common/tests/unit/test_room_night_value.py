"""What a room-night is worth, whatever the order of arrival: the fold of its events."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.room_night_value import Description, Move, differences

pytestmark = pytest.mark.unit

BOOKED, CANCELLED, CHANGED = 1, 2, 3
EUR = Description("EUR", "Double", "Web", "Leisure")


def move(
    time: str, status: int, rate: int | None = None, currency: str = "EUR",
    room_type: str = "Double", channel: str = "Web", segment: str = "Leisure",
) -> Move:  # fmt: skip
    if rate is None:
        currency = ""
    return time, status, rate, currency, room_type, channel, segment


def sums(moves: list[Move]) -> dict[tuple[str, Description], tuple[int, int, int]]:
    """Room-nights, those with a rate, and revenue by time and description, without zeros."""
    counters = [Counter[tuple[str, Description]]() for _ in range(3)]
    for found in differences(moves):
        for counter, value in zip(counters, found[2:], strict=True):
            counter[found.time, found.description] += value
    keys = {key for counter in counters for key in counter}
    values = {key: (counters[0][key], counters[1][key], counters[2][key]) for key in keys}
    return {key: value for key, value in values.items() if any(value)}


def test_a_cancellation_takes_what_its_booking_and_changes_brought_also_when_it_arrives_first() -> (
    None
):
    moves = [
        move("2024-03", CANCELLED),
        move("2024-02", CHANGED, 90_000),
        move("2024-01", BOOKED, 120_000),
    ]
    assert sums(moves) == {
        ("2024-01", EUR): (1, 1, 120_000),
        ("2024-02", EUR): (0, 0, -30_000),
        ("2024-03", EUR): (-1, -1, -90_000),
    }


def test_a_second_booking_replaces_the_rate_and_a_second_cancellation_takes_nothing() -> None:
    moves = [
        move("1", BOOKED, 100), move("2", BOOKED, 80), move("3", CANCELLED), move("4", CANCELLED),
    ]  # fmt: skip
    assert sums(moves) == {
        ("1", EUR): (1, 1, 100), ("2", EUR): (0, 0, -20), ("3", EUR): (-1, -1, -80),
    }  # fmt: skip


def test_a_change_of_the_room_type_moves_the_room_night_and_keeps_the_rate() -> None:
    change = ("2", CHANGED, None, "", "Suite", "", "")
    assert sums([change, move("1", BOOKED, 100)]) == {
        ("1", EUR): (1, 1, 100),
        ("2", EUR): (-1, -1, -100),
        ("2", EUR._replace(room_type="Suite")): (1, 1, 100),
    }


def test_a_change_of_what_is_not_sold_does_nothing() -> None:
    assert differences([move("1", CHANGED, 100), move("2", CANCELLED)]) == []
    assert sums([move("1", CHANGED, 100), move("2", BOOKED)]) == {
        ("2", EUR._replace(currency="")): (1, 0, 0)
    }


def test_cancelled_and_booked_anew_at_one_moment_stays_sold() -> None:
    moves = [move("1", BOOKED, 100), move("2", BOOKED, 70), move("2", CANCELLED)]
    assert sums(moves)["2", EUR] == (0, 0, -30)
    assert sums([*moves, move("2", CHANGED, 50)])["2", EUR] == (0, 0, -50)


def test_booked_and_cancelled_at_one_moment_is_not_sold() -> None:
    assert sums([move("1", CANCELLED), move("1", BOOKED, 100), move("1", CHANGED, 50)]) == {}


def recounted(moves: list[Move]) -> dict[tuple[str, Description], tuple[int, int, int]]:
    """As a person with paper: cross out what was there, write what is there now."""
    lines: list[tuple[str, Description, int, int, int]] = []
    there: dict[str, object] = {}

    def write(time: str, sign: int) -> None:
        if there:
            rate = there["rate"]
            assert rate is None or isinstance(rate, int)
            named = (str(there[name]) for name in ("currency", "room_type", "channel", "segment"))
            lines.append(
                (time, Description(*named), sign, sign * (rate is not None), sign * (rate or 0))
            )

    for time in sorted({one[0] for one in moves}):
        by_status = {one[1]: one for one in moves if one[0] == time}
        was_sold = bool(there)
        for status in (2, 1, 3) if was_sold else (1, 3, 2):
            if status not in by_status:
                continue
            _, _, rate, currency, room_type, channel, segment = by_status[status]
            write(time, -1)
            if status == 2:
                there = {}
            elif status == 1:
                there = {"rate": rate, "currency": currency, "room_type": room_type,
                         "channel": channel, "segment": segment}  # fmt: skip
            elif there:
                if rate is not None:
                    there |= {"rate": rate, "currency": currency}
                there |= {
                    name: word
                    for name, word in (
                        ("room_type", room_type),
                        ("channel", channel),
                        ("segment", segment),
                    )
                    if word
                }
            write(time, 1)
    keys = {line[:2] for line in lines}
    result = {}
    for key in keys:
        there_lines = [line for line in lines if line[:2] == key]
        a, b, c = (sum(values) for values in zip(*(line[2:] for line in there_lines), strict=True))
        if a or b or c:
            result[key] = (a, b, c)
    return result


WORDS = st.sampled_from(["", "A", "B"])
MOVES = st.builds(
    lambda time, status, money, *words: (time, status, *money, *words),
    st.sampled_from(["2024-01-01T10:00:00", "2024-01-01T10:00:00.500000", "2024-01-02T09:00:00"]),
    st.sampled_from([1, 2, 3]),
    st.sampled_from([(None, ""), (0, "EUR"), (100, "EUR"), (120, "EUR"), (100, "USD")]),
    WORDS, WORDS, WORDS,
)  # fmt: skip


@given(st.lists(MOVES, max_size=9, unique_by=lambda one: one[:2]), st.randoms())
def test_any_order_gives_what_a_person_with_paper_gets(
    moves: list[Move], rng: random.Random
) -> None:
    rng.shuffle(moves)
    assert sums(moves) == recounted(moves)
