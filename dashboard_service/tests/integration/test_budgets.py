"""GET and PUT /dashboard/budgets/: a year as a whole, amounts exact, wrong input refused whole."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dashboard_service.models import HotelProfile, MonthlyBudget

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["dashboard_service"]),
]


@pytest.fixture(autouse=True)
def hotel() -> None:
    HotelProfile.objects.create(hotel_id=7, currency="EUR")


def put(client: Client, *months: Any, **more: Any) -> Any:
    body = {"hotel_id": 7, "year": 2026, "months": list(months), **more}
    return client.put("/dashboard/budgets/", body, content_type="application/json")


def get(client: Client, year: int = 2026) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(f"/dashboard/budgets?hotel_id=7&year={year}").json()
    return rows


def plans(client: Client) -> dict[int, tuple[Any, Any]]:
    found = {row["month"]: (row["room_nights"], row["revenue"]) for row in get(client)}
    return {month: plan for month, plan in found.items() if plan != (None, None)}


def test_it_works(client: Client) -> None:
    answer = put(
        client, {"month": 5, "room_nights": 400, "revenue": "41234.50"}, {"month": 6, "revenue": 10}
    )
    assert answer.status_code == 200
    assert answer.json() == get(client)
    assert [row["month"] for row in get(client)] == list(range(1, 13))
    assert {**get(client)[4], "updated_at": None} == {
        "hotel_id": 7, "year": 2026, "month": 5, "room_nights": 400, "revenue": "41234.50",
        "currency": "EUR", "updated_at": None,
    }  # fmt: skip
    assert plans(client) == {5: (400, "41234.50"), 6: (None, "10.00")}
    assert {row["room_nights"] for row in get(client, 2027)} == {None}


def test_a_year_is_replaced_as_a_whole_and_the_same_again_changes_nothing(client: Client) -> None:
    put(client, {"month": 5, "room_nights": 400}, {"month": 6, "room_nights": 1})
    put(client, {"month": 5, "room_nights": 400}, year=2027)
    [before] = MonthlyBudget.objects.filter(year=2026, month=5)
    put(client, {"month": 5, "room_nights": 400}, {"month": 6, "room_nights": None})
    assert plans(client) == {5: (400, None)}
    assert MonthlyBudget.objects.get(pk=before.pk).updated_at == before.updated_at
    assert MonthlyBudget.objects.filter(year=2027).count() == 1


def test_a_later_currency_leaves_the_amounts_what_they_are(client: Client) -> None:
    put(client, {"month": 5, "revenue": "100.50"})
    HotelProfile.objects.update(currency="JPY")
    assert (get(client)[4]["revenue"], get(client)[4]["currency"]) == ("100.50", "EUR")


@pytest.mark.parametrize(
    ("months", "more", "field"),
    [
        ([{"month": 13}], {}, "months"),
        ([{"month": 5, "room_nights": -1}], {}, "months"),
        ([{"month": 5, "room_nights": 1.5}], {}, "months"),
        ([{"month": 5, "revenue": "1.234,50"}], {}, "months"),
        ([{"month": 5, "revenue": "10.005"}], {}, "months"),
        ([{"month": 5, "revenue": "-1"}], {}, "months"),
        ([{"month": 5, "revenue": "NaN"}], {}, "months"),
        ([{"month": 5, "revenue": "1e15"}], {}, "months"),
        ([{"month": 5, "rooms": 4}], {}, "months"),
        ([{"month": 5}, {"month": 5}], {}, "months"),
        ([], {"year": 12}, "year"),
        ([], {"colour": "red"}, "colour"),
    ],
)
def test_wrong_input_is_explained_and_changes_nothing(
    client: Client, months: Any, more: Any, field: str
) -> None:
    put(client, {"month": 5, "room_nights": 400})
    answer = put(client, *months, **more)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert plans(client) == {5: (400, None)}


def test_revenue_needs_a_currency(client: Client) -> None:
    HotelProfile.objects.update(currency="")
    answer = put(client, {"month": 5, "revenue": "10"})
    assert answer.status_code == 400
    assert "currency of hotel 7 is not known" in answer.json()["months"][0]
    assert put(client, {"month": 5, "room_nights": 10}).status_code == 200


class TestAnyYear(TestCase):
    databases = {"dashboard_service"}

    @given(
        st.dictionaries(
            st.integers(1, 12),
            st.tuples(
                st.none() | st.integers(0, 3_000_000),
                st.none() | st.decimals(0, 999_999_999, places=2).map(str),
            ),
        )
    )
    def test_what_is_saved_is_what_is_read(self, wanted: dict[int, tuple[Any, Any]]) -> None:
        client = Client()
        HotelProfile.objects.update_or_create(hotel_id=7, defaults={"currency": "EUR"})
        rows = [{"month": m, "room_nights": n, "revenue": r} for m, (n, r) in wanted.items()]
        assert put(client, *rows).status_code == 200
        assert plans(client) == {
            month: plan for month, plan in wanted.items() if plan != (None, None)
        }
