"""Tables of prices as files: the page's numbers, typed in Excel, and strictly asked for."""

import csv
import io
from datetime import UTC, datetime, time
from typing import Any

import pytest
from django.test import Client

from dashboard_service.models import HotelProfile
from pricing_service import price_listing
from pricing_service.decisions import automatic_pricing
from pricing_service.decisions.manual_decisions import decide
from pricing_service.models import Action, PriceDecision
from pricing_service.notes.night_notes import write_note
from pricing_service.table_downloads.rule_tables import LISTS
from pricing_service.tests.hotels import DATABASES, HOTEL, book, create_hotel, create_rules, night
from tests.excel_files import excel_rows

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.fixture(autouse=True)
def api_without_authentication(settings: Any) -> None:
    settings.API_AUTH = "open"


@pytest.fixture
def priced() -> None:
    create_hotel()
    HotelProfile.objects.update(
        name="Zur Möwe", time_zone="Asia/Tokyo", counted_time_zone="Asia/Tokyo"
    )
    create_rules(mode="suggest")
    book(night(5), 19)
    automatic_pricing.reprice(HOTEL)


def change_rules(client: Client, changes: dict[str, Any]) -> None:
    path = f"/prices/hotels/{HOTEL}/"
    response = client.patch(path, changes, content_type="application/json")
    assert response.status_code == 200, response.content


def download(client: Client, query: str, status: int = 200) -> Any:
    response = client.get(f"/pricing/table/?hotel_id={HOTEL}&{query}")
    assert response.status_code == status, response.content
    return response


def csv_rows(client: Client, query: str) -> list[dict[str, str]]:
    text = download(client, f"{query}&format=csv").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def sheet_rows(client: Client, query: str) -> list[dict[str, Any]]:
    return excel_rows(download(client, f"{query}&format=xlsx").content)


@pytest.mark.usefixtures("priced")
class TestNights:
    def test_all_coming_nights_are_those_of_rest(self, client: Client) -> None:
        rows = csv_rows(client, "table=nights")
        listed = price_listing.list_prices(HOTEL)
        assert [row["Night"] for row in rows] == [row["night"].isoformat() for row in listed]
        for row, price in zip(rows, listed, strict=True):
            assert row["Price"] == price["price"]
            assert row["Recommended price"] == price["recommended"]
            assert row["State"] == price["state"]
            assert row["Why this price"] == price["sentence"]

    def test_a_month_in_excel_is_typed(self, client: Client) -> None:
        fifth = night(5)
        rows = sheet_rows(client, f"table=nights&month={fifth:%Y-%m}")
        [row] = [row for row in rows if row["Night"] == datetime.combine(fifth, time())]
        price = next(row for row in price_listing.list_prices(HOTEL) if row["night"] == fifth)
        assert row["Price"] == float(price["price"])
        assert (row["Currency"], row["Weekday"]) == ("EUR", f"{fifth:%A}")
        assert row["Room-nights on the books"] == 19
        assert row["Occupancy"] == pytest.approx(0.95)
        assert row["Ahead (+) or behind (−) the curve"] > 0
        assert isinstance(row["Priced at (Asia/Tokyo)"], datetime)
        assert {row["Night"].month for row in rows} == {fifth.month}

    def test_a_note_stands_beside_its_night(self, client: Client) -> None:
        write_note(HOTEL, [night(5)], "=1+1", "mia")
        [row] = [row for row in csv_rows(client, "table=nights") if row["Note"]]
        assert (row["Night"], row["Note"]) == (night(5).isoformat(), "'=1+1")

    def test_of_a_room_type_are_its_prices(self, client: Client) -> None:
        change_rules(client, {"room_types": [
            {"name": "Double", "is_reference": True, "rooms": 15},
            {"name": "Suite/x", "percent": 50, "rooms": 5},
        ]})  # fmt: skip
        house = csv_rows(client, "table=nights")
        suites = csv_rows(client, "table=nights&room_type=Suite/x")
        assert {row["Room type"] for row in suites} == {"Suite/x"}
        assert float(suites[9]["Price"]) > float(house[9]["Price"])
        assert (
            "no room type"
            in download(
                client, "table=nights&room_type=Attic&format=csv", status=404
            ).content.decode()
        )

    def test_a_file_s_name_says_what_it_is(self, client: Client) -> None:
        response = download(client, "table=nights&month=2030-02&format=xlsx")
        assert response["Content-Disposition"].endswith(
            "''Zur%20M%C3%B6we%20-%20Prices%202030-02.xlsx"
        )
        assert response["Cache-Control"] == "private, no-cache"

    def test_decisions_are_told_in_the_hotel_s_time(self, client: Client) -> None:
        decide(HOTEL, [night(5)], Action.LOCK, who="mia", reason="=SUM(A1)")
        PriceDecision.objects.update(made_at=datetime(2026, 1, 1, 20, tzinfo=UTC))
        [row] = sheet_rows(client, f"table=decisions&month={night(5):%Y-%m}")[:1]
        assert row["Decided at (Asia/Tokyo)"] == datetime(2026, 1, 2, 5)
        assert (row["Decision"], row["Who"], row["Reason"]) == ("lock", "mia", "=SUM(A1)")
        assert csv_rows(client, "table=decisions&month=2031-01") == []

    def test_a_quote_is_that_of_the_page(self, client: Client) -> None:
        query = f"arrival={night(20)}&departure={night(22)}&rooms=4"
        rows = csv_rows(client, f"table=group_quote&{query}")
        assert [row["Night"] for row in rows] == [f"{night(20)}", f"{night(21)}"]
        page = client.get(f"/pricing/group-quote/?hotel_id={HOTEL}&{query}").context["quote"]
        assert [row["Least rate"] for row in rows] == [row["least_rate"] for row in page["nights"]]
        *_, whole = sheet_rows(client, f"table=group_quote&{query}")
        assert (whole["Night"], whole["Note"]) == ("Whole stay", page["sentence"])

    def test_a_wrong_quote_is_explained(self, client: Client) -> None:
        response = download(client, "table=group_quote&rooms=4&format=csv", status=400)
        assert "arrival" in response.content.decode()


@pytest.mark.usefixtures("priced")
def test_every_list_of_the_settings(client: Client) -> None:
    span = {"first": "2030-05-01", "last": "2030-05-04"}
    season = {**span, "weekdays": [4, 5], "every_year": True}
    change_rules(client, {
        "events": [{"name": "Fair", "factor": 1.25, **span}],
        "bounds": [{**season, "minimum_price": "80.00"}],
        "minimum_stays": [{**season, "nights": 2}],
        "fixed_prices": [{"night": "2030-05-02", "price": "111.50"}],
        "room_types": [{"name": "Double", "is_reference": True, "rooms": 20}],
        "rooms_for_sale": [{**span, "rooms": 0}],
    })  # fmt: skip
    first, last = "2030-05-01", "2030-05-04"
    dates = {"First night": first, "Last night": last}
    seasonal = {**dates, "Weekdays": "Friday, Saturday", "Every year": "yes"}
    found = {name: csv_rows(client, f"table={name}") for name in LISTS}
    assert found == {
        "events": [{"Event": "Fair", **dates, "Factor": "1.25"}],
        "bounds": [{**seasonal, "Minimum price": "80.00", "Maximum price": "", "Currency": "EUR"}],
        "minimum_stays": [{**seasonal, "Minimum stay, nights": "2"}],
        "fixed_prices": [{"Night": "2030-05-02", "Price": "111.50", "Currency": "EUR"}],
        "room_types": [{
            "Room type": "Double", "Rooms": "20", "Reference type": "yes",
            "Difference to the reference, per cent": "", "Difference to the reference, amount": "",
            "Minimum price": "", "Maximum price": "", "Currency": "EUR",
        }],
        "rooms_for_sale": [{**dates, "Rooms for sale": "0"}],
    }  # fmt: skip
    [event] = sheet_rows(client, "table=events")
    assert (event["First night"], event["Factor"]) == (datetime(2030, 5, 1), 1.25)


@pytest.mark.usefixtures("priced")
def test_the_page_links_to_its_files(client: Client) -> None:
    html = client.get(f"/pricing/?hotel_id={HOTEL}").content.decode()
    links = [part.partition('"')[0] for part in html.split('href="/pricing/table')[1:]]
    assert len(links) == 6
    for link in links:
        assert client.get(f"/pricing/table{link.replace('&amp;', '&')}").status_code == 200, link


def test_a_hotel_without_prices_says_so(client: Client) -> None:
    create_hotel()
    response = download(client, "table=events&format=csv", status=404)
    assert "no prices yet" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("table=nights", "format"),
        ("table=prices&format=csv", "is not a valid choice"),
        ("table=events&format=csv&month=2030-01", "goes with table=nights or table=decisions"),
        ("table=nights&format=csv&rooms=3", "goes with table=group_quote"),
        ("table=nights&format=csv&month=2030-13", "must be a month"),
        ("table=nights&format=csv&night=2030-01-01", "unknown parameter"),
    ],
)
def test_wrong_parameters_are_refused(client: Client, query: str, reason: str) -> None:
    assert reason in download(client, query, status=400).content.decode()
