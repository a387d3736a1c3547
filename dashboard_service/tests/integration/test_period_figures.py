"""GET /dashboard/ and GET /dashboard/hotels/: rows, spans, wrong parameters, CSV."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from dashboard_service.models import DashboardData

pytestmark = pytest.mark.django_db(databases=["dashboard_service"])


@pytest.fixture(autouse=True)
def figures() -> None:
    for day, gross, cancelled in (
        (date(2023, 12, 31), 1, 0),
        (date(2024, 2, 29), 5, 2),
        (date(2024, 3, 1), 0, 4),
    ):
        DashboardData.objects.create(
            hotel_id=7, basis="booked", day=day, gross_booking_count=gross,
            cancellation_count=cancelled,
        )  # fmt: skip


def get(client: Client, query: str) -> list[dict[str, Any]]:
    answer = client.get(f"/dashboard?{query}")
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()
    return rows


def test_it_works(client: Client) -> None:
    rows = get(client, "hotel_id=7")
    assert [(row["year"], row["month"], row["day"], row["booking_count"]) for row in rows] == [
        (2023, 12, None, 1), (2024, 1, None, 0), (2024, 2, None, 3), (2024, 3, None, -4),
    ]  # fmt: skip
    assert rows[0] == {
        "hotel_id": 7, "period": "month", "basis": "booked", "year": 2023, "month": 12, "day": None,
        "booking_count": 1, "gross_booking_count": 1, "cancellation_count": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("period=day", 62),
        ("period=year", 2),
        ("period=day&year=2024", 366),
        ("period=day&year=2023", 365),
        ("period=day&year=2024&month=2", 29),
        ("period=day&year=2024&month=2&day=29", 1),
        ("year=2024", 12),
        ("year=2024&month=3", 1),
        ("period=year&year=2024", 1),
        ("year=1999", 12),
        ("basis=stay", 0),
    ],
)
def test_every_period_of_the_span_is_there(client: Client, query: str, count: int) -> None:
    assert len(get(client, f"hotel_id=7&{query}")) == count


def test_months_and_years_are_the_sums_of_their_days(client: Client) -> None:
    for field in ("booking_count", "gross_booking_count", "cancellation_count"):
        totals = {
            sum(row[field] for row in get(client, f"hotel_id=7&period={period}"))
            for period in ("day", "month", "year")
        }
        assert len(totals) == 1


@pytest.mark.parametrize("query", ["", "&year=2024"])
def test_a_hotel_without_data_is_an_empty_array(client: Client, query: str) -> None:
    assert get(client, f"hotel_id=8{query}") == []


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "hotel_id"),
        ("hotel_id=abc", "hotel_id"),
        ("hotel_id=7&period=week", "period"),
        ("hotel_id=7&basis=x", "basis"),
        ("hotel_id=7&year=0", "year"),
        ("hotel_id=7&year=10000", "year"),
        ("hotel_id=7&year=2024&month=13", "month"),
        ("hotel_id=7&month=1", "month"),
        ("hotel_id=7&period=day&year=2023&month=2&day=29", "day"),
        ("hotel_id=7&period=day&year=2023&day=1", "day"),
        ("hotel_id=7&yaer=2023", "yaer"),
        ("hotel_id=7&format=xml", "format"),
    ],
)
def test_a_wrong_parameter_is_named(client: Client, query: str, field: str) -> None:
    answer = client.get(f"/dashboard/?{query}")
    assert answer.status_code == 400
    assert list(answer.json()) == [field]


def test_csv_has_the_same_rows(client: Client) -> None:
    answer = client.get("/dashboard/?hotel_id=7&format=csv")
    assert answer["Content-Type"].startswith("text/csv")
    lines = answer.content.decode().splitlines()
    assert lines[0].startswith("hotel_id,period,basis,year,month,day,booking_count")
    assert lines[1] == "7,month,booked,2023,12,,1,1,0"
    assert len(lines) == 5


def test_hotels(client: Client) -> None:
    [hotel] = client.get("/dashboard/hotels").json()
    assert hotel == {
        "hotel_id": 7, "name": "Hotel 7", "time_zone": "UTC", "rooms": None, "recounting": False,
        "first_date": "2023-12-31", "last_date": "2024-03-01",
        "booking_count": 0, "gross_booking_count": 6, "cancellation_count": 6,
    }  # fmt: skip


@pytest.mark.one_database
@pytest.mark.parametrize("path", ["/dashboard/?format=csv", "/dashboard/hotels/", "/events/"])
def test_options_requests_are_answered(client: Client, path: str) -> None:
    assert (
        client.options(path, headers={"Accept": "text/*"} if "?" in path else {}).status_code == 200
    )
