"""The page, the report and the files of tables in the reader's language, in each of their states."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests_mock
from django.test import Client
from django.utils.translation import override

from dashboard_service.counting.feed_updater import update
from dashboard_service.data_provider_client import Provider
from dashboard_service.hotel_profiles import update_profile
from dashboard_service.models import HotelProfile
from dashboard_service.tests.fake_provider import BASE, FakeProvider, make_event
from dashboard_service.tests.page_helpers import count_events, visible_text
from tests.prepared_rows import prepared_rows
from tests.untranslated_texts import page_texts_left

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["dashboard_service", "pricing_service"]),
]


def sold(number: int, day: str, night: str, rate: str = "", **more: Any) -> dict[str, Any]:
    money = {"rate": rate, "currency": more.pop("currency", "EUR")} if rate else {}
    return {**make_event(number, day=day, night=night), "hotel_id": 7, **money, **more}


def count_hotel_with_money() -> None:
    """Count two years of a hotel with all that a page can say of it."""
    events = [
        sold(1, "2023-01-10", "2023-05-05", "80.00", segment="s1", channel="c1", room_type="r1"),
        sold(2, "2023-06-10", "2023-12-31", "70.00"),
        sold(3, "2024-01-05", "2024-01-15", "100.00", segment="s1", channel="c2"),
        sold(4, "2024-01-10", "2024-05-03", "120.50", room_type="r1"),
        sold(5, "2024-01-15", "2024-05-03"),
        sold(6, "2024-01-15", "2024-05-03", "60.00", currency="USD"),
        sold(7, "2024-01-15", "2024-05-03", "60.00"),
        # Cancelled twice, and given back once.
        sold(8, "2024-01-16", "2024-05-03", status=2, room_reservation_id="7"),
        sold(9, "2024-01-17", "2024-05-03", status=2, room_reservation_id="7"),
        sold(10, "2999-01-01", "2999-01-02", "60.00"),  # of the future
    ]
    with requests_mock.Mocker() as mocker:
        FakeProvider(mocker, events)
        update(Provider(BASE))
    closed = {"first": "2024-02-01", "last": "2024-02-07", "rooms": 0}
    update_profile(7, rooms=10, currency="EUR", country="DE", rooms_by_date=[closed])


@pytest.fixture(scope="module")
def money(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with prepared_rows(django_db_blocker, ["dashboard_service"], count_hotel_with_money):
        yield


PAGES = [
    "",
    "&year=2024&period=day",
    "&year=2024&period=year",
    "&year=2023&period=month",
    "&year=2025",
    "&show=occupancy",
    "&basis=stay&year=2024",
    "&basis=stay&year=2024&show=revenue",
    "&basis=stay&year=2024&period=day&month=5&show=occupancy",
    "&basis=stay&year=2024&period=year&show=adr",
    "&basis=stay&year=2023&period=day",
]


def left(client: Client, query: str, path: str = "/") -> list[str]:
    """Return what is not translated; months in titles are written by their format."""
    months = ("Mai 2024", "Januar 2024", "Januar 2022")
    return page_texts_left(client, f"{path}?hotel_id=7{query}", "Hotel 7", "Europe/Zurich", *months)


# The tests of hotels without data come first: they need a database without any.


def test_of_a_hotel_without_money_and_without_rooms(client: Client) -> None:
    count_events(("2024-06-30T12:00:00", "2024-08-01", 1, 1))
    for query in ("", "&basis=stay&show=revenue", "&basis=stay&show=occupancy"):
        assert left(client, query) == []


def test_of_pages_without_data(client: Client) -> None:
    assert page_texts_left(client, "/") == []
    count_events(("2024-06-30T12:00:00", "2024-08-01", 1, 1))
    assert page_texts_left(client, "/?hotel_id=8&basis=stay", "Hotel 7", "Hotel 8") == []
    assert page_texts_left(client, "/dashboard/report/?hotel_id=8", "Hotel 8") == []


@pytest.mark.usefixtures("money")
class TestEveryTextIsTranslated:
    @pytest.mark.parametrize("query", PAGES)
    def test_of_a_page(self, client: Client, query: str) -> None:
        assert left(client, query) == []

    @pytest.mark.parametrize("query", ["", "&year=2024&month=5", "&year=2022&month=1"])
    def test_of_a_report(self, client: Client, query: str) -> None:
        assert left(client, query, "/dashboard/report/") == []

    def test_while_a_hotel_is_recounted(self, client: Client) -> None:
        HotelProfile.objects.update(time_zone="Europe/Zurich")
        assert left(client, "") == []

    def test_of_the_addresses_that_are_wrong(self, client: Client) -> None:
        with override("de"):
            page = client.get(
                "/?hotel_id=7&period=month&month=5", headers={"accept-language": "de"}
            )
        assert page.status_code == 400
        assert "braucht ein Jahr" in page.content.decode()


@pytest.mark.usefixtures("money")
class TestLanguages:
    def test_a_german_page_has_german_words_numbers_and_dates(self, client: Client) -> None:
        query = "/?hotel_id=7&basis=stay&year=2024&show=revenue"
        page = client.get(query, headers={"accept-language": "de-CH"})
        assert page.headers["Content-Language"] == "de"
        text = visible_text(page.content.decode())
        assert "Umsatz nach Monaten, 2024 (EUR)" in text
        assert "Nach Segment, Kanal und Zimmerkategorie, 2024" in text
        assert (
            "Nicht in Umsatz und ADR enthalten: 1 Zimmernacht in anderen Währungen und "
            "1 Zimmernacht ohne Rate." in text
        )
        assert "220,50" in text
        assert "Januar 2024" in text

    def test_programs_that_name_no_language_get_english(self, client: Client) -> None:
        page = client.get("/?hotel_id=7&basis=stay&year=2024&show=revenue").content.decode()
        assert "Revenue by month, 2024 (EUR)" in visible_text(page)

    @pytest.mark.parametrize(
        ("table", "heads"),
        [
            ("figures", ["Mois", "État", "Nuitées nettes", "Réservations brutes", "Annulées"]),
            (
                "pickup",
                [
                    "Nuit",
                    "Nuitées en portefeuille",
                    "Taux d\N{RIGHT SINGLE QUOTATION MARK}occupation",
                ],
            ),
            ("segment", ["Segment", "Nuitées", "Part des nuitées"]),
        ],
    )
    def test_files_have_heads_in_the_language(
        self, client: Client, table: str, heads: list[str]
    ) -> None:
        query = f"hotel_id=7&basis=stay&year=2024&table={table}&format=csv"
        answer = client.get(f"/dashboard/table/?{query}", headers={"accept-language": "fr"})
        rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        found = [head.removesuffix(", %") for head in next(rows)]
        assert found[: len(heads)] == heads


@pytest.mark.usefixtures("money")
class TestWeeksBeginAsInTheReadersRegion:
    @pytest.mark.parametrize(
        ("accepted", "heads", "empty"),
        [
            ("", "0123456", 4),
            ("en", "0123456", 4),
            ("en-GB,en;q=0.9", "0123456", 4),
            ("en-US,en;q=0.9", "6012345", 5),
            ("de-AT", "0123456", 4),
            ("es-MX, en-US;q=0.5", "6012345", 5),
        ],
    )
    def test_the_calendar(self, client: Client, accepted: str, heads: str, empty: int) -> None:
        headers = {"accept-language": accepted} if accepted else {}
        page = client.get("/?hotel_id=7&year=2024&period=month&basis=stay", headers=headers)
        months = page.content.decode().partition('class="months"')[2].split("</table>")
        march = months[2]  # the first of March 2024 is a Friday
        assert "".join(re.findall(r'data-weekday="(\d)"', march)) == heads
        assert march.partition('data-day="2024-03-01"')[0].count('<td class="none">') == empty

    def test_a_reader_elsewhere_gets_no_304_of_this_one(self, client: Client) -> None:
        tag = client.get("/?hotel_id=7", headers={"accept-language": "en-GB"}).headers["ETag"]
        for region, status in (("en-GB", 304), ("en-US", 200)):
            headers = {"accept-language": region, "if-none-match": tag}
            assert client.get("/?hotel_id=7", headers=headers).status_code == status
