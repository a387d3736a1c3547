"""Tables of the page as files: the page's own numbers, for those who may read them, strictly asked."""

import csv
import io
from datetime import datetime
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from dashboard_service.counting.feed_updater import update
from dashboard_service.data_provider_client import Provider
from dashboard_service.hotel_profiles import update_profile
from dashboard_service.table_downloads.figure_tables import TABLES
from dashboard_service.tests.fake_provider import BASE, FakeProvider, make_event
from dashboard_service.tests.page_helpers import count_events
from dashboard_service.web_page import page_content
from tests.excel_files import excel_cells, excel_rows

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=["dashboard_service"])]


def sold(number: int, day: str, night: str, rate: str, **words: str) -> dict[str, Any]:
    event = make_event(number, day=day, night=night)
    return {**event, "hotel_id": 7, "rate": rate, "currency": "EUR", **words}


@pytest.fixture
def money(requests_mock: Any) -> None:
    """A hotel of 10 rooms, called as a formula, with two years of a few nights."""
    events = [
        sold(1, "2021-01-10", "2021-05-05", "80.00", room_type="=cmd|' /C calc'!A0"),
        sold(2, "2023-01-10", "2023-07-07", "80.00", room_type="double", channel="web"),
        sold(3, "2024-01-05", "2024-07-05", "100.00", room_type="double", channel="web"),
        sold(4, "2024-01-10", "2024-07-05", "120.50", room_type="=1+1", channel="web"),
        sold(5, "2024-07-04", "2024-07-06", "99.00"),
    ]
    FakeProvider(requests_mock, events)
    assert update(Provider(BASE)) == 5
    update_profile(7, rooms=10, name="=HYPERLINK(1)")


def download(client: Client, query: str, status: int = 200) -> Any:
    response = client.get(f"/dashboard/table/?hotel_id=7&{query}")
    assert response.status_code == status, response.content
    return response


def csv_rows(client: Client, query: str) -> list[dict[str, str]]:
    text = download(client, f"{query}&format=csv").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def excel(client: Client, query: str) -> bytes:
    content: bytes = download(client, f"{query}&format=xlsx").content
    return content


def page(**choice: Any) -> dict[str, Any]:
    choice = {"period": "month", "basis": "stay", "year": 2024, "month": None, **choice}
    return page_content.build_context(7, **choice)


@pytest.mark.usefixtures("money")
class TestMoney:
    def test_the_figures_are_those_of_the_page(self, client: Client) -> None:
        rows = csv_rows(
            client, "table=figures&period=day&month=7&year=2024&basis=stay&show=revenue"
        )
        content = page(period="day", month=7, show="revenue")
        assert len(rows) == 31
        for row, shown in zip(rows, content["rows"], strict=True):
            assert row["Night"] == shown["first"].isoformat()
            assert int(row["Net room-nights"]) == shown["net"]
            assert row["Revenue"] == shown["revenue"]
            assert row["Revenue a year before"] == (shown["last_year"] or "")
            assert row["Currency"] == "EUR"
        assert rows[4]["Occupancy, %"] == "20"
        assert rows[4]["Revenue a year before"] == "80.00", "the same weekday, 364 days earlier"
        assert [rows[3]["State"], rows[4]["State"]] == ["", "on the books"]

    def test_excel_has_the_same_cells_typed_and_the_total(self, client: Client) -> None:
        *rows, total = excel_rows(excel(client, "table=figures&period=month&year=2024&basis=stay"))
        july = rows[6]
        assert july["Month"] == datetime(2024, 7, 1)
        assert july["Net room-nights"] == 3
        assert july["Revenue"] == 319.5
        assert july["Occupancy"] == pytest.approx(3 / 310)
        assert july["Net room-nights a year before"] == 1
        assert (total["Month"], total["Revenue"], total["Currency"]) == ("Total", 319.5, "EUR")

    def test_years_are_numbers_as_text(self, client: Client) -> None:
        rows = csv_rows(client, "table=figures&period=year&basis=stay")
        assert [row["Year"] for row in rows] == ["2021", "2022", "2023", "2024"]

    def test_pickup_has_headers_that_say_what_they_count(self, client: Client) -> None:
        rows = csv_rows(client, "table=pickup&basis=stay")
        content = page()
        assert list(rows[0]) == [
            "Night", "Room-nights on the books", "Occupancy, %", "ADR", "Revenue",
            "Room-nights: change in the last day", "Room-nights: change in the last 7 days",
            "Room-nights: change in the last 30 days", "Currency",
        ]  # fmt: skip
        assert len(rows) == len(content["pickup"]) == 90
        assert [int(row["Room-nights on the books"]) for row in rows] == [
            night["on_the_books"] for night in content["pickup"]
        ]
        assert [int(row["Room-nights: change in the last day"]) for row in rows] == [
            night["pickup_1"] for night in content["pickup"]
        ]

    def test_pickup_of_occupancy_is_in_points(self, client: Client) -> None:
        rows = csv_rows(client, "table=pickup&basis=stay&show=occupancy")
        [change] = {
            row["Occupancy, percentage points: change in the last 7 days"]
            for row in rows
            if row["Night"] == "2024-07-06"
        }
        assert float(change) == 10

    def test_pace_has_last_year(self, client: Client) -> None:
        rows = csv_rows(client, "table=pace&year=2024&basis=stay")
        assert rows[6] == {
            "Month": "2024-07", "Room-nights on the books": "3", "Same time last year": "1",
            "Difference": "2", "How last year ended": "1", "Note": "",
        }  # fmt: skip
        nights = csv_rows(client, "table=pace&year=2024&month=7&period=day&basis=stay&show=revenue")
        assert nights[4] == {
            "Night": "2024-07-05", "Compared with": "2023-07-07", "Revenue on the books": "220.50",
            "Same time last year": "80.00", "Difference": "140.50", "How last year ended": "80.00",
            "Note": "", "Currency": "EUR",
        } | {"Note": nights[4]["Note"]}  # fmt: skip

    def test_breakdowns_hold_words_as_text(self, client: Client) -> None:
        rows = csv_rows(client, "table=room_type&year=2024&basis=stay")
        assert {row["Room type"] for row in rows} == {"'=1+1", "double", "not described"}
        content = excel(client, "table=room_type&year=2024&basis=stay")
        cells = [row["Room type"] for row in excel_cells(content)]
        assert {cell.value for cell in cells} == {"=1+1", "double", "not described", "Total"}
        assert {cell.data_type for cell in cells} == {"s"}
        assert sum(float(row["Share of room-nights, %"]) for row in rows) == pytest.approx(100)

    @pytest.mark.parametrize("table", TABLES[2:])
    @pytest.mark.parametrize("show", ["room_nights", "revenue", "occupancy", "adr"])
    def test_every_table_has_every_measure(self, client: Client, table: str, show: str) -> None:
        for more in ("basis=stay", "basis=booked", "basis=stay&period=day&month=7"):
            query = f"table={table}&show={show}&year=2024&{more}"
            rows = csv_rows(client, query)
            assert rows
            assert len(excel_rows(excel(client, query))) == len(rows) + 1, "and the total"

    def test_a_table_that_the_page_has_not_is_named(self, client: Client) -> None:
        response = download(client, "table=segment&format=csv&basis=stay", status=404)
        assert "no events of this period name a segment" in response.content.decode()

    def test_the_file_has_a_name(self, client: Client) -> None:
        response = download(
            client, "table=pace&format=xlsx&year=2024&month=7&period=day&basis=stay"
        )
        assert (
            response["Content-Disposition"]
            == 'attachment; filename="=HYPERLINK(1) - Pace 2024-07.xlsx"'
        )


def test_a_hotel_without_money_or_rooms_has_neither_column(client: Client) -> None:
    count_events(("2024-06-01T10:00:00", "2024-07-05", 1, 2))
    assert list(csv_rows(client, "table=figures")[0]) == [
        "Month", "State", "Net room-nights", "Gross bookings", "Cancelled",
        "Cancelled against booked, %", "Net room-nights a year before",
    ]  # fmt: skip
    assert list(csv_rows(client, "table=pickup")[0])[:2] == ["Night", "Room-nights on the books"]


def test_a_hotel_without_data_says_so(client: Client) -> None:
    response = download(client, "table=figures&format=csv", status=404)
    assert "no events of this hotel have been counted yet" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("table=figures", "format"),
        ("table=figures&format=pdf", "is not a valid choice"),
        ("table=figures&format=csv&format=xlsx", "given more than once"),
        ("table=everything&format=csv", "is not a valid choice"),
        ("format=csv", "table"),
        ("table=pace&format=csv&moth=3", "unknown parameter"),
        ("table=pace&format=", "empty"),
        ("table=pace&format=csv&year=2024&month=3", "goes with period=day"),
    ],
)
def test_wrong_parameters_are_refused(client: Client, query: str, reason: str) -> None:
    assert reason in download(client, query, status=400).content.decode()


def test_it_is_read_only(client: Client) -> None:
    assert client.post("/dashboard/table/?hotel_id=7&table=pace&format=csv").status_code == 405


def test_without_a_database_it_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(page_content, "build_context", fail)
    download(client, "table=pace&format=csv", status=503)
