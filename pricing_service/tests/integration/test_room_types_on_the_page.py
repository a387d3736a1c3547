"""The pricing page with room types: a night's table, the calendar of one type, the settings."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from pricing_service.decisions import automatic_pricing
from pricing_service.room_types.room_type_models import RoomType
from pricing_service.tests.hotels import DATABASES, HOTEL, create_hotel, create_rules, night
from pricing_service.tests.integration.test_pricing_page import page_text
from pricing_service.tests.integration.test_room_types import sell
from tests.prepared_rows import prepared_rows

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
SPAN = f"?hotel_id={HOTEL}&month={night(5):%Y-%m}"


@pytest.fixture(scope="module")
def hotel(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with prepared_rows(django_db_blocker, DATABASES, create_hotel_with_types):
        yield


@pytest.fixture(autouse=True)
def api_without_authentication(hotel: None, settings: Any) -> None:
    settings.API_AUTH = "open"


def create_hotel_with_types() -> None:
    """Create a hotel of 20 rooms with doubles and three suites at 25 % more; base 100."""
    create_hotel()
    rules = create_rules()
    RoomType.objects.create(profile=rules, name="Double", is_reference=True, rooms=12)
    RoomType.objects.create(profile=rules, name="Suite & bath", percent=25, rooms=3)
    automatic_pricing.reprice(HOTEL)


def cell(client: Client, query: str) -> str:
    html = client.get(f"/pricing/{query}").content.decode()
    found = re.search(rf'<a data-go class="cell[^>]*data-night="{night(5)}".*?</a>', html, re.S)
    assert found
    return found[0]


def test_the_calendar_shows_the_prices_of_one_type(client: Client) -> None:
    assert "100" in cell(client, SPAN)
    shown = cell(client, f"{SPAN}&room_type=suite+%26+bath")
    assert 'data-price="125.00"' in shown
    assert "room_type=Suite+%26amp%3B" not in shown
    assert "room_type=Suite+%26+bath" in shown, "the opened night keeps the room type"
    text = page_text(client, f"{SPAN}&room_type=Suite+%26+bath")
    assert "Prices are those of Suite & bath" in text
    assert "sold out" not in shown


def test_a_night_shows_its_types_and_which_is_sold_out(client: Client) -> None:
    sell("Suite & bath", 3)
    sell("Dbl", 1)
    text = page_text(client, f"?hotel_id={HOTEL}&night={night(5)}")
    assert re.search(r"Suite & bath sold out 125 \S+ 3 of 3", text), text
    assert "sold out" in cell(client, f"{SPAN}&room_type=Suite+%26+bath")
    assert "sold out" not in cell(client, SPAN)
    assert "not in the list: Dbl" in text


def test_the_settings_say_when_the_rooms_do_not_add_up(client: Client) -> None:
    assert "The types have 15 rooms together, the hotel has 20." in page_text(client, SPAN)
    RoomType.objects.filter(rooms=3).update(rooms=8)
    assert "rooms together" not in page_text(client, SPAN)


def test_an_old_link_to_a_type_says_that_there_is_none(client: Client) -> None:
    for name in ("Loft", "*"):
        text = page_text(client, f"{SPAN}&room_type={name}")
        assert f"no room type {name} : these are the reference's prices" in text
    RoomType.objects.all().delete()
    assert "room type" not in page_text(client, f"{SPAN}&room_type=Loft").split("Settings")[0]
