"""GET /dashboard/pickup/: net room-nights on the books for each night, and their change."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dashboard_service.figures.pickup import PICKUP_DAYS, pickup_rows
from dashboard_service.models import DashboardData, PickupData

TODAY = date(2024, 3, 31)


def add_pickup(night: int, days_ago: int, gross: int, cancelled: int, hotel: int = 7) -> None:
    day = TODAY - timedelta(days=days_ago)
    counts = {"gross_booking_count": gross, "cancellation_count": cancelled}
    PickupData.objects.create(
        hotel_id=hotel, night_of_stay=TODAY + timedelta(days=night), day=day, **counts
    )
    DashboardData.objects.get_or_create(hotel_id=hotel, basis="booked", day=day, defaults=counts)


@pytest.mark.django_db(databases=["dashboard_service"])
class TestPickup:
    @pytest.fixture(autouse=True)
    def rows(self) -> None:
        add_pickup(0, 40, 5, 0)
        add_pickup(0, 20, 2, 1)
        add_pickup(0, 0, 0, 2)
        add_pickup(2, 6, 3, 0)
        add_pickup(2, 7, 4, 0)
        add_pickup(-1, 3, 9, 0)  # a night that is over
        add_pickup(0, 1, 9, 0, hotel=8)

    def get(self, client: Client, query: str) -> list[dict[str, Any]]:
        answer = client.get(f"/dashboard/pickup?hotel_id=7{query}")
        assert answer.status_code == 200, answer.content
        rows: list[dict[str, Any]] = answer.json()
        return rows

    def test_it_works(self, client: Client) -> None:
        rows = self.get(client, "&days=3")
        assert rows[0] == {
            "hotel_id": 7, "as_of": "2024-03-31", "night_of_stay": "2024-03-31",
            "on_the_books": 4, "pickup_1": -2, "pickup_7": -2, "pickup_30": -1,
        }  # fmt: skip
        assert [row["night_of_stay"] for row in rows] == ["2024-03-31", "2024-04-01", "2024-04-02"]
        assert [row["on_the_books"] for row in rows] == [4, 0, 7]
        assert [rows[2][f"pickup_{days}"] for days in (1, 7, 30)] == [0, 3, 7]

    def test_events_after_as_of_do_not_count(self, client: Client) -> None:
        [row] = self.get(client, "&as_of=2024-03-31&days=1")
        assert row["on_the_books"] == 4
        rows = self.get(client, "&as_of=2024-03-30&days=2")
        assert [row["on_the_books"] for row in rows] == [9, 6]

    def test_the_default_is_ninety_nights(self, client: Client) -> None:
        assert len(self.get(client, "")) == 90

    def test_a_hotel_without_data(self, client: Client) -> None:
        assert client.get("/dashboard/pickup/?hotel_id=9").json() == []

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("", "hotel_id"),
            ("hotel_id=7&as_of=yesterday", "as_of"),
            ("hotel_id=7&as_of=2024-02-30", "as_of"),
            ("hotel_id=7&as_of=0001-01-01", "as_of"),
            ("hotel_id=7&days=0", "days"),
            ("hotel_id=7&days=731", "days"),
            ("hotel_id=7&night=1", "night"),
        ],
    )
    def test_a_wrong_parameter_is_named(self, client: Client, query: str, field: str) -> None:
        answer = client.get(f"/dashboard/pickup/?{query}")
        assert answer.status_code == 400
        assert list(answer.json()) == [field]


ROWS = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(0, 40)),
    st.tuples(st.integers(0, 5), st.integers(0, 5)),
    min_size=1,
    max_size=15,
)


class TestAnyPickup(TestCase):
    databases = {"dashboard_service"}

    @given(ROWS, st.integers(0, 40))
    def test_pickup_is_on_the_books_now_less_on_the_books_then(
        self, rows: dict[tuple[int, int], tuple[int, int]], days_ago: int
    ) -> None:
        for (night, ago), counts in rows.items():
            add_pickup(night, ago, *counts)

        def books(night: date, end: date) -> int:
            return sum(
                gross - cancelled
                for (number, ago), (gross, cancelled) in rows.items()
                if TODAY + timedelta(days=number) == night and TODAY - timedelta(days=ago) <= end
            )

        as_of = TODAY - timedelta(days=days_ago)
        for row in pickup_rows(7, as_of, 45):
            night = row["night_of_stay"]
            assert row["on_the_books"] == books(night, as_of)
            for span in PICKUP_DAYS:
                then = books(night, as_of - timedelta(days=span))
                assert row[f"pickup_{span}"] == books(night, as_of) - then
