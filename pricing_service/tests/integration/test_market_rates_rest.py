"""`/market/rates/`: what is taken, refused, kept as seen, and read back page by page."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from common.access_rights import Ability, Access
from pricing_service.market_rates.rate_models import CompetitorRate
from pricing_service.tests.hotels import DATABASES, HOTEL

pytestmark = pytest.mark.django_db(databases=DATABASES)

SEEN = {
    "hotel_id": HOTEL, "competitor": "Hotel Post", "night": "2027-07-04", "room_type": "Double",
    "rate": "119.00", "currency": "EUR", "seen_at": "2026-11-01T06:00:00Z",
}  # fmt: skip


@pytest.fixture(autouse=True)
def api_without_authentication(settings: Any) -> None:
    settings.API_AUTH = "open"


def post(client: Client, body: Any, status: int) -> Any:
    response = client.post("/market/rates/", body, content_type="application/json")
    assert response.status_code == status, response.content
    return response.json()


def read(client: Client, query: str = "") -> list[dict[str, Any]]:
    response = client.get(f"/market/rates/?hotel_id={HOTEL}{query}")
    assert response.status_code == 200, response.content
    rows: list[dict[str, Any]] = response.json()
    return rows


def test_one_rate_is_stored_and_read_back(client: Client) -> None:
    assert post(client, SEEN, 201) == {"created": 1, "duplicates": 0}
    [row] = read(client)
    assert datetime.fromisoformat(row.pop("seen_at")) == datetime(2026, 11, 1, 6, tzinfo=UTC)
    assert {*row} == {*SEEN, "id", "recorded_at"} - {"seen_at"}
    assert {name: row[name] for name in SEEN if name != "seen_at"} == {
        name: value for name, value in SEEN.items() if name != "seen_at"
    }


def test_the_same_sighting_again_changes_nothing(client: Client) -> None:
    post(client, SEEN, 201)
    same = SEEN | {
        "seen_at": "2026-11-01T07:00:00+01:00",
        "competitor": " Hotel Post ",
        "rate": 119,
    }
    assert post(client, [same, SEEN], 200) == {"created": 0, "duplicates": 2}
    other_rate = SEEN | {"rate": "99"}
    assert post(client, other_rate, 200) == {"created": 0, "duplicates": 1, "conflicts": 1}
    assert [row["rate"] for row in read(client)] == ["119.00"]


def test_a_later_sighting_does_not_erase_an_earlier_one(client: Client) -> None:
    later = SEEN | {"seen_at": "2026-11-02T06:00:00Z", "rate": None, "currency": None}
    assert post(client, [later, SEEN], 201) == {"created": 2, "duplicates": 0}
    assert sorted((row["rate"] or "sold out") for row in read(client)) == ["119.00", "sold out"]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hotel_id": "x"}, "hotel_id"),
        ({"hotel_id": 2**31}, "hotel_id"),
        ({"hotel_id": True}, "hotel_id"),
        ({"competitor": "  "}, "competitor"),
        ({"competitor": "a" * 101}, "competitor"),
        ({"competitor": "a\0b"}, "competitor"),
        ({"competitor": ["a"]}, "competitor"),
        ({"night": "2027-02-30"}, "night"),
        ({"night": "0024-02-03"}, "night"),
        ({"rate": "12,50"}, "rate"),
        ({"rate": 0}, "rate"),
        ({"rate": -1}, "rate"),
        ({"rate": "1.2345"}, "rate"),
        ({"rate": 1e300}, "rate"),
        ({"currency": "EURO"}, "currency"),
        ({"currency": None}, "currency"),
        ({"seen_at": "yesterday"}, "seen_at"),
        ({"seen_at": "9999-12-31T23:59:59-12:00"}, "seen_at"),
        ({"seen_at": "2999-01-01T00:00:00Z"}, "seen_at"),
        ({"price": 5}, "price"),
    ],
)
def test_a_wrong_field_refuses_all_and_is_named(
    client: Client, change: dict[str, Any], field: str
) -> None:
    assert set(post(client, SEEN | change, 400)) == {field}
    assert set(post(client, [SEEN, SEEN | change], 400)) == {"1"}
    assert set(post(client, [SEEN, SEEN | change], 400)["1"]) == {field}
    assert not CompetitorRate.objects.exists()


@pytest.mark.one_database
def test_a_forgotten_rate_is_not_taken_for_sold_out(client: Client) -> None:
    without_rate = {name: value for name, value in SEEN.items() if name != "rate"}
    assert "null: sold out" in post(client, without_rate, 400)["rate"][0]
    assert post(client, SEEN | {"rate": ""}, 400)["rate"]


@pytest.mark.one_database
def test_bodies_that_are_no_rates(client: Client) -> None:
    assert "send one rate as a JSON object" in post(client, "5", 400)["detail"]
    assert "at most 10,000" in post(client, [SEEN] * 10_001, 400)["detail"]
    assert post(client, [5], 400) == {"0": {"non_field_errors": ["must be a JSON object"]}}
    assert len(post(client, [{}] * 10_000, 400)) <= 22
    assert post(client, SEEN | {f"field {n}": 1 for n in range(10_000)}, 400)


def test_ten_thousand_rates_at_once_and_pages_of_them(client: Client) -> None:
    nights = [f"{datetime(2027, 1, 1) + timedelta(days=n):%Y-%m-%d}" for n in range(10)]
    body = [SEEN | {"competitor": f"Hotel {n:04}", "night": nights[n % 10]} for n in range(10_000)]
    assert post(client, body, 201) == {"created": 10_000, "duplicates": 0}
    assert post(client, body, 200) == {"created": 0, "duplicates": 10_000}
    seen: list[tuple[str, str]] = []
    address = f"/market/rates/?hotel_id={HOTEL}&from={nights[1]}&to={nights[2]}&page_size=900"
    while address:
        response = client.get(address)
        seen += [(row["night"], row["competitor"]) for row in response.json()]
        link = response.headers.get("Link", "")
        address = link.partition("<")[2].partition(">")[0]
    assert len(seen) == len(set(seen)) == 2_000
    assert seen == sorted(seen)


@pytest.mark.one_database
def test_filters_and_csv(client: Client) -> None:
    formula = SEEN | {"competitor": "=1+1", "night": "2027-07-05", "rate": None}
    post(client, [SEEN, formula], 201)
    assert [row["competitor"] for row in read(client, "&competitor=Hotel Post")] == ["Hotel Post"]
    assert len(read(client, "&from=2027-07-05")) == 1
    assert read(client, "&to=2027-07-03") == []
    assert client.get("/market/rates/?hotel_id=8").json() == []
    response = client.get(f"/market/rates/?hotel_id={HOTEL}&format=csv")
    assert "attachment" in response.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert [row["rate"] for row in rows] == ["119.00", ""]
    assert rows[1]["competitor"] == "'=1+1"


@pytest.mark.one_database
@pytest.mark.parametrize(
    "query",
    ["", "?hotel_id=7&competitor=", "?hotel_id=7&from=2027-07-05&to=2027-07-04", "?hotel=7",
     "?hotel_id=7&cursor=2027-07-05", "?hotel_id=7&cursor=2027-07-05~99999999999999999999999",
     "?hotel_id=7&competitor=%00", "?hotel_id=7&page_size=0"],
)  # fmt: skip
def test_wrong_parameters_are_refused(client: Client, query: str) -> None:
    assert client.get(f"/market/rates/{query}").status_code == 400


@pytest.mark.one_database
def test_who_may_write_rates_of_one_hotel_writes_no_other_s(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = Access(
        "shopper", "key 1", frozenset({Ability.WRITE_EVENTS}), frozenset({HOTEL}), is_known=True
    )
    monkeypatch.setattr("accounts.middleware.access_of_sender", lambda request: access)
    post(client, [SEEN, SEEN | {"hotel_id": 8}], 403)
    assert not CompetitorRate.objects.exists()
    post(client, SEEN, 201)
    assert client.get(f"/market/rates/?hotel_id={HOTEL}").status_code == 403


@pytest.mark.one_database
def test_a_time_without_offset_is_utc(client: Client) -> None:
    post(client, SEEN | {"seen_at": "2026-11-01 06:00:00"}, 201)
    assert CompetitorRate.objects.get().seen_at == datetime(2026, 11, 1, 6, tzinfo=UTC)
