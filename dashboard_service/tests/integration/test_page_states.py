"""The page without data, with wrong parameters, without its database, and its security headers."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from dashboard_service.models import HotelFigures
from dashboard_service.tests.page_helpers import count_events, get_page, visible_text
from dashboard_service.web_page import page_content

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["dashboard_service", "pricing_service"]),
]


def test_a_system_without_events_says_how_to_load_some(client: Client) -> None:
    html = get_page(client, "")
    assert "No events yet" in html
    assert "trigger_load_events" in html


def test_a_hotel_without_data(client: Client) -> None:
    count_events(("2024-06-30T12:00:00", "2024-08-01", 1, 1))
    assert "Hotel 8 has no data" in visible_text(get_page(client, "?hotel_id=8"))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("hotel_id=abc", "hotel_id"),
        ("hotel_id=0", "hotel_id"),
        ("year=1899", "year"),
        ("month=7&period=day", "month"),
        ("year=2024&month=7", "month"),
        ("year=2024&month=13&period=day", "month"),
        ("basis=", "basis"),
        ("day=1", "day"),
        ("hotle=1", "hotle"),
        ("items=1", "items"),
    ],
)
def test_a_wrong_parameter_is_named(client: Client, query: str, name: str) -> None:
    answer = client.get(f"/?{query}")
    assert answer.status_code == 400
    assert f"<code>{name}</code>" in answer.content.decode()


def test_a_database_that_does_not_answer_is_a_503(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError("no route to host")

    monkeypatch.setattr(page_content, "load_state", fail)
    answer = client.get("/?hotel_id=7")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "try again in some seconds" in answer.content.decode()


def test_too_many_hotels_for_a_list_have_an_input_for_the_number(client: Client) -> None:
    count_events(("2024-06-30T12:00:00", "2024-08-01", 1, 1))
    now = datetime.now(UTC)
    HotelFigures.objects.bulk_create(
        HotelFigures(hotel_id=number, changed_at=now) for number in range(100, 700)
    )
    assert 'name="hotel_id" value="7"' in get_page(client)


def test_no_inline_code_and_no_external_resources(client: Client) -> None:
    count_events(("2024-06-30T12:00:00", "2024-08-01", 1, 1))
    answer = client.get("/?hotel_id=7")
    html = answer.content.decode()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert not re.search(
        r"\sstyle=|\son\w+=|<style|//", re.sub(r"<code>.*?</code>", "", html, flags=re.S)
    )
