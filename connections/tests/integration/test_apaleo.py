"""apaleo: pages, tokens, blocks, rate plans, webhooks; what is sent and answered fits its schema."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from jsonschema import Draft7Validator

from connections.adapters.adapter import CredentialsRefused, NightPrice, OddAnswer, TooOften
from connections.adapters.apaleo import apaleo_calls
from connections.adapters.apaleo.apaleo_adapter import ApaleoAdapter
from connections.adapters.known_vendors import open_adapter, with_fresh_secrets
from connections.models import Connection
from connections.reading.reading import read_connection
from connections.secret_encryption import decrypt
from connections.tests.apaleo_answers import PROPERTY
from connections.tests.apaleo_emulator import (
    RATE,
    RESTRICTIONS,
    SUITE_RATE,
    ApaleoEmulator,
)
from connections.tests.connected_hotels import (
    WEBHOOK_TOKEN,
    connect_apaleo,
    on_our_books,
    read,
)
from connections.tests.emulator_server import Answer, Request, serve
from connections.tests.hotel_life import ROOM_TYPES, TENTATIVE, HotelLife
from connections.tests.our_services import our_services

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["default", "data_provider"]),
]
SCHEMA = json.loads((Path(__file__).parents[1] / "vendor_schemas" / "apaleo.json").read_text())
ANSWERS = {
    "/inventory/v1/properties": "PropertyListModel",
    f"/inventory/v1/properties/{PROPERTY}": "PropertyModel",
    "/inventory/v1/unit-groups": "UnitGroupListModel",
    "/rateplan/v1/rate-plans": "RatePlanList",
    "/booking/v1/reservations": "ReservationListModel",
    "/booking/v1/blocks": "BlockListModel",
    "/settings/v1/market-segments": "MarketSegmentList",
}
QUERIES = {"/booking/v1/reservations": "ReservationsQuery", "/booking/v1/blocks": "BlocksQuery"}


class Hotel:
    """A hotel with its emulated apaleo. `before` sees each call first."""

    def __init__(self, stack: ExitStack, settings: Any) -> None:
        self.life = HotelLife(seed=6)
        self.emulator = ApaleoEmulator(self.life)
        self.said: list[tuple[Request, Any]] = []
        self.before: Any = lambda request: None
        address = stack.enter_context(serve(self.answer))
        self.connection = connect_apaleo(address, settings, self.life.now - timedelta(days=1))

    def answer(self, request: Request) -> Any:
        self.before(request)
        result = self.emulator.answer(request)
        self.said.append((request, result))
        return result

    def calls(self, path: str) -> list[Request]:
        return [request for request, _ in self.said if request.path == path]

    def must_be_equal(self) -> None:
        assert on_our_books(self.life.stays) == self.life.on_the_books()

    def send(self, *prices: NightPrice) -> None:
        self.act(lambda adapter: adapter.open_property() and adapter.send_prices(prices))

    def act(self, act: Any) -> Any:
        def save(**fields: Any) -> None:
            Connection.objects.update(**fields)
            self.connection.refresh_from_db()

        return with_fresh_secrets(self.connection, act, save)


@pytest.fixture
def hotel(settings: Any) -> Iterator[Hotel]:
    with ExitStack() as stack:
        stack.enter_context(our_services(settings))
        yield Hotel(stack, settings)


def price(night: date, amount: str, room_type_id: str = "") -> NightPrice:
    return NightPrice(night, room_type_id, Decimal(amount))


def must_fit(value: Any, definition: str) -> None:
    schema = {"$ref": f"#/definitions/{definition}", "definitions": SCHEMA["definitions"]}
    problems = [
        f"{list(one.path)}: {one.message}" for one in Draft7Validator(schema).iter_errors(value)
    ]
    assert not problems, (definition, problems)


def test_what_is_sent_and_answered_fits_the_vendor_s_schema(hotel: Hotel) -> None:
    Connection.objects.update(tentative_counts=True)
    hotel.life.happen(60)
    picked = next(iter(hotel.life.stays.values()))
    picked.status = TENTATIVE
    read(hotel.connection)
    picked.status, picked.updated = "confirmed", hotel.life.now
    read(hotel.connection)
    night = hotel.life.now.date()
    hotel.emulator.restrictions[RATE, night] = dict(RESTRICTIONS)
    hotel.send(price(night, "99.5"))
    hotel.act(lambda adapter: [adapter.properties(), adapter.questions()])
    seen: Counter[str] = Counter()
    for request, result in hotel.said:
        if not isinstance(result, Answer) or result.body is None:
            continue
        rates = request.path.endswith("/rates")
        block = request.path.startswith("/booking/v1/blocks/")
        definition = "RateList" if rates else "BlockItemModel" if block else ANSWERS[request.path]
        must_fit(json.loads(json.dumps(result.body)), definition)
        if request.path in QUERIES:
            must_fit(request.query, QUERIES[request.path])
        seen[definition] += 1
    assert seen.keys() == {*ANSWERS.values(), "RateList", "BlockItemModel"}
    [put] = [request for request, _ in hotel.said if request.method == "PUT"]
    must_fit(put.body, "ReplaceRates")


def test_reservations_with_one_time_are_read_in_pages(
    hotel: Hotel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an import into apaleo: more of one second than a page has."""
    monkeypatch.setattr(apaleo_calls, "ROWS_A_PAGE", 3)
    hotel.life.happen(12)
    for _ in range(8):
        hotel.life.book()
    hotel.life.happen(12)
    read(hotel.connection)
    hotel.must_be_equal()
    numbers = [int(one.query["pageNumber"]) for one in hotel.calls("/booking/v1/reservations")]
    assert max(numbers) > 2


@pytest.mark.parametrize("count", [5, 6, 7])
def test_the_last_page_may_be_full(
    hotel: Hotel, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(apaleo_calls, "ROWS_A_PAGE", 3)
    while len(hotel.life.stays) < count:
        hotel.life.book()
        for stay in list(hotel.life.stays.values())[count:]:
            del hotel.life.stays[stay.id]
    for stay in hotel.life.stays.values():
        stay.status = "confirmed"
    assert read_connection(hotel.connection.pk)
    hotel.must_be_equal()
    assert len(hotel.calls("/booking/v1/reservations")) <= 4


def test_what_changes_while_it_is_read_is_not_lost(
    hotel: Hotel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What changes leaves the window: the rows after it move up a page, over what was read."""
    monkeypatch.setattr(apaleo_calls, "ROWS_A_PAGE", 3)
    for _ in range(10):
        hotel.life.book()
    hotel.life.happen(20)
    changes = 0

    def change(request: Request) -> None:
        nonlocal changes
        pages = len(hotel.calls("/booking/v1/reservations"))
        if request.path == "/booking/v1/reservations" and pages > changes and changes < 8:
            changes += 1
            hotel.life.now += timedelta(minutes=30)
            for _ in range(3):
                hotel.life.cancel()

    hotel.before = change
    read(hotel.connection)
    read(hotel.connection)
    assert changes == 8
    hotel.must_be_equal()


def test_an_order_that_is_not_the_documented_one_is_refused(hotel: Hotel) -> None:
    hotel.life.happen(20)

    def forget_sort(request: Request) -> None:
        request.query.pop("sort", None)

    hotel.before = forget_sort
    assert not read_connection(hotel.connection.pk)
    assert "order of their changes" in Connection.objects.get().failure_text


def test_a_token_is_used_until_it_is_refused(hotel: Hotel) -> None:
    hotel.life.happen(10)
    for _ in range(3):
        read(hotel.connection)
        hotel.life.happen(3)
    assert len(hotel.calls("/connect/token")) == 1
    assert decrypt(Connection.objects.get().secrets)["access_token"] == hotel.emulator.token
    hotel.emulator.token_number += 1  # as after an hour
    read(hotel.connection)
    assert len(hotel.calls("/connect/token")) == 2
    stored = decrypt(Connection.objects.get().secrets)
    assert (stored["access_token"], stored["webhook_token"]) == (
        hotel.emulator.token,
        WEBHOOK_TOKEN,
    )
    hotel.must_be_equal()


def test_a_client_that_is_deleted_there_waits_for_a_person(hotel: Hotel) -> None:
    read(hotel.connection)
    hotel.emulator.token_number += 1
    hotel.emulator.client_secret_is_known = False
    assert not read_connection(hotel.connection.pk)
    connection = Connection.objects.get()
    assert (connection.failure, "client ID" in connection.failure_text) == ("credentials", True)
    with pytest.raises(CredentialsRefused):
        open_adapter(connection).renew_secrets()


def test_what_nobody_picked_of_a_block_counts_where_tentative_ones_do(
    hotel: Hotel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apaleo_calls, "ROWS_A_PAGE", 4)
    Connection.objects.update(tentative_counts=True)
    seen: Counter[str] = Counter()
    for _ in range(12):
        hotel.life.happen(12)
        read(hotel.connection)
        blocks = {
            (stay.id, night)
            for stay in hotel.life.stays.values()
            if stay.status == TENTATIVE
            for night in hotel.life.rates_of(stay)
        }
        ours = on_our_books(hotel.emulator.numbers())
        assert len(ours) == len(blocks) + len(hotel.life.on_the_books())
        assert {room for room, _ in ours if room.startswith("block-")} == {
            f"block-{stay[:8].upper()}-GRP" for stay, _ in blocks
        }
        seen["blocks"] += len(blocks)
    assert seen["blocks"] > 20
    assert hotel.life.changed["confirmed"] > 2  # picked: the block counts no more


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Auckland", "America/New_York"])
def test_prices_go_to_the_plan_of_their_room_type(hotel: Hotel, zone: str) -> None:
    """Also over the nights in which the clocks change."""
    hotel.life.zone = ZoneInfo(zone)
    nights = [date(2026, 3, 1) + timedelta(days=ahead) for ahead in range(245)]
    sent = [price(night, "120.5") for night in nights]
    sent += [price(night, "250", "cat-suite") for night in nights[:3]]
    hotel.send(*sent)
    prices = hotel.emulator.prices
    assert {night for plan, night in prices if plan == RATE} == set(nights)
    assert prices[SUITE_RATE, nights[2]] == Decimal(250)
    assert len(prices) == len(sent)
    assert hotel.emulator.puts == {RATE: 1, SUITE_RATE: 1}
    theirs = hotel.act(
        lambda adapter: adapter.open_property() and adapter.read_prices(nights[0], nights[-1])
    )
    assert theirs["", nights[7]] == theirs["cat-double", nights[7]] == Decimal("120.5")
    assert theirs["cat-suite", nights[0]] == Decimal(250)
    assert ("cat-suite", nights[3]) not in theirs


def test_room_types_are_those_with_a_plan_of_ours(hotel: Hotel) -> None:
    named = hotel.act(lambda adapter: adapter.room_types())
    assert [one.id for one in named] == ["cat-double", "cat-suite"]
    assert named[1].name == ROOM_TYPES["cat-suite"]


def test_restrictions_stay_when_a_price_is_set(hotel: Hotel) -> None:
    night = date(2026, 7, 1)
    hotel.emulator.restrictions[RATE, night] = dict(RESTRICTIONS)
    hotel.send(price(night, "101"), price(night + timedelta(days=1), "101"))
    assert hotel.emulator.restrictions == {(RATE, night): RESTRICTIONS}


def test_a_plan_that_is_derived_by_now_is_said(hotel: Hotel) -> None:
    Connection.objects.update(choices={"rate_id": "MUC-GONE"})
    hotel.connection.refresh_from_db()
    with pytest.raises(OddAnswer, match="chosen rate plan"):
        hotel.send(price(date(2026, 7, 1), "101"))


def test_too_many_updates_of_a_plan_wait_as_long_as_apaleo_says(hotel: Hotel) -> None:
    hotel.emulator.put_limit = 0
    with pytest.raises(TooOften) as refused:
        hotel.send(price(date(2026, 7, 1), "101"))
    assert refused.value.seconds == 1200


def test_webhooks_lost_and_doubled(hotel: Hotel) -> None:
    """A webhook is a nudge: what it is about is read, whether it comes or not."""
    body = {
        "topic": "Reservation", "type": "amended", "id": "ec5a1fe4", "accountId": "ABCD",
        "propertyId": PROPERTY, "data": {"entityId": "XPGMSXGF-1"}, "timestamp": 1530741026,
    }  # fmt: skip
    must_fit(body, "Webhook")
    path = f"/connections/webhook/{WEBHOOK_TOKEN}"
    for webhooks in (1, 0, 3):
        hotel.life.happen(5)
        Connection.objects.update(next_read_at=timezone.now() + timedelta(hours=1))
        for _ in range(webhooks):
            answer = Client().post(path, body, content_type="application/json")
            assert answer.status_code == 204
        is_soon = Connection.objects.get().next_read_at < timezone.now() + timedelta(seconds=6)
        assert is_soon == (webhooks > 0)
        read(hotel.connection)
        hotel.must_be_equal()
    assert ApaleoAdapter.webhook({}, json.dumps(body).encode(), {}) == [PROPERTY]
    for odd in (b"", b"[]", b"{", b"5", b'{"propertyId"'):
        assert ApaleoAdapter.webhook({}, odd, {}) == ()
