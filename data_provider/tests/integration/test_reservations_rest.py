"""`/reservations/`: what is posted, answered, refused and read back."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from data_provider.models import Event, Reservation

pytestmark = pytest.mark.django_db(databases=["default", "data_provider"])

RESERVATION: dict[str, Any] = {
    "hotel_id": 5,
    "reservation_id": "R/1",
    "status": "confirmed",
    "booked_at": "2026-01-01T10:00:00Z",
    "updated_at": "2026-01-01T10:00:00Z",
    "cancelled_at": None,
    "currency": "EUR",
    "channel": "Website",
    "segment": None,
    "rooms": [
        {
            "room_id": "1",
            "room_type": "Double",
            "nights": [
                {"night": "2026-05-01", "rate": "100.00"},
                {"night": "2026-05-02", "rate": None},
            ],
        }
    ],
}


def post(body: Any) -> Any:
    return Client().post("/reservations/", body, content_type="application/json")


def with_room(**changed: Any) -> dict[str, Any]:
    return {**RESERVATION, "rooms": [{**RESERVATION["rooms"][0], **changed}]}


def test_one_and_the_same_again() -> None:
    answer = {
        "hotel_id": 5, "reservation_id": "R/1", "bookings": 2, "cancellations": 0, "changes": 0,
        "is_outdated": False,
    }  # fmt: skip
    first = post(RESERVATION)
    assert (first.status_code, first.json()) == (201, answer)
    again = post(RESERVATION)
    assert (again.status_code, again.json()) == (200, {**answer, "bookings": 0})


@pytest.mark.parametrize("path", ["/reservations/5/R/1/", "/reservations/5/R%2F1"])
def test_it_is_read_back_as_it_was_stated(path: str) -> None:
    post(RESERVATION)
    assert Client().get(path).json() == RESERVATION


def test_an_array_is_answered_in_its_order_and_recorded_in_order_of_time() -> None:
    newer = {**with_room(room_type="Suite"), "updated_at": "2026-01-02T00:00:00Z"}
    other = {**RESERVATION, "reservation_id": "R2"}
    answers = post([newer, other, RESERVATION]).json()
    assert [
        (one["reservation_id"], one["bookings"], one["changes"]) for one in answers
    ] == [("R/1", 0, 2), ("R2", 2, 0), ("R/1", 2, 0)]  # fmt: skip


def test_arrival_and_departure_stand_for_nights_of_one_rate() -> None:
    stay = {"arrival": "2026-05-01", "departure": "2026-05-04", "rate": "80.5"}
    assert post({**RESERVATION, "rooms": [stay]}).json()["bookings"] == 3
    assert set(Event.objects.values_list("rate", flat=True)) == {80.5}


@pytest.mark.one_database
@pytest.mark.parametrize("number", ["nobody", "a\nb"])
def test_an_unknown_reservation_is_a_404(number: str) -> None:
    post(RESERVATION)
    response = Client().get(f"/reservations/5/{quote(number, safe='')}/")
    assert response.status_code == 404
    assert response.json() == {"detail": f"hotel 5 has no reservation {number!r}"}


STAY = {"arrival": "2026-05-01", "departure": "2026-05-04"}
WRONG: list[tuple[Any, Any]] = [
    ({**RESERVATION, "status": "gone"}, {"status": ["must be one of confirmed, cancelled, no_show, not 'gone'"]}),
    ({**RESERVATION, "reservation_id": ""}, {"reservation_id": ["must not be empty: leave the field out"]}),
    ({**RESERVATION, "updated_at": None}, {"updated_at": ["is required"]}),
    ({**RESERVATION, "cancelled_at": "2026-01-01T10:00:00Z"}, {"cancelled_at": ["stands with the status cancelled only"]}),
    ({**RESERVATION, "currency": None}, {"currency": ["is required with a rate"]}),
    ({**RESERVATION, "rooms": []}, {"rooms": ["must not be empty, unless the reservation is cancelled"]}),
    ({**RESERVATION, "rooms": RESERVATION["rooms"] * 2}, {"rooms": ["two rooms have the same room_id"]}),
    ({**RESERVATION, "rooms": [STAY, STAY]}, {"rooms": {"0": {"room_id": ["is required"]}, "1": {"room_id": ["is required"]}}}),
    ({**RESERVATION, "rooms": [{**STAY, "departure": "2026-04-30"}]}, {"rooms": {"0": {"departure": ["must not lie before the arrival"]}}}),
    ({**RESERVATION, "rooms": [{**STAY, "departure": "2199-04-30"}]}, {"rooms": {"0": {"departure": ["the reservation has more than 10,000 room-nights"]}}}),
    ({**RESERVATION, "rooms": [{"arrival": "2026-05-01"}]}, {"rooms": {"0": {"departure": ["is required"]}}}),
    (with_room(nights=[{"night": "2026-05-01"}] * 2), {"rooms": {"0": {"nights": {"1": {"night": ["2026-05-01 stands twice"]}}}}}),
    (with_room(nights=[{"night": "2026-05-32"}]), {"rooms": {"0": {"nights": {"0": {"night": ["is no real date: '2026-05-32'"]}}}}}),
]  # fmt: skip


@pytest.mark.one_database
@pytest.mark.parametrize(("body", "errors"), WRONG)
def test_what_is_wrong_is_refused_whole_with_the_field(body: Any, errors: Any) -> None:
    response = post(body)
    assert (response.status_code, response.json()) == (400, errors)
    response = post([RESERVATION, body])
    assert (response.status_code, response.json()) == (400, {"1": errors})
    assert not Reservation.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.one_database
def test_unknown_fields_are_named_at_every_level() -> None:
    body = {**with_room(prize=1, nights=[{"night": "2026-05-01", "prize": 1}]), "prize": 1}
    errors = post(body).json()
    assert errors["prize"][0].startswith("unknown field; known are: hotel_id, reservation_id, ")
    room = errors["rooms"]["0"]
    assert room["prize"][0].startswith("unknown field; known are: room_id, ")
    assert room["nights"]["0"]["prize"] == ["unknown field; known are: night, rate"]


@pytest.mark.one_database
@pytest.mark.parametrize("body", ["[]", "{}", "3", '"R1"', "null", '{"reservations": []}', "[[]]"])
def test_what_is_no_reservation_is_a_400_or_nothing(body: str) -> None:
    response = post(body)
    assert response.status_code == (200 if body == "[]" else 400)
    assert not Reservation.objects.exists()


@pytest.mark.one_database
def test_too_many_are_refused_before_they_are_looked_at() -> None:
    assert post([None] * 1_001).json() == {
        "detail": "1,001 reservations; send at most 1,000 at a time"
    }
    long_stay = {**RESERVATION, "rooms": [{"arrival": "2000-01-01", "departure": "2027-01-01"}]}
    assert "room-nights" in post([long_stay] * 6).json()["detail"]


def test_its_events_are_listed_where_asked_for() -> None:
    room = RESERVATION["rooms"][0]
    post({**RESERVATION, "rooms": [room, {**room, "room_id": "2"}]})
    post(with_room(nights=[]) | {"updated_at": "2026-01-02T10:00:00Z"})
    plain = Client().get("/reservations/5/R/1/").json()
    assert "events" not in plain
    answer = Client().get("/reservations/5/R/1/?with_events=true").json()
    events = answer.pop("events")
    assert answer == plain
    assert [event["status"] for event in events] == [1, 1, 1, 1, 2, 2, 2, 2]
    assert {event["hotel_id"] for event in events} == {5}
    assert len({event["room_reservation_id"] for event in events}) == 2
    assert Client().get("/reservations/5/R/1/?with_events=perhaps").status_code == 400
