"""GET /dashboard/performance/: revenue, average rate, occupancy, RevPAR, and what is unknown."""

from typing import Any

import pytest
from django.test import Client

from dashboard_service.counting.feed_updater import update
from dashboard_service.data_provider_client import Provider
from dashboard_service.figures.hotel_currency import currency_of
from dashboard_service.tests.fake_provider import BASE, FakeProvider, make_event

pytestmark = pytest.mark.django_db(databases=["dashboard_service"])


def sold(number: int, night: str, rate: str = "", currency: str = "EUR", **fields: Any) -> Any:
    """Return a booking of hotel 7."""
    money = {"rate": rate, "currency": currency} if rate else {}
    return {**make_event(number, night=night), "hotel_id": 7, **money, **fields}


EVENTS = [
    sold(1, "2024-05-01", "120.00", segment="Leisure", room_type="Suite"),
    sold(2, "2024-05-01", "90.50", segment="Group"),
    sold(3, "2024-05-01", segment="Group"),
    sold(4, "2024-05-03", "70.00", "USD"),
    sold(5, "2024-06-01", "100.00"),
    sold(
        6, "2024-06-01", status=2, room_reservation_id="5", event_timestamp="2024-03-02T10:00:00Z"
    ),
]


@pytest.fixture
def figures(requests_mock: Any) -> None:
    FakeProvider(requests_mock, EVENTS)
    update(Provider(BASE))


def get(client: Client, query: str) -> list[dict[str, Any]]:
    answer = client.get(f"/dashboard/performance?hotel_id=7{query}")
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()
    return rows


def patch(client: Client, body: Any) -> Any:
    return client.patch("/dashboard/hotels/7/", body, content_type="application/json")


@pytest.mark.usefixtures("figures")
class TestPerformance:
    def test_it_works(self, client: Client) -> None:
        patch(client, {"rooms": 10})
        rows = get(client, "")
        assert rows[0] == {
            "hotel_id": 7, "period": "month", "basis": "stay", "year": 2024, "month": 5,
            "day": None, "room_nights": 4, "room_nights_with_rate": 2, "revenue": "210.50",
            "currency": "EUR", "average_rate": "105.25", "rooms_for_sale": 310,
            "occupancy": 4 / 310, "revpar": "0.68",
        }  # fmt: skip
        assert [(row["month"], row["room_nights"], row["revenue"]) for row in rows[1:]] == [
            (6, 0, "0.00")
        ], "cancelled"

    def test_on_the_booked_basis_a_day_has_what_its_events_added_or_took_away(
        self, client: Client
    ) -> None:
        patch(client, {"rooms": 10})
        rows = get(client, "&basis=booked&period=day")
        assert [
            (row["day"], row["room_nights"], row["revenue"], row["average_rate"]) for row in rows
        ] == [(1, 5, "310.50", "103.50"), (2, -1, "-100.00", "100.00")]
        assert {row["rooms_for_sale"] for row in rows} == {None}, (
            "a night has rooms, a day has none"
        )

    @pytest.mark.parametrize("by", ["room_type", "channel", "segment"])
    def test_a_breakdown_adds_up_to_the_whole(self, client: Client, by: str) -> None:
        [whole] = get(client, "&period=year&year=2024")
        parts = get(client, f"&period=year&year=2024&by={by}")
        assert sum(row["room_nights"] for row in parts) == whole["room_nights"]
        assert sum(float(row["revenue"] or 0) for row in parts) == float(whole["revenue"])
        assert [row[by] for row in parts] == {
            "room_type": ["Suite", None], "channel": [None], "segment": ["Group", "Leisure", None],
        }[by]  # fmt: skip

    def test_a_breakdown_has_the_rooms_of_the_hotel_but_not_of_a_room_type(
        self, client: Client
    ) -> None:
        patch(client, {"rooms": 2})
        night = "&period=day&year=2024&month=5&day=1"
        assert [row["occupancy"] for row in get(client, night + "&by=segment")] == [1.0, 0.5]
        assert {row["occupancy"] for row in get(client, night + "&by=room_type")} == {None}

    def test_rooms_by_date_count_and_a_closed_night_has_no_occupancy(self, client: Client) -> None:
        spans = [
            {"first": "2024-05-02", "last": "2024-05-31", "rooms": 0},
            {"first": "2024-05-03", "last": "2024-05-03", "rooms": 4},
        ]
        patch(client, {"rooms": 10, "rooms_by_date": spans})
        rows = get(client, "&period=day&year=2024&month=5")
        assert [row["rooms_for_sale"] for row in rows[:4]] == [10, 0, 4, 0]
        assert [row["occupancy"] for row in rows[:4]] == [0.3, None, 0.25, None]
        assert get(client, "&year=2024&month=5")[0]["rooms_for_sale"] == 14
        assert get(client, "&year=2024&month=4")[0]["rooms_for_sale"] is None, "before any data"

    def test_unknown_is_null(self, client: Client) -> None:
        [row] = get(client, "&period=day&year=2024&month=5&day=1&by=segment")[:1]
        assert (row["rooms_for_sale"], row["occupancy"], row["revpar"]) == (None,) * 3
        [night] = get(client, "&period=day&year=2024&month=5&day=3")
        assert (night["room_nights"], night["room_nights_with_rate"]) == (1, 0)
        assert (night["revenue"], night["average_rate"]) == (None, None), "sold in dollars"

    def test_the_currency_is_proposed_and_can_be_entered(self, client: Client) -> None:
        hotel = client.get("/dashboard/hotels/7/").json()
        assert (hotel["currency"], hotel["proposed_currency"]) == (None, "EUR")
        assert hotel["room_nights_in_other_currencies"] == 1
        changed = patch(client, {"currency": "USD"}).json()
        assert (changed["currency"], changed["room_nights_in_other_currencies"]) == ("USD", 2)
        row = get(client, "&year=2024&month=5")[0]
        assert (row["currency"], row["revenue"], row["room_nights"]) == ("USD", "70.00", 4)

    def test_an_entered_currency_needs_no_look_at_the_room_nights(
        self, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(0, using="dashboard_service"):
            assert currency_of(7, "USD") == "USD"
        assert currency_of(7, "") == "EUR"

    def test_a_changed_profile_changes_the_etag(self, client: Client) -> None:
        path = "/dashboard/performance/?hotel_id=7"
        tag = client.get(path)["ETag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
        for body in ({"rooms": 5}, {"currency": "USD"}, {
            "rooms_by_date": [{"first": "2024-05-01", "last": "2024-05-01", "rooms": 9}]
        }):  # fmt: skip
            patch(client, body)
            answer = client.get(path, headers={"If-None-Match": tag})
            assert answer.status_code == 200
            tag = answer["ETag"]

    def test_csv_has_the_same_rows(self, client: Client) -> None:
        answer = client.get("/dashboard/performance/?hotel_id=7&by=segment&format=csv")
        lines = answer.content.decode().splitlines()
        assert lines[0] == (
            "hotel_id,period,basis,year,month,day,segment,room_nights,room_nights_with_rate,"
            "revenue,currency,average_rate,rooms_for_sale,occupancy,revpar"
        )
        assert lines[1] == "7,month,stay,2024,5,,Group,2,1,90.50,EUR,90.50,,,"
        assert "by-segment" in answer["Content-Disposition"]

    @pytest.mark.one_database
    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("&by=hotel", "by"),
            ("&basis=x", "basis"),
            ("&year=2024&month=13", "month"),
            ("&b=1", "b"),
        ],
    )
    def test_a_wrong_parameter_is_named(self, client: Client, query: str, field: str) -> None:
        answer = client.get(f"/dashboard/performance/?hotel_id=7{query}")
        assert (answer.status_code, list(answer.json())) == (400, [field])

    def test_where_events_and_room_nights_differ_the_profile_says_by_how_many(
        self, client: Client
    ) -> None:
        assert client.get("/dashboard/hotels/7/").json()["events_beyond_room_nights"] == 0


def test_a_second_booking_is_no_second_room_night(client: Client, requests_mock: Any) -> None:
    again = {"room_reservation_id": "1", "event_timestamp": "2024-03-05T10:00:00Z"}
    FakeProvider(
        requests_mock, [sold(1, "2024-05-01", "99.00"), sold(2, "2024-05-01", "89.00", **again)]
    )
    update(Provider(BASE))
    assert client.get("/dashboard/?hotel_id=7&basis=stay").json()[0]["booking_count"] == 2
    [row] = get(client, "")
    assert (row["room_nights"], row["revenue"]) == (1, "89.00")
    assert client.get("/dashboard/hotels/7/").json()["events_beyond_room_nights"] == 1


def test_a_hotel_without_money_has_the_room_nights_of_its_events(
    client: Client, requests_mock: Any
) -> None:
    FakeProvider(requests_mock, [sold(1, "2024-05-01"), sold(2, "2024-05-02", status=2)])
    update(Provider(BASE))
    patch(client, {"rooms": 2})
    rows = get(client, "&period=day")
    assert [row["room_nights"] for row in rows] == [1, -1]
    assert [row["occupancy"] for row in rows] == [0.5, -0.5]
    for name in ("revenue", "currency", "average_rate", "revpar"):
        assert {row[name] for row in rows} == {None}
    assert rows[0]["room_nights_with_rate"] == 0


@pytest.mark.parametrize("query", ["", "&year=2024", "&by=segment"])
def test_a_hotel_without_data_is_an_empty_array(client: Client, query: str) -> None:
    assert get(client, query) == []


@pytest.mark.one_database
@pytest.mark.parametrize(
    "spans",
    [
        [{"first": "2024-05-02", "last": "2024-05-01", "rooms": 3}],
        [{"first": "2024-05-02", "last": "2024-05-03", "rooms": -1}],
        [{"first": "2024-05-02", "rooms": 1}],
        [{"first": "x", "last": "2024-05-03", "rooms": 1}],
        {"first": "2024-05-02", "last": "2024-05-03", "rooms": 1},
    ],
)
def test_wrong_rooms_by_date_are_refused(client: Client, spans: Any) -> None:
    answer = patch(client, {"rooms_by_date": spans})
    assert (answer.status_code, list(answer.json())) == (400, ["rooms_by_date"])
    assert client.get("/dashboard/hotels/7/").json()["rooms_by_date"] == []


@pytest.mark.one_database
def test_a_wrong_currency_is_refused(client: Client) -> None:
    assert list(patch(client, {"currency": "XXQ"}).json()) == ["currency"]
    assert patch(client, {"counts_room_nights": False}).status_code == 400
