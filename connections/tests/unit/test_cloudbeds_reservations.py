"""A reservation of Cloudbeds as `POST /reservations/` takes it: pure, whatever the rooms are."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connections.adapters.adapter import Access, NotUnderstood
from connections.adapters.cloudbeds.cloudbeds_adapter import CloudbedsAdapter
from connections.adapters.cloudbeds.cloudbeds_reservations import STATUSES
from connections.tests.hotel_life import GUEST_MAIL, GUEST_NAMES

pytestmark = pytest.mark.unit


def adapter(**choices: str) -> CloudbedsAdapter:
    found = CloudbedsAdapter(Access("http://x.test", {}, choices=choices))
    found._zone = ZoneInfo("America/New_York")  # as open_property leaves it
    found._currency = "USD"
    return found


def room(number: str = "R1", **fields: Any) -> dict[str, Any]:
    return {
        "subReservationID": number, "roomTypeID": "T1", "roomTypeName": "Double",
        "roomCheckIn": "2025-06-01", "roomCheckOut": "2025-06-03", "roomStatus": "not_checked_in",
        "detailedRoomRates": {"2025-06-01": 100, "2025-06-02": 120.5},
        "guestName": GUEST_NAMES[0], "marketName": "Leisure",
    } | fields  # fmt: skip


def reservation(*rooms: dict[str, Any], as_of: str = "", **fields: Any) -> dict[str, Any]:
    one = {
        "reservationID": "R1", "status": "confirmed", "isDeleted": False,
        "dateCreatedUTC": "2025-05-01 10:00:00", "dateModifiedUTC": "2025-05-02 10:00:00",
        "sourceName": "Booking.com", "propertyCurrency": "EUR", "rooms": list(rooms) or [room()],
        "guestEmail": GUEST_MAIL, "sourceReservationID": GUEST_NAMES[1],
    } | fields  # fmt: skip
    return {"reservation": one, "as_of": as_of}


def test_it_works() -> None:
    assert adapter().reservation(reservation()) == {
        "reservation_id": "R1",
        "status": "confirmed",
        "booked_at": "2025-05-01T10:00:00+00:00",
        "updated_at": "2025-05-02T10:00:00+00:00",
        "currency": "EUR",
        "channel": "Booking.com",
        "segment": "Leisure",
        "rooms": [
            {
                "room_id": "R1",
                "room_type": "Double",
                "nights": [
                    {"night": "2025-06-01", "rate": "100"},
                    {"night": "2025-06-02", "rate": "120.5"},
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("status", "stated"),
    [
        ("checked_in", "confirmed"),
        ("checked_out", "confirmed"),
        ("no_show", "no_show"),
        ("canceled", "cancelled"),
        ("not_confirmed", "tentative"),
    ],
)
def test_statuses(status: str, stated: str) -> None:
    body = adapter().reservation(reservation(status=status))
    assert (body["status"], len(body["rooms"])) == (stated, 1)


HOUSE = {"marketName": "House", "marketCode": "HSE"}


@pytest.mark.parametrize(
    ("chosen", "rooms", "is_house_use"),
    [
        ("segment:HSE", [HOUSE], True),
        ("segment:HSE", [HOUSE, HOUSE], True),
        ("segment:HSE", [HOUSE, {"roomStatus": "cancelled"}], True),
        ("segment:HSE", [HOUSE, {}], False),  # a room of it is sold
        ("segment:Leisure", [{}], True),  # a segment without a code
        ("segment:House", [HOUSE], False),
        ("source:ss-1", [{}], True),
        ("source:ss-2", [{}], False),
        ("segment:", [{"marketName": None}], False),
        ("", [HOUSE], False),
    ],
)
def test_house_use_is_what_the_hotel_named(
    chosen: str, rooms: list[dict[str, Any]], is_house_use: bool
) -> None:
    made = [room(f"R1-{place}", **fields) for place, fields in enumerate(rooms)]
    raw = reservation(*made, source={"sourceID": "ss-1", "name": GUEST_NAMES[1]})
    body = adapter(house_use=chosen).reservation(raw)
    assert body.get("house_use", False) is is_house_use
    assert GUEST_NAMES[1] not in json.dumps(body)


def test_a_status_that_nobody_documented_is_not_quoted() -> None:
    with pytest.raises(NotUnderstood) as error:
        adapter().reservation(reservation(status=GUEST_NAMES[2]))
    assert GUEST_NAMES[2] not in str(error.value)


def test_of_several_rooms_the_cancelled_one_is_left_out() -> None:
    gone = room("R1-2", roomStatus="cancelled")
    assert len(adapter().reservation(reservation(room(), gone))["rooms"]) == 1
    alone = adapter().reservation(reservation(gone))
    assert (alone["status"], len(alone["rooms"])) == ("cancelled", 1)
    no_show = adapter().reservation(reservation(gone, status="no_show"))
    assert (no_show["status"], len(no_show["rooms"])) == ("no_show", 1)


def test_deleted_is_cancelled() -> None:
    assert adapter().reservation(reservation(isDeleted=True))["status"] == "cancelled"


def test_a_moment_without_utc_is_by_the_property_s_clock() -> None:
    local: dict[str, Any] = {"dateModifiedUTC": None, "dateModified": "2025-05-02 10:00:00"}
    body = adapter().reservation(reservation(**local))
    assert body["updated_at"] == "2025-05-02T14:00:00+00:00"


def test_the_time_of_a_cancellation() -> None:
    body = adapter().reservation(
        reservation(status="canceled", dateCancelledUTC="2025-05-02 09:00:00")
    )
    assert body["cancelled_at"] == "2025-05-02T09:00:00+00:00"


def test_what_is_read_whole_is_as_new_as_the_reading() -> None:
    later, earlier = "2025-05-03T00:00:00+00:00", "2025-05-01T12:00:00+00:00"
    assert adapter().reservation(reservation(as_of=later))["updated_at"] == later
    body = adapter().reservation(reservation(as_of=earlier))
    assert body["updated_at"] == "2025-05-02T10:00:00+00:00"


def test_a_guest_who_moves_within_a_type_or_to_another() -> None:
    second = {"roomCheckIn": "2025-06-03", "roomCheckOut": "2025-06-04"}
    second["detailedRoomRates"] = {"2025-06-03": 90}  # type: ignore[assignment]
    within = adapter().reservation(reservation(room(), room(**second)))["rooms"]
    assert [len(one["nights"]) for one in within] == [3]
    other = room(**second, roomTypeID="T2", roomTypeName="Suite")
    rooms = adapter().reservation(reservation(room(), other))["rooms"]
    assert [(one["room_id"], one["room_type"]) for one in rooms] == [
        ("R1", "Double"),
        ("R1/T2", "Suite"),
    ]


@pytest.mark.parametrize("rates", [[], {}, None])
def test_without_rates_the_nights_count(rates: Any) -> None:
    nights = adapter().reservation(reservation(room(detailedRoomRates=rates)))["rooms"][0]["nights"]
    assert nights == [{"night": "2025-06-01"}, {"night": "2025-06-02"}]


def test_day_use_has_no_night() -> None:
    day_use = room(detailedRoomRates={}, roomCheckOut="2025-06-01")
    assert adapter().reservation(reservation(day_use))["rooms"][0]["nights"] == []
    backwards = room(detailedRoomRates={}, roomCheckOut="2025-05-01")
    with pytest.raises(NotUnderstood):
        adapter().reservation(reservation(backwards))


amounts = st.decimals(min_value=0, max_value=9_999, places=2)


@given(
    status=st.sampled_from(sorted(STATUSES)),
    stays=st.lists(
        st.tuples(
            st.integers(0, 400),
            st.lists(st.one_of(st.none(), amounts), min_size=1, max_size=20),
            st.sampled_from(["not_checked_in", "in_house", "checked_out", "cancelled"]),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_no_night_and_no_cent_is_lost_and_nothing_about_the_guest_is_taken(
    status: str, stays: list[tuple[int, list[Decimal | None], str, bool]]
) -> None:
    rooms = []
    for place, (begin, rates, room_status, as_texts) in enumerate(stays):
        first = date(2025, 1, 1) + timedelta(days=begin)
        days = {
            str(first + timedelta(days=day)): rate if rate is None or not as_texts else str(rate)
            for day, rate in enumerate(rates)
        }
        rooms.append(room(f"R1-{place}", roomStatus=room_status, detailedRoomRates=days))
    body = adapter().reservation(reservation(*rooms, status=status))
    text = json.dumps(body, ensure_ascii=False)
    assert not any(private in text for private in (*GUEST_NAMES, GUEST_MAIL))
    active = [one for one in stays if one[2] != "cancelled"]
    counted = stays if body["status"] == "cancelled" or not active else active
    nights = [night for one in body["rooms"] for night in one["nights"]]
    assert len(nights) == sum(len(rates) for _, rates, _, _ in counted)
    assert sum(Decimal(night.get("rate", "0")) for night in nights) == sum(
        rate or 0 for _, rates, _, _ in counted for rate in rates
    )


@pytest.mark.parametrize(
    ("body", "properties"),
    [
        (b'{"event": "reservation/created", "propertyID": 17, "propertyID_str": "17"}', ["17"]),
        (b'{"event": "reservation/deleted", "propertyId": "17"}', ["17"]),
        (b'{"event": "night_audit/completed"}', []),
        (b"[]", []),
        (b"", []),
        (b"{", []),
    ],
)
def test_a_webhook_names_its_property(body: bytes, properties: list[str]) -> None:
    assert list(CloudbedsAdapter.webhook({}, body, {})) == properties
