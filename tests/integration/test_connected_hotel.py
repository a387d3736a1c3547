"""A hotel's life through its booking system: connection, ledger, figures and prices.

The real Data Provider, dashboard and prices answer in this process; the booking system is a real
HTTP server. Workers are killed between any two steps. At the end ledger and figures equal what the
booking system has, and the prices there equal ours; of its guests nothing is found anywhere.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from connections.adapters.apaleo import apaleo_calls
from connections.adapters.known_vendors import ADAPTERS
from connections.models import Connection, ConnectionAct
from connections.reading.reading import read_connection
from connections.tests.apaleo_emulator import CLIENT_SECRET as APALEO_SECRET
from connections.tests.apaleo_emulator import RATE
from connections.tests.cloudbeds_emulator import (
    API_KEY,
    BASE_ROOM_TYPE,
    CLIENT_SECRET,
    REFRESH_TOKEN,
    without_waits,
)
from connections.tests.connected_hotels import (
    HOTEL,
    VENDORS,
    on_our_books,
    read,
    time_passes,
)
from connections.tests.crash_points import CrashPoints, Killed
from connections.tests.emulator_server import Faults, serve
from connections.tests.hotel_life import (
    GUEST_MAIL,
    GUEST_NAMES,
    GUEST_PHONE,
    ROOM_TYPES,
    HotelLife,
)
from connections.tests.mews_emulator import ACCESS_TOKEN, CLIENT_TOKEN
from connections.tests.our_services import BASE, our_services
from dashboard_service.counting import feed_updater
from dashboard_service.data_provider_client import Provider
from pricing_service.room_types.room_type_models import RoomType
from pricing_service.tests.hotels import create_hotel, create_rules, night, put_price

DATABASES = ["default", "data_provider", "dashboard_service", "pricing_service"]
# The feed of a PostgreSQL ledger shows what is committed only.
pytestmark = [
    pytest.mark.long,
    pytest.mark.one_database,
    pytest.mark.django_db(databases=DATABASES, transaction=True),
]
PRIVATE = (*GUEST_NAMES, *(name.split()[0] for name in GUEST_NAMES), GUEST_MAIL, GUEST_PHONE)
SECRETS = (
    ACCESS_TOKEN, CLIENT_TOKEN, "signing-key-5EC2E7", API_KEY, CLIENT_SECRET, REFRESH_TOKEN,
    APALEO_SECRET, "APALEO-TOKEN",
)  # fmt: skip
NEVER_SHOWN = (*PRIVATE, *SECRETS, "access-token-")
# Of the rate without a room type: what stands for it there; None where there is nothing.
WHOLE_HOUSE = {"mews": None, "generic": "", "cloudbeds": BASE_ROOM_TYPE, "apaleo": RATE}


@pytest.fixture
def stack(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExitStack]:
    without_waits(monkeypatch)
    for kind in ADAPTERS.values():  # the limits are of real time, in which a year has passed
        monkeypatch.setattr(kind, "calls_per_window", (100_000, 1.0))
    monkeypatch.setattr(apaleo_calls, "ROWS_A_PAGE", 10)  # a few reservations are several pages
    with ExitStack() as opened:
        opened.enter_context(our_services(settings))
        yield opened


def open_hotel(vendor: str, life: HotelLife, stack: ExitStack, settings: Any, seed: int) -> Any:
    """Return a hotel's emulator and its connection; the booking system fails now and then."""
    faults = Faults(
        seed, too_many=0.03, broken=0.03, lost_answers=0.02, too_large=0.01, retry_after="0"
    )
    kind, connect = VENDORS[vendor]
    options: dict[str, Any] = {} if vendor == "mews" else {"token_calls": 200}
    if vendor == "cloudbeds":
        options |= {"filters_utc": seed % 3 == 0, "seed": seed}
        connect = partial(connect, with_oauth=True)
    emulator: Any = kind(life, **options)
    address = stack.enter_context(serve(lambda request: emulator.answer(request), faults))
    return emulator, connect(address, settings, life.now - timedelta(days=1), sends_prices=True)


def read_and_die(connection: Connection, points: CrashPoints, runs: int) -> None:
    """Let workers read, each of which may be killed at any step."""
    for _ in range(runs):
        with suppress(Killed):
            read_connection(connection.pk, end=0)
        time_passes(connection)


def live_and_compare(
    vendor: str, stack: ExitStack, settings: Any, monkeypatch: pytest.MonkeyPatch, *,
    seed: int, rounds: int, steps: int, hours: float = 3,
) -> tuple[Any, Connection]:  # fmt: skip
    """Live a hotel's life; assert that ledger and figures equal the booking system's truth."""
    life = HotelLife(seed, zone="Pacific/Auckland" if seed % 2 else "America/New_York")
    emulator, connection = open_hotel(vendor, life, stack, settings, seed)
    points = CrashPoints(monkeypatch, seed, share=0.02)
    for _ in range(rounds):
        life.happen(steps, hours)
        read_and_die(connection, points, 4)
    assert points.kills > rounds / 4
    points.share = 0
    read(connection)
    groups = {stay.group for stay in life.stays.values()}
    numbers = groups if vendor in ("generic", "cloudbeds") else set(life.stays)
    assert on_our_books(numbers) == life.on_the_books()
    figures_must_be_equal(life)
    return emulator, connection


def figures_must_be_equal(life: HotelLife) -> None:
    with Provider(BASE) as provider:
        feed_updater.update(provider)
    nights: Counter[tuple[int, int, str]] = Counter()
    revenue: Counter[tuple[int, int, str]] = Counter()
    for (_, day), (rate, room_type) in life.on_the_books().items():
        nights[day.year, day.month, room_type] += 1
        revenue[day.year, day.month, room_type] += rate  # type: ignore[assignment]
    path = f"/dashboard/performance/?hotel_id={HOTEL}&period=month&by=room_type"
    rows = [row for row in Client().get(path).json() if row["room_nights"]]
    keys = [(row["year"], row["month"], row["room_type"]) for row in rows]
    assert dict(zip(keys, (row["room_nights"] for row in rows), strict=True)) == nights
    assert dict(zip(keys, (Decimal(row["revenue"]) for row in rows), strict=True)) == revenue


@pytest.mark.parametrize("vendor", VENDORS)
def test_of_guests_and_accesses_nothing_is_found(
    vendor: str, stack: ExitStack, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where answers are odd: their text is neither stored, nor logged, nor shown."""
    caplog.set_level(logging.DEBUG)
    life = HotelLife(8)
    emulator, connection = open_hotel(vendor, life, stack, settings, 8)
    life.happen(40)
    confirmed = [stay for stay in life.stays.values() if stay.status == "confirmed"]
    confirmed[0].items[0].amount = Decimal("12345678901")  # the ledger refuses it
    confirmed[1].status = GUEST_NAMES[0]  # a state that nobody documented
    read(connection)
    assert connection.problems.exists()
    answer = emulator.answer

    def odd(request: Any) -> Any:
        result = answer(request)
        if "eservations" in request.path:
            return {"Reservations": GUEST_NAMES[0], "reservations": GUEST_MAIL}
        return result

    emulator.answer = odd
    Connection.objects.update(read_until=None, window_until=None)
    assert not read_connection(connection.pk)
    shown = Client().get(f"/connections/?hotel_id={HOTEL}").content.decode()
    assert "not understood" in shown
    nothing_private_is_found(caplog, shown)


def nothing_private_is_found(caplog: pytest.LogCaptureFixture, shown: str = "") -> None:
    """Look for guests and secrets in every table, every log line, and what is shown."""
    texts = [caplog.text, shown]
    for model in apps.get_models():
        texts += [repr(row) for row in model._default_manager.values()]
    everything = "\n".join(texts)
    assert "Double" in everything  # what is looked through is not nothing
    for private in NEVER_SHOWN:
        assert private not in everything, private


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_stretch_of_a_hotel_s_life(
    vendor: str, stack: ExitStack, settings: Any, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    live_and_compare(vendor, stack, settings, monkeypatch, seed=21, rounds=8, steps=15)
    nothing_private_is_found(caplog)


@pytest.mark.long
@pytest.mark.thorough
@pytest.mark.parametrize(
    ("vendor", "seed"),
    [("mews", 1), ("generic", 2), ("cloudbeds", 3), ("apaleo", 2)],
)
def test_a_year_of_a_hotel_s_life(
    vendor: str, seed: int, stack: ExitStack, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is ahead in Cloudbeds is read whole each day: less happens, so that it takes no longer.
    rounds, steps, hours = (50, 11, 16) if vendor == "cloudbeds" else (50, 58, 3)
    live_and_compare(
        vendor, stack, settings, monkeypatch, seed=seed, rounds=rounds, steps=steps, hours=hours
    )


def our_prices(room_type: str = "") -> dict[date, Decimal]:
    query = f"&room_type={room_type}" if room_type else ""
    rows = Client().get(f"/prices/?hotel_id={HOTEL}{query}").json()
    return {date.fromisoformat(row["night"]): Decimal(row["price"]) for row in rows if row["price"]}


@pytest.mark.parametrize("vendor", VENDORS)
def test_prices_at_the_booking_system_equal_ours(
    vendor: str, stack: ExitStack, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = HotelLife(1, begin=datetime.now(UTC).replace(microsecond=0))
    emulator, connection = open_hotel(vendor, life, stack, settings, 1)
    theirs = emulator.base_prices if vendor == "mews" else emulator.prices
    room_type = WHOLE_HOUSE[vendor]

    def must_be_equal() -> None:
        prices = {
            key if room_type is None else key[1]: price
            for key, price in theirs.items()
            if room_type is None or key[0] == room_type
        }
        assert prices == our_prices()
        assert room_type is None or {key[0] for key in theirs} == {room_type}

    create_hotel(HOTEL)
    create_rules(HOTEL)
    for ahead in range(1, 200):
        put_price(ahead, 90 + ahead % 7 // 3, hotel_id=HOTEL)
    for kind in ADAPTERS.values():
        monkeypatch.setattr(kind, "prices_at_once", 10)  # twenty batches, between which it dies
    points = CrashPoints(monkeypatch, 3, share=0.05)
    read_and_die(connection, points, 30)
    points.share = 0
    read(connection)
    must_be_equal()
    put_price(17, 222, hotel_id=HOTEL)
    read(connection)
    must_be_equal()
    # Somebody changes a price there by hand: it is put back when prices are compared again.
    key: Any = night(17) if room_type is None else (room_type, night(17))
    theirs[key] = Decimal(1)
    Connection.objects.update(prices_at=None)
    read(connection)
    must_be_equal()


@pytest.mark.parametrize("vendor", ["mews", "cloudbeds", "apaleo"])
def test_room_types_have_their_own_prices(vendor: str, stack: ExitStack, settings: Any) -> None:
    """In apaleo single rooms follow from another plan: nothing is sent for them."""
    life = HotelLife(1, begin=datetime.now(UTC).replace(microsecond=0))
    emulator, connection = open_hotel(vendor, life, stack, settings, 2)
    create_hotel(HOTEL)
    rules = create_rules(HOTEL)
    RoomType.objects.create(profile=rules, name="Double", is_reference=True, rooms=12)
    RoomType.objects.create(profile=rules, name="Single", percent=-20, rooms=8)
    for ahead in range(1, 30):
        put_price(ahead, 100, hotel_id=HOTEL)
    present = read(connection)
    theirs = emulator.category_prices if vendor == "mews" else emulator.prices
    plans = {"Double": "cat-double", "Single": "cat-single"}
    for name, number in plans.items() if vendor != "apaleo" else [("Double", RATE)]:
        prices = {day: price for (kind, day), price in theirs.items() if kind == number}
        assert prices == our_prices(name)
    assert vendor != "apaleo" or {plan for plan, _ in theirs} == {RATE}
    assert present.price_problem == f"without a price of ours: {ROOM_TYPES['cat-suite']}"


def test_parts_that_are_refused_do_not_stop_the_others(
    stack: ExitStack, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = HotelLife(1, begin=datetime.now(UTC).replace(microsecond=0))
    emulator, connection = open_hotel("cloudbeds", life, stack, settings, 2)
    create_hotel(HOTEL)
    create_rules(HOTEL)
    for ahead in range(1, 11):
        put_price(ahead, 90 + ahead, hotel_id=HOTEL)
    monkeypatch.setattr(ADAPTERS["cloudbeds"], "prices_at_once", 2)
    emulator.refused_prices = {(BASE_ROOM_TYPE, night(3))}
    with pytest.raises(AssertionError, match="refused the prices of 1 intervals"):
        read(connection)
    assert connection.prices.count() == 8  # all but the part of the refused one
    assert len(emulator.prices) == 9
    emulator.refused_prices = set()
    read(connection)
    assert {key[1]: price for key, price in emulator.prices.items()} == our_prices()


def test_acts_are_never_changed(stack: ExitStack, settings: Any) -> None:
    _, connection = open_hotel("mews", HotelLife(1), stack, settings, 2)
    act = ConnectionAct.objects.create(connection=connection, who="a test", act="tried")
    with pytest.raises(TypeError):
        act.save()
