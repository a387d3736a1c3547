"""Rate, currency, room type, channel and segment from every way in to every way out of the ledger."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client

from data_provider import ledger
from data_provider.event_queue.batch_format import Batch, encode_batch
from data_provider.event_validation import EventRow
from data_provider.models import Event

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)

EVENT: dict[str, Any] = {
    "hotel_id": 5,
    "event_timestamp": "2024-03-01T10:00:00Z",
    "status": 1,
    "room_reservation_id": "3f2b8c1e-0d4a-4b6e-9a51-000000000001",
    "night_of_stay": "2024-05-01",
}
MONEY: dict[str, Any] = {
    "rate": "120.50",
    "currency": "EUR",
    "room_type": "Double",
    "channel": "Web",
    "segment": "Leisure",
}
PLAIN_ROW = EventRow(5, "2024-03-01 10:00:00", "0" * 32, "2024-05-01", 1, None)
ROW = PLAIN_ROW._replace(
    rate=120_500, currency="EUR", room_type="Double", channel="Web", segment="Leisure"
)


def post(client: Client, body: Any) -> Any:
    return client.post("/events/", body, content_type="application/json")


def test_a_posted_event_is_answered_read_and_fed_with_its_money(client: Client) -> None:
    first = post(client, {**EVENT, **MONEY})
    assert first.status_code == 201
    stored = {"id": first.json()["id"], **EVENT, **MONEY}
    assert first.json() == stored
    assert post(client, {**EVENT, **MONEY}).json() == stored
    assert client.get("/events/").json() == [stored]
    assert client.get("/events/feed/").json()["events"] == [stored]
    event = Event.objects.get()
    assert str(event.rate) == "120.5"
    assert (event.currency, event.room_type) == ("EUR", "Double")


def test_an_event_without_money_looks_as_before(client: Client) -> None:
    assert set(post(client, EVENT).json()) == {"id", *EVENT}
    assert set(client.get("/events/feed/").json()["events"][0]) == {"id", *EVENT}


def test_a_change_is_recorded_and_filtered(client: Client) -> None:
    post(client, [EVENT, {**EVENT, **MONEY, "status": 3}])
    [change] = client.get("/events/", {"rpg_status": 3}).json()
    assert change["status"] == 3


@pytest.mark.parametrize(
    "values",
    [
        {"rate": "121"},
        {"currency": "USD"},
        {"room_type": "Single"},
        {"channel": "web"},
        {"segment": "Group"},
    ],
)
def test_the_same_event_with_another_value_is_a_conflict(
    client: Client, values: dict[str, str]
) -> None:
    known = {**EVENT, **MONEY}
    assert post(client, [known, known]).json() == {"created": 1, "duplicates": 1}
    other = post(client, [{**known, **values}, known])
    assert other.status_code == 200
    assert other.json() == {"created": 0, "duplicates": 2, "conflicts": 1}
    again = post(client, {**known, **values})
    assert (again.status_code, {name: again.json()[name] for name in MONEY}) == (200, MONEY)


def test_what_is_not_named_is_no_conflict_and_what_is_not_known_is_one(client: Client) -> None:
    other = {**EVENT, "night_of_stay": "2024-05-02"}
    post(client, [{**EVENT, **MONEY}, other])
    answer = post(client, [EVENT, {**other, **MONEY}])
    assert answer.json() == {"created": 0, "duplicates": 2, "conflicts": 1}


def test_values_that_differ_inside_one_batch_are_a_conflict(client: Client) -> None:
    answer = post(client, [{**EVENT, **MONEY}, {**EVENT, **MONEY, "rate": "99"}, EVENT])
    assert answer.json() == {"created": 1, "duplicates": 2, "conflicts": 1}
    assert client.get("/events/").json()[0]["rate"] == "120.50"


def test_a_wrong_rate_refuses_the_batch_and_names_index_and_field(client: Client) -> None:
    answer = post(client, [EVENT, {**EVENT, "rate": "12,50", "currency": "EUR", "channel": ""}])
    assert answer.status_code == 400
    assert {name: set(fields) for name, fields in answer.json().items()} == {
        "1": {"rate", "channel"}
    }
    assert not Event.objects.exists()


def test_sums_are_exact() -> None:
    rows = [ROW._replace(room_reservation_id=f"{number:032x}", rate=100) for number in range(1_000)]
    assert ledger.record(rows).created == 1_000
    assert Event.objects.aggregate(total=Sum("rate"))["total"] == Decimal(100)


def test_the_largest_rate_is_stored_as_it_is(client: Client) -> None:
    body = {**EVENT, "rate": "999999999.999", "currency": "EUR"}
    assert post(client, body).json()["rate"] == "999999999.999"


def batch(fields: dict[str, Any], *, sealed: bool = True) -> Batch:
    stored = {
        name.encode(): value if isinstance(value, bytes) else str(value).encode()
        for name, value in fields.items()
        if sealed or name != "seal"
    }
    return Batch(b"1-0", stored, False, 1)


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize(
    "rows", [[PLAIN_ROW, ROW], [PLAIN_ROW], [ROW._replace(channel=None)]], ids=len
)
def test_a_batch_of_the_queue_keeps_every_value(rows: list[EventRow], sealed: bool) -> None:
    assert batch(encode_batch(rows, "load"), sealed=sealed).rows() == rows


def test_a_batch_of_a_former_version_is_read_and_without_money_it_looks_the_same() -> None:
    former = b'[[5,"2024-03-01 10:00:00","00000000000000000000000000000000","2024-05-01",1,null]]'
    assert encode_batch([PLAIN_ROW], "")["rows"] == former
    assert batch({"rows": former, "events": 1}).rows() == [PLAIN_ROW]


def test_an_export_keeps_every_value(tmp_path: Path) -> None:
    from datetime import date

    from data_provider.csv_loading.csv_reader import EventFile
    from data_provider.ledger.event_export import export_events

    odd = ROW._replace(room_type='"Double", with view', channel="a;b", segment=None, rate=33_333)
    rows = [
        row._replace(room_reservation_id=f"{number:032x}")
        for number, row in enumerate([ROW, odd, PLAIN_ROW, odd._replace(currency="JPY")])
    ]
    ledger.record(rows)
    result = export_events(date(2024, 4, 1), tmp_path, lambda _: None)
    assert list(EventFile.open(result.files[0]).records()) == rows
