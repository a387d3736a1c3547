"""The soak test's recount of money: it agrees with the services, and notices a cent."""

import random
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.room_night_value import Move, differences
from tests.soak.money_events import MONEY_COLUMNS, MoneyEvents, with_money
from tests.soak.money_recount import MoneyRecount, Step, compare_money, hotel_currency, sums


def recount_of(events: list[dict[str, Any]]) -> MoneyRecount:
    """Return the recount of a ledger, which has each identity once."""
    recount, known = MoneyRecount(), set()
    for event in events:
        one = (event["room_reservation_id"], event["night_of_stay"], event["event_timestamp"])
        if (*one, event["status"]) not in known:
            known.add((*one, event["status"]))
            recount.read(event)
    return recount


def move_of(event: dict[str, Any]) -> Move:
    rate = event.get("rate")
    thousandths = None if rate is None else int(Decimal(rate) * 1000)
    names = ("currency", "room_type", "channel", "segment")
    texts = [event.get(name, "") for name in names]
    return (event["event_timestamp"][:19], event["status"], thousandths, *texts)


@given(st.integers(0, 10_000), st.integers(1, 60))
def test_the_recount_of_random_events_is_what_the_services_count(seed: int, count: int) -> None:
    source = MoneyEvents(random.Random(seed), 500)
    events = {
        (e["room_reservation_id"], e["night_of_stay"], e["event_timestamp"], e["status"]): e
        for e in (source.event(serial) for serial in range(count))
    }
    expected: Counter[Any] = Counter()
    for room_night in {key[:2] for key in events}:
        moves = [move_of(event) for key, event in events.items() if key[:2] == room_night]
        for found in differences(moves):
            at = (room_night[1], found.time[:10], tuple(found.description))
            expected[at] += found.room_nights * 10**12 + found.revenue
    actual: Counter[Any] = Counter()
    for night, day, sale, sign in recount_of(list(events.values())).steps(500):
        words = tuple(word or "" for word in (sale.currency, *sale.words))
        actual[night, day, words] += sign * (10**12 + int((sale.rate or 0) * 1000))
    is_rich = any(set(event) & set(MONEY_COLUMNS) for event in events.values())
    if is_rich:  # else the services count the events
        assert {k: v for k, v in actual.items() if v} == {k: v for k, v in expected.items() if v}


def sale(number: int, rate: str, **fields: Any) -> dict[str, Any]:
    return {
        "hotel_id": 7, "event_timestamp": f"2024-03-0{number}T10:00:00Z", "status": 1,
        "room_reservation_id": "a", "night_of_stay": "2024-05-01", "rate": rate,
        "currency": "EUR", **fields,
    }  # fmt: skip


def test_a_second_booking_replaces_and_a_cancellation_takes_what_is_there() -> None:
    events = [
        sale(1, "100.00", segment="Group"), sale(2, "90.00"), sale(3, "80.50", status=3),
        sale(4, "0", status=2),
    ]  # fmt: skip
    steps = recount_of(events[::-1]).steps(7)

    def day(step: Step) -> str:
        return step.day[-2:]

    assert hotel_currency(steps) == "EUR"
    shown = {key: tuple(map(str, row)) for key, row in sums(steps, day, "EUR").items()}
    assert shown == {
        "01": ("1", "1", "100.00"), "02": ("0", "0", "-10.00"), "03": ("0", "0", "-9.50"),
        "04": ("-1", "-1", "-80.50"),
    }  # fmt: skip


@pytest.mark.parametrize("cent", ["0.00", "0.01"])
def test_a_cent_is_noticed(cent: str) -> None:
    recount = recount_of([sale(1, "100.00")])

    def get(path: str, **query: Any) -> list[dict[str, Any]]:
        day = {"year": 2024, "month": 5, "day": 1, "room_nights": 1, "room_nights_with_rate": 1}
        if query.get("basis") == "booked":
            day |= {"month": 3, "day": 1}
        is_wrong = query.get("by") == "segment" and query.get("basis") == "stay"
        return [{**day, "revenue": str(100 + Decimal(cent if is_wrong else 0))}]

    problems = compare_money(get, recount)
    assert len(problems) == (cent != "0.00")
    if problems:
        assert "hotel 7 (stay, by segment)" in problems[0]
        assert "100.01" in problems[0]


def test_rows_of_a_file_get_money_and_changes() -> None:
    rows = [["1", "2024-03-01 10:00:00", "2024-05-01", str(number)] for number in range(200)]
    with_changes = with_money(random.Random(1), rows)
    assert {len(row) for row in with_changes} == {4 + len(MONEY_COLUMNS)}
    assert len(with_changes) > len(rows)
    assert {row[0] for row in with_changes[len(rows) :]} == {"3"}
