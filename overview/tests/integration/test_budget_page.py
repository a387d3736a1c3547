"""The budget page: nothing is saved before Save, wrong input is said at its field."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dashboard_service.models import HotelProfile, MonthlyBudget
from dashboard_service.tests.random_hotels import (
    MONEY,
    NOW,
    ROOMLESS,
    count_random_hotels,
    stop_time,
)
from pricing_service.month_forecast.month_forecast import forecast_months
from tests.prepared_rows import prepared_rows

DATABASES = ["default", "dashboard_service", "pricing_service"]
pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
YEAR = NOW.year
ADDRESS = f"/budget/?hotel_id={MONEY}&year={YEAR}"
UPLOAD = f"/budget/upload/?hotel_id={MONEY}&year={YEAR}"


@pytest.fixture(scope="module")
def hotels(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        stop_time(patch)
        with prepared_rows(django_db_blocker, DATABASES, count_random_hotels):
            yield


@pytest.fixture(autouse=True)
def same_moment(hotels: None, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_time(monkeypatch)


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content
    return unescape(answer.content.decode())


def fields(html: str) -> dict[str, str]:
    """Return what the table's fields hold, without the empty ones."""
    found = re.findall(r'<input name="((?:room_nights|revenue)_\d+)" value="([^"]*)"', html)
    return {name: text for name, text in found if text}


def cells(html: str, month: str) -> list[str | None]:
    """Return the values of a month's cells after the two fields."""
    row = re.search(rf"{month}</time></th>(.*?)</tr>", html, re.S)
    assert row
    found = re.findall(r'<td(?: class="difference")?>(?:<data value="([^"]+)"|[^<]|<span)', row[1])
    return [value or None for value in found]


def test_a_month_shows_what_rest_says(client: Client) -> None:
    html = text_of(client.get(ADDRESS))
    rows = client.get(f"/dashboard/performance/?hotel_id={MONEY}&period=month&year={YEAR}").json()
    before = client.get(
        f"/dashboard/performance/?hotel_id={MONEY}&period=month&year={YEAR - 1}"
    ).json()
    found = cells(html, "August")
    books, forecast = rows[7], forecast_months(MONEY, NOW.date(), NOW.date() + timedelta(days=60))
    assert found[0] == str(books["room_nights"])
    assert float(found[1] or 0) == float(books["revenue"])
    assert forecast[2].room_nights is not None
    assert found[2] == str(round(forecast[2].room_nights.expected))
    assert found[6] == str(before[7]["room_nights"])
    march = cells(html, "March")
    assert march[2:6] == [None] * 4, "the month is over and nothing is planned"
    assert march[0] == str(rows[2]["room_nights"])


def test_typed_numbers_are_saved(client: Client) -> None:
    form = {"room_nights_5": "1 400", "revenue_5": "141.234,50", "revenue_6": "1,000.00"}
    answer = client.post(ADDRESS, form)
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/budget?hotel_id={MONEY}&year={YEAR}&saved=1",
    )
    html = text_of(client.get(answer["Location"]))
    assert "The budget is saved." in html
    assert fields(html) == {
        "room_nights_5": "1400", "revenue_5": "141234.50", "revenue_6": "1000.00",
    }  # fmt: skip
    assert MonthlyBudget.objects.get(month=5).revenue == 141_234_500


def test_what_cannot_be_read_is_said_at_its_field_and_nothing_is_saved(client: Client) -> None:
    client.post(ADDRESS, {"room_nights_5": "9"})
    html = text_of(client.post(ADDRESS, {"room_nights_5": "10", "revenue_6": "1.234"}), 400)
    assert fields(html) == {"room_nights_5": "10", "revenue_6": "1.234"}
    assert "id=\"revenue_6-wrong\">'1.234' can be read as 1234 or as 1 and a fraction" in html
    assert MonthlyBudget.objects.get().room_nights == 9


def test_last_year_with_some_percent_is_a_proposal(client: Client) -> None:
    before = client.get(
        f"/dashboard/performance/?hotel_id={MONEY}&period=month&year={YEAR - 1}"
    ).json()
    html = text_of(client.get(f"{ADDRESS}&percent=10"))
    assert "Nothing is saved yet" in html
    assert not MonthlyBudget.objects.exists()
    row = before[7]
    assert fields(html)["room_nights_8"] == str(round(row["room_nights"] * 1.1))
    assert float(fields(html)["revenue_8"]) == pytest.approx(float(row["revenue"]) * 1.1, abs=0.01)
    for percent in ("2,5", "-3", "+4 %", "0"):
        assert fields(text_of(client.get(f"{ADDRESS}&{urlencode({'percent': percent})}")))
    for percent in ("x", "-91", "1000", "1.2.3"):
        answer = client.get(f"{ADDRESS}&percent={percent}")
        assert "Type a number from" in text_of(answer, 400)


def test_a_file_fills_in_its_months_and_saves_nothing(client: Client) -> None:
    client.post(ADDRESS, {"room_nights_1": "7", "room_nights_2": "8"})
    file = SimpleUploadedFile("b.csv", b"month;room nights;revenue\n2;500;1000,50\n3;600;\n")
    html = text_of(client.post(UPLOAD, {"file": file}))
    assert fields(html) == {
        "room_nights_1": "7", "room_nights_2": "500", "revenue_2": "1000.50",
        "room_nights_3": "600",
    }  # fmt: skip
    assert "The file has" in html
    assert MonthlyBudget.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"month,revenue\n5,1.234\n", "Line 2: '1.234' can be read as"),
        (b"", "empty"),
        (b"PK damaged", "damaged"),
    ],
)
def test_a_wrong_file_is_explained(client: Client, content: bytes, reason: str) -> None:
    client.post(ADDRESS, {"room_nights_1": "7"})
    answer = client.post(UPLOAD, {"file": SimpleUploadedFile("b.csv", content or b" ")})
    html = text_of(answer, 400)
    assert reason in html
    assert fields(html) == {"room_nights_1": "7"}
    assert "Choose a CSV or Excel file" in text_of(client.post(UPLOAD), 400)


def test_a_file_larger_than_memory_allows_is_refused(client: Client) -> None:
    file = SimpleUploadedFile("b.csv", b"x" * 3_000_000)
    assert "Choose a CSV or Excel file of at most 1 MB" in text_of(
        client.post(UPLOAD, {"file": file}), 400
    )


def test_a_form_of_another_site_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    file = SimpleUploadedFile("b.csv", b"month,revenue\n5,10\n")
    assert client.post(UPLOAD, {"file": file}).status_code == 403
    assert client.post(ADDRESS, {"room_nights_1": "7"}).status_code == 403
    assert not MonthlyBudget.objects.exists()
    token = re.search(
        r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(ADDRESS).content.decode()
    )
    assert token
    file = SimpleUploadedFile("b.csv", b"month,revenue\n5,10\n")
    form = {"csrfmiddlewaretoken": token[1], "file": file}
    assert client.post(UPLOAD, form).status_code == 200


def test_without_a_currency_only_room_nights_are_planned(client: Client) -> None:
    number = 4_711
    HotelProfile.objects.create(hotel_id=number)
    html = text_of(client.get(f"/budget/?hotel_id={number}"))
    assert 'name="room_nights_1"' in html
    assert 'name="revenue_1"' not in html
    assert "currency is not known" in text_of(
        client.post(f"/budget/?hotel_id={number}", {"revenue_1": "5"}), 400
    ).replace("'s currency", " currency")


def test_amounts_of_three_decimals_are_read_back_as_they_were_shown(client: Client) -> None:
    HotelProfile.objects.filter(pk=MONEY).update(currency="KWD")
    client.post(ADDRESS, {"revenue_5": "37.1250"})
    shown = fields(text_of(client.get(ADDRESS)))
    assert shown == {"revenue_5": "37.1250"}
    client.post(ADDRESS, shown)
    assert MonthlyBudget.objects.get().revenue == 37_125


@pytest.mark.parametrize("query", ["?year=12", "?hotel_id=x", "?colour=red", "?saved=2"])
def test_a_wrong_address_is_explained(client: Client, query: str) -> None:
    assert "The address is wrong" in text_of(client.get(f"/budget/{query}"), 400)


@pytest.mark.parametrize("year", [1901, 2024, 2027, 2199])
def test_any_year_has_a_page(client: Client, year: int) -> None:
    for hotel in (MONEY, ROOMLESS):
        assert "By month" in text_of(client.get(f"/budget/?hotel_id={hotel}&year={year}"))
