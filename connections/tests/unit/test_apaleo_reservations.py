"""How apaleo's reservations and blocks become statements for the ledger."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connections.adapters.adapter import NotUnderstood
from connections.adapters.apaleo.apaleo_reservations import (
    MAX_WORD,
    block_body,
    reservation_body,
    word_of,
)

pytestmark = pytest.mark.unit
ZONES = ["Europe/Berlin", "Pacific/Auckland", "America/New_York", "Asia/Kolkata", "UTC"]
STATUSES = {
    "Confirmed": "confirmed",
    "InHouse": "confirmed",
    "CheckedOut": "confirmed",
    "Canceled": "cancelled",
    "NoShow": "no_show",
}
READ_UNTIL = "2025-04-01T00:00:00Z"
zones = st.sampled_from(ZONES).map(ZoneInfo)
cents = st.integers(0, 10**7).map(lambda number: Decimal(number) / 100)
nights_of_stay = st.dictionaries(st.dates(date(2024, 1, 1), date(2027, 12, 31)), cents, max_size=8)


def time_slice(
    night: date, amount: Decimal, zone: ZoneInfo, is_utc: bool, days: int = 1
) -> dict[str, Any]:
    begin = datetime.combine(night, time(17), zone)
    end = datetime.combine(night + timedelta(days=days), time(23) if days == 0 else time(10), zone)
    if is_utc:  # apaleo may answer with either
        begin, end = begin.astimezone(UTC), end.astimezone(UTC)
    return {
        "from": begin.isoformat(), "to": end.isoformat(), "serviceDate": str(night),
        "baseAmount": {"grossAmount": float(amount), "netAmount": 1.0, "currency": "EUR"},
        "totalGrossAmount": {"amount": float(amount) + 15, "currency": "EUR"},
    }  # fmt: skip


def reservation(slices: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    return {
        "id": "XPGMSXGF-1", "bookingId": "XPGMSXGF", "status": "Confirmed",
        "created": "2025-03-01T10:00:00Z", "modified": "2025-03-02T10:00:00+01:00",
        "channelCode": "BookingCom", "unitGroup": {"id": "MUC-DBL", "name": "Double"},
        "timeSlices": slices, "primaryGuest": {"lastName": "Nobody may know"}, **fields,
    }  # fmt: skip


def block(counts: list[tuple[int, int]], **fields: Any) -> dict[str, Any]:
    slices = [
        time_slice(date(2025, 5, 1) + timedelta(days=day), Decimal(80), ZoneInfo("UTC"), False)
        | {"blockedUnits": blocked, "pickedUnits": picked}
        for day, (blocked, picked) in enumerate(counts)
    ]
    return {
        "id": "GRP-1", "status": "Tentative", "created": "2025-03-01T10:00:00Z",
        "modified": "2025-03-02T10:00:00Z", "unitGroup": {"id": "MUC-DBL", "name": "Double"},
        "group": {"id": "G", "name": "Nobody may know"}, "timeSlices": slices, **fields,
    }  # fmt: skip


def state(raw: dict[str, Any], zone: str = "Europe/Berlin") -> dict[str, Any]:
    return reservation_body(raw, ZoneInfo(zone), "EUR")


@given(nights_of_stay, zones, st.booleans(), st.sampled_from(sorted(STATUSES)))
def test_nights_are_the_overnight_slices_with_their_prices(
    amounts: dict[date, Decimal], zone: ZoneInfo, is_utc: bool, status: str
) -> None:
    slices = [time_slice(night, amount, zone, is_utc) for night, amount in amounts.items()]
    body = reservation_body(reservation(slices, status=status), zone, "EUR")
    [room] = body["rooms"]
    stated = {date.fromisoformat(one["night"]): Decimal(one["rate"]) for one in room["nights"]}
    assert stated == amounts
    assert [one["night"] for one in room["nights"]] == sorted(map(str, amounts))
    assert (body["status"], room["room_type"]) == (STATUSES[status], "Double")
    assert "Nobody" not in repr(body)


@given(st.dates(date(2024, 1, 1), date(2027, 12, 31)), cents, zones, st.booleans())
def test_day_use_is_no_night(day: date, amount: Decimal, zone: ZoneInfo, is_utc: bool) -> None:
    day_use = time_slice(day, amount, zone, is_utc, days=0)
    [room] = reservation_body(reservation([day_use]), zone, "EUR")["rooms"]
    assert room["nights"] == []


def test_a_night_that_is_split_costs_the_sum_and_nothing_is_negative() -> None:
    zone = ZoneInfo("Europe/Berlin")
    night, next_night = date(2025, 5, 1), date(2025, 5, 2)
    slices = [time_slice(night, Decimal(amount), zone, False) for amount in ("33.335", "20.1111")]
    slices.append(time_slice(next_night, Decimal(-5), zone, False))
    [room] = state(reservation(slices))["rooms"]
    assert [Decimal(one["rate"]) for one in room["nights"]] == [Decimal("53.446"), Decimal(0)]


def test_a_cancelled_one_says_when_and_may_have_no_slices() -> None:
    raw = reservation([], status="Canceled", cancellationTime="2025-03-02T09:00:00Z")
    del raw["timeSlices"]
    body = state(raw)
    assert (body["cancelled_at"], body["rooms"][0]["nights"]) == ("2025-03-02T09:00:00Z", [])


def test_without_slices_a_stay_is_not_understood_as_none() -> None:
    raw = reservation([])
    del raw["timeSlices"]
    with pytest.raises(KeyError):
        state(raw)


@pytest.mark.parametrize("kind", ["ParkingLot", "MeetingRoom", "EventSpace", "Other"])
def test_what_is_no_room_for_the_night_is_not_on_the_books(kind: str) -> None:
    body = state(reservation([], unitGroup={"id": "P", "name": "Garage", "type": kind}))
    assert (body["status"], body["rooms"]) == ("cancelled", [])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("Booking.com", None)),
        ({"channelCode": "A new one"}, (None, None)),
        ({"marketSegment": {"id": "S", "name": "Corporate"}}, ("Booking.com", "Corporate")),
        ({"marketSegment": {"id": "S", "code": "CORP"}}, ("Booking.com", "CORP")),
        ({"travelPurpose": "Business"}, ("Booking.com", "Business")),
        ({"travelPurpose": "Nobody may know"}, ("Booking.com", None)),
    ],
)
def test_channel_and_segment(
    fields: dict[str, Any], expected: tuple[str | None, str | None]
) -> None:
    body = state(reservation([], **fields))
    assert (body["channel"], body["segment"]) == expected


@pytest.mark.parametrize("name", [{"en": "Double"}, "Double"])
def test_names_are_texts_or_texts_by_language(name: Any) -> None:
    assert word_of({"id": "D", "name": name}) == "Double"
    assert word_of({"id": "D", "name": None, "code": None}) == "D"
    assert len(word_of({"id": "D", "name": "x" * 60})) == MAX_WORD


@pytest.mark.parametrize(
    ("field", "value"), [("status", "Nobody may know"), ("timeSlices", "another currency")]
)
def test_what_is_not_understood_is_said_without_the_guest(field: str, value: str) -> None:
    raw = reservation([time_slice(date(2025, 5, 1), Decimal(80), ZoneInfo("UTC"), False)])
    if field == "status":
        raw["status"] = value
    else:
        raw["timeSlices"][0]["baseAmount"]["currency"] = "CHF"
    with pytest.raises(NotUnderstood) as reason:
        state(raw)
    assert "Nobody" not in str(reason.value)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=5))
def test_a_block_counts_with_what_nobody_picked(counts: list[tuple[int, int]]) -> None:
    body = block_body(block(counts), READ_UNTIL, ZoneInfo("UTC"), "EUR")
    left = [max(0, blocked - picked) for blocked, picked in counts]
    stated = [night["night"] for room in body["rooms"] for night in room["nights"]]
    nights = [str(date(2025, 5, 1) + timedelta(days=day)) for day in range(len(counts))]
    assert [stated.count(night) for night in nights] == left
    assert body["status"] == ("tentative" if sum(left) else "cancelled")
    assert len({room["room_id"] for room in body["rooms"]}) == max(left, default=0)
    assert "Nobody" not in repr(body)


def test_a_cancelled_block_is_off_the_books_and_an_odd_one_not_understood() -> None:
    body = block_body(block([(3, 0)], status="Canceled"), READ_UNTIL, ZoneInfo("UTC"), "EUR")
    assert (body["status"], body["rooms"]) == ("cancelled", [])
    with pytest.raises(NotUnderstood):
        block_body(block([], status="Nobody may know"), READ_UNTIL, ZoneInfo("UTC"), "EUR")


@pytest.mark.parametrize("modified", ["2025-03-02T10:00:00Z", "2025-04-02T10:00:00Z"])
def test_a_pick_is_later_than_the_block_s_own_time(modified: str) -> None:
    body = block_body(block([(1, 0)], modified=modified), READ_UNTIL, ZoneInfo("UTC"), "EUR")
    assert body["updated_at"] == max(modified, READ_UNTIL)
