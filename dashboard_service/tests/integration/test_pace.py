"""GET /dashboard/pace/: on the books beside the same number of days before, a year earlier."""

from typing import Any

import pytest
from django.test import Client

from dashboard_service.counting.feed_updater import update
from dashboard_service.data_provider_client import Provider
from dashboard_service.tests.fake_provider import BASE, FakeProvider, make_event

pytestmark = pytest.mark.django_db(databases=["dashboard_service"])


def booked(number: int, day: str, night: str, rate: str = "") -> Any:
    money = {"rate": rate, "currency": "EUR"} if rate else {}
    return {**make_event(number, day=day, night=night), "hotel_id": 7, **money}


EVENTS = [
    booked(1, "2023-01-10", "2023-05-05", "80.00"),
    booked(2, "2023-01-20", "2023-05-05", "90.00"),  # later than the same time of last year
    booked(3, "2023-01-10", "2023-03-01", "50.00"),
    booked(4, "2024-01-05", "2024-05-03", "100.00"),
    booked(5, "2024-01-10", "2024-05-03", "120.00"),
    booked(6, "2024-01-15", "2024-05-31"),
]


def get(client: Client, query: str) -> list[dict[str, Any]]:
    answer = client.get(f"/dashboard/pace?hotel_id=7&{query}")
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()
    return rows


def count(requests_mock: Any, events: list[Any]) -> None:
    FakeProvider(requests_mock, events)
    update(Provider(BASE))


def test_it_works(client: Client, requests_mock: Any) -> None:
    count(requests_mock, EVENTS)
    rows = get(client, "year=2024&month=5")
    assert len(rows) == 31
    assert rows[2] == {
        "hotel_id": 7, "year": 2024, "month": 5, "night_of_stay": "2024-05-03",
        "night_last_year": "2023-05-05", "as_of": "2024-01-15", "as_of_last_year": "2023-01-16",
        "room_nights": 2, "room_nights_last_year": 1, "room_nights_difference": 1,
        "room_nights_final_last_year": 2, "currency": "EUR", "revenue": "220.00",
        "revenue_last_year": "80.00", "revenue_difference": "140.00",
        "revenue_final_last_year": "170.00",
    }  # fmt: skip
    assert (rows[30]["room_nights"], rows[30]["revenue"]) == (1, None), "no rate is known"


def test_months_are_compared_with_the_same_month_leap_years_included(
    client: Client, requests_mock: Any
) -> None:
    count(requests_mock, EVENTS)
    rows = get(client, "year=2024&as_of=2024-01-11")
    assert [row["month"] for row in rows] == list(range(1, 13))
    assert {row["night_of_stay"] for row in rows} == {None}
    # 1 March 2024 comes 366 days after 1 March 2023, 1 February 365 days.
    assert [row["as_of_last_year"] for row in rows[1:3]] == ["2023-01-11", "2023-01-10"]
    march, may = rows[2], rows[4]
    assert (march["room_nights"], march["room_nights_last_year"]) == (0, 1)
    assert march["revenue_difference"] == "-50.00"
    assert (may["room_nights"], may["revenue"]) == (2, "220.00")
    assert (may["room_nights_last_year"], may["revenue_last_year"]) == (1, "80.00")
    assert may["room_nights_final_last_year"] == 2
    assert rows[0]["room_nights_last_year"] is None, "before the hotel's first night"


def test_a_hotel_without_money_has_the_net_of_its_events(
    client: Client, requests_mock: Any
) -> None:
    events = [
        {name: value for name, value in event.items() if name not in ("rate", "currency")}
        for event in EVENTS
    ]
    count(requests_mock, events)
    row = get(client, "year=2024&month=5")[2]
    assert (row["room_nights"], row["room_nights_last_year"]) == (2, 1)
    assert (row["room_nights_final_last_year"], row["revenue"], row["currency"]) == (2, None, None)


def test_a_hotel_without_data_is_an_empty_array(client: Client) -> None:
    assert get(client, "year=2024") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "year"),
        ("year=0", "year"),
        ("year=2024&month=13", "month"),
        ("year=2024&as_of=x", "as_of"),
    ],
)
def test_a_wrong_parameter_is_named(client: Client, query: str, field: str) -> None:
    answer = client.get(f"/dashboard/pace/?hotel_id=7&{query}")
    assert (answer.status_code, list(answer.json())) == (400, [field])
