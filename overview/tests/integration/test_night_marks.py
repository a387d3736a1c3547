"""Events, notes and holidays stand in every view of nights, for those who may read them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from common import night_marks
from common.access_rights import Ability
from common.night_marks import NightMark
from dashboard_service.models import HotelProfile
from pricing_service.models import DemandEvent
from pricing_service.notes.night_notes import write_note
from pricing_service.tests.hotels import DATABASES, HOTEL, book, create_hotel, create_rules, night

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.fixture(autouse=True)
def hotel_with_marks() -> None:
    create_hotel()
    book(night(3), 2)
    rules = create_rules()
    DemandEvent.objects.create(
        profile=rules, first=night(2), last=night(4), name='Fair "<b>', factor=1.2
    )
    write_note(HOTEL, [night(3)], "the lift stands still", "a test")


def marked_days(html: str) -> list[str]:
    return re.findall(r'data-day="([\d-]+)"[^>]* data-marks=', html)


def test_the_heat_map_has_them_with_their_text(client: Client) -> None:
    html = client.get(f"/?hotel_id={HOTEL}&basis=stay&year={night(3).year}").text
    assert night(3).isoformat() in marked_days(html)
    assert "Event: Fair &quot;&lt;b&gt;; Note: the lift stands still" in html
    assert 'Fair "<b>' not in html
    assert marked_days(client.get(f"/?hotel_id={HOTEL}&basis=booked").text) == []


@pytest.mark.parametrize("part", ["pickup", "pace", "table"])
def test_the_tables_of_nights_have_them(client: Client, part: str) -> None:
    shown = night(3)
    address = f"/?hotel_id={HOTEL}&basis=stay&period=day&year={shown.year}&month={shown.month}"
    section = client.get(address).text.partition(f'<section id="{part}"')[2].partition("</section>")
    heads = re.findall(r"<th\b.*?</th>", section[0], re.DOTALL)
    [row] = [head for head in heads if f'datetime="{shown.isoformat()}"' in head]
    assert 'aria-label="Note: the lift stands still"' in row
    assert "eventful" in row


def test_the_calendar_of_prices_has_them(client: Client) -> None:
    html = client.get(f"/pricing/?hotel_id={HOTEL}&month={night(3):%Y-%m}").text
    cell = html.partition(f'data-night="{night(3).isoformat()}"')[2].partition("</a>")[0]
    assert "eventful" in cell
    assert "noted" in cell


def test_a_new_mark_renews_the_dashboard_s_page(client: Client) -> None:
    tag = client.get(f"/?hotel_id={HOTEL}")["ETag"]
    address = f"/?hotel_id={HOTEL}"
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    write_note(HOTEL, [night(9)], "marathon", "a test")
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_holidays_are_those_of_the_hotel_s_country() -> None:
    new_year = night(0).replace(year=night(0).year + 1, month=1, day=1)
    abilities = {Ability.READ_DASHBOARD}
    assert night_marks.night_marks(HOTEL, new_year, new_year, abilities) == {}
    HotelProfile.objects.filter(pk=HOTEL).update(country="IT")
    [mark] = night_marks.night_marks(HOTEL, new_year, new_year, abilities)[new_year]
    assert mark.kind == "holiday"


def test_notes_and_events_need_the_right_to_read_prices() -> None:
    span = (HOTEL, night(0), night(9))
    assert night_marks.night_marks(*span, {Ability.READ_DASHBOARD}) == {}
    found = night_marks.night_marks(*span, {Ability.READ_PRICES})
    assert found[night(3)] == [
        NightMark("event", 'Fair "<b>'),
        NightMark("note", "the lift stands still"),
    ]
    assert list(found) == [night(3) + timedelta(days=shift) for shift in (-1, 0, 1)]


def test_a_database_that_is_away_takes_its_marks_only(client: Client, monkeypatch: Any) -> None:
    def fail(*_: Any) -> Any:
        raise OperationalError("away")

    source = night_marks.MarkSource(Ability.READ_PRICES, fail, fail)
    monkeypatch.setitem(night_marks._sources, "0 away", source)
    response = client.get(f"/?hotel_id={HOTEL}&basis=stay&year={night(3).year}")
    assert response.status_code == 200
    assert night(3).isoformat() in marked_days(response.text)
