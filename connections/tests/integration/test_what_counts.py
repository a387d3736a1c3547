"""Which reservations are on the books by the hotel's choice, and what follows when it is changed."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from connections.adapters.generic import GenericAdapter
from connections.models import Connection
from connections.reading.counting import as_counted
from connections.tests.apaleo_answers import block_id
from connections.tests.cloudbeds_emulator import without_waits
from connections.tests.connected_hotels import HOTEL, VENDORS, on_our_books, read
from connections.tests.hotel_life import HOUSE_SEGMENT, HotelLife, Stay
from connections.tests.integration.test_reading import Hotel
from connections.tests.our_services import our_services

DATABASES = ["default", "data_provider", "dashboard_service", "pricing_service"]
pytestmark = pytest.mark.django_db(databases=DATABASES)


@pytest.fixture(params=VENDORS)
def hotel(
    request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hotel]:
    without_waits(monkeypatch)
    with ExitStack() as stack:
        stack.enter_context(our_services(settings))
        made = Hotel(request.param, HotelLife(seed=5), stack, settings)
        choices = {**made.connection.choices, "house_use": f"segment:{HOUSE_SEGMENT}"}
        Connection.objects.update(choices=choices)
        yield made


def book(hotel: Hotel, nights: int = 2, **fields: Any) -> Stay:
    """Book one room of its own group."""
    life = hotel.life
    life.now += timedelta(minutes=1)
    before = set(life.stays)
    life.book()
    first, *others = [stay for number, stay in life.stays.items() if number not in before]
    for other in others:
        del life.stays[other.id]
    first.status = fields.pop("status", "confirmed")
    first.departure = first.arrival + timedelta(days=nights)
    life._price_nights(first)
    for name, value in fields.items():
        setattr(first, name, value)
    return first


def choose(**chosen: Any) -> None:
    """Save the form of the page, whose boxes are ticked as named."""
    names = ("tentative_counts", "house_use_counts")
    fields = {name: "on" for name in names if chosen.get(name)}
    response = Client().post(f"/connections/?hotel_id={HOTEL}", {"act": "options", **fields})
    assert response.status_code == 302, response.content


def sold(hotel: Hotel, *stays: Stay) -> list[int]:
    books = on_our_books(hotel.numbers())
    names = [(stay.id, f"block-{block_id(stay.id)}") for stay in stays]  # as in apaleo
    return [sum(1 for name, _ in books if name in either) for either in names]


def test_tentative_and_house_use_count_as_the_hotel_says(hotel: Hotel) -> None:
    usual = book(hotel)
    tentative, house = book(hotel, status="tentative"), book(hotel, house_use=True)
    hotel.read()
    assert sold(hotel, usual, tentative, house) == [2, 0, 0]
    for turn in range(2):  # there and back, twice: nothing is lost by repetition
        hotel.life.now += timedelta(minutes=10)
        choose(tentative_counts=True)
        hotel.read()
        assert sold(hotel, usual, tentative, house) == [2, 2, 0], turn
        hotel.life.now += timedelta(minutes=10)
        choose(house_use_counts=True)
        hotel.read()
        assert sold(hotel, usual, tentative, house) == [2, 0, 2], turn
        hotel.life.now += timedelta(minutes=10)
        choose()
        hotel.read()
        assert sold(hotel, usual, tentative, house) == [2, 0, 0], turn
    assert not Connection.objects.get().problems.exists()


def test_after_a_choice_changes_are_taken_as_before(hotel: Hotel) -> None:
    tentative, house = book(hotel, status="tentative"), book(hotel, house_use=True)
    hotel.read()
    choose(tentative_counts=True, house_use_counts=True)
    hotel.read()
    hotel.life.now += timedelta(minutes=1)
    tentative.status, tentative.updated = "confirmed", hotel.life.now
    hotel.life._end(house, "cancelled")
    hotel.read()
    assert sold(hotel, tentative, house) == [2, 0]
    for _ in range(3):
        hotel.life.happen(10)
        hotel.read()


def test_a_change_that_shows_late_is_taken_after_a_choice(hotel: Hotel) -> None:
    tentative = book(hotel, status="tentative")
    hotel.read()
    hotel.life.now += timedelta(minutes=10)
    choose(tentative_counts=True)
    hotel.read()
    tentative.status = "cancelled"  # three minutes before the choice was read, and only seen now
    tentative.updated = tentative.cancelled = hotel.life.now - timedelta(minutes=3)
    hotel.read()
    assert sold(hotel, tentative) == [0]


def test_only_what_counts_has_all_read_again(hotel: Hotel) -> None:
    hotel.read()
    choose()
    assert not Connection.objects.get().is_read_anew
    Client().post(f"/connections/?hotel_id={HOTEL}", {"act": "options", "sends_prices": "on"})
    assert not Connection.objects.get().is_read_anew
    choose(tentative_counts=True)
    assert Connection.objects.get().is_read_anew
    pages = hotel.read().pages_read
    assert hotel.read().pages_read > pages
    assert Connection.objects.get().counted_since is not None


def test_day_use_has_no_night_and_is_understood(hotel: Hotel) -> None:
    day_use = book(hotel, nights=0)
    connection = hotel.read()
    assert sold(hotel, day_use) == [0]
    assert not connection.problems.exists()
    assert connection.reservations.count() == 1
    assert connection.events_appended == 0


def test_groups_count_room_by_room_and_blocks_by_their_reservations(hotel: Hotel) -> None:
    """In Mews every second reservation was picked up from an availability block."""
    stays = [book(hotel) for _ in range(4)]
    for stay in stays:
        stay.group, stay.created = stays[0].group, stays[0].created
    hotel.read()
    assert sold(hotel, *stays) == [2, 2, 2, 2]


@pytest.mark.parametrize(
    "dates", [{"arrival": "2026-05-01", "departure": "2026-05-01", "rate": "40"}, {"nights": []}]
)
def test_day_use_in_the_form_of_arrival_and_departure(dates: dict[str, Any]) -> None:
    raw = {
        "reservation_id": "R1", "status": "confirmed", "booked_at": "2026-04-01T10:00:00Z",
        "updated_at": "2026-04-01T10:00:00Z", "currency": "EUR",
        "rooms": [{"room_id": "1", "room_type": "Single", **dates}],
    }  # fmt: skip
    adapter = object.__new__(GenericAdapter)
    stated = as_counted(adapter.reservation(raw), Connection(hotel_id=HOTEL))
    assert "house_use" not in stated
    answer = Client().post("/reservations/", stated, content_type="application/json")
    assert (answer.status_code, answer.json()["bookings"]) == (200, 0)


@pytest.mark.parametrize("vendor", ["mews", "cloudbeds", "apaleo"])
def test_what_tells_house_use_apart_is_chosen_later(
    vendor: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There a reservation does not say it: the hotel names a segment, a source or a rate."""
    without_waits(monkeypatch)
    with ExitStack() as stack:
        stack.enter_context(our_services(settings))
        hotel = Hotel(vendor, HotelLife(seed=5), stack, settings)
        house = book(hotel, house_use=True)
        hotel.read()
        assert sold(hotel, house) == [2]
        path = f"/connections/?hotel_id={HOTEL}"
        assert "segment House" in Client().get(f"{path}&choose=house_use").content.decode()
        answer = {"act": "answer", "house_use": f"segment:{HOUSE_SEGMENT}"}
        assert Client().post(path, answer).status_code == 302
        hotel.read()
        assert sold(hotel, house) == [0]
        assert Connection.objects.get().choices["rate_id"]
        assert Client().post(path, {"act": "answer", "house_use": ""}).status_code == 302
        read(Connection.objects.get())
        assert sold(hotel, house) == [2]


def number_of(hotel: Hotel, stay: Stay) -> str:
    """Return the number under which people see a stay of its own group there."""
    vendor = hotel.connection.vendor
    if vendor == "apaleo":  # what nobody has picked is a block
        return block_id(stay.id) if stay.status == "tentative" else stay.id
    return str(stay.number) if vendor == "mews" else stay.group


def test_a_reservation_s_way(hotel: Hotel) -> None:
    stay = book(hotel, status="tentative")
    number = number_of(hotel, stay)
    path = f"/connections/?hotel_id={HOTEL}&reservation={number}"
    assert "The ledger does not know it" in Client().get(path).content.decode()
    hotel.read()
    shown = " ".join(Client().get(path).content.decode().split())
    assert "tentative: by your choice it does not count as sold" in shown
    assert "None: it never counted as sold." in shown
    choose(tentative_counts=True)
    hotel.read()
    shown = " ".join(Client().get(path).content.decode().split())
    assert "tentative: it counts as sold" in shown
    assert "with 2 nights on the books" in shown
    assert "that reading made 2 events" in shown
    assert shown.count(": booked, night") == 2
    assert "The figures follow in a moment for:" in shown
    for private in (stay.guest, "guest.zaphod"):
        assert private not in shown
    unknown = Client().get(f"/connections/?hotel_id={HOTEL}&reservation=R/none?").content.decode()
    assert "It has no reservation with this number." in unknown


def test_a_way_without_the_booking_system(hotel: Hotel) -> None:
    stay = book(hotel)
    for item in stay.items:
        item.amount = Decimal("12345678901")  # the ledger refuses it
    hotel.read()
    number = stay.id if hotel.connection.vendor in ("mews", "apaleo") else stay.group
    path = f"/connections/?hotel_id={HOTEL}&reservation={number}"
    hotel.faults.broken = 1.0
    shown = Client().get(path).content.decode()
    assert "It gives no answer that could be used" in shown
    assert "it could not be understood" in shown
