"""What Cloudbeds alone does: local clocks, unstamped changes, pages that move, jobs, OAuth."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connections.adapters.adapter import Access, NightPrice, NotReachable, OddAnswer
from connections.adapters.cloudbeds import cloudbeds_adapter, cloudbeds_calls
from connections.adapters.cloudbeds.cloudbeds_adapter import CloudbedsAdapter
from connections.models import Connection
from connections.reading.reading import read_connection
from connections.tests.cloudbeds_emulator import (
    API_KEY,
    BASE_ROOM_TYPE,
    PROPERTY,
    SOURCE,
    CloudbedsEmulator,
    without_waits,
)
from connections.tests.connected_hotels import connect_cloudbeds, on_our_books, read
from connections.tests.emulator_server import Refused, serve
from connections.tests.hotel_life import CONFIRMED, HOUSE_SEGMENT, HotelLife, Stay
from connections.tests.our_services import our_services
from connections.web_page.reservation_way import way_of_reservation

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["default", "data_provider"]),
]


@pytest.fixture(autouse=True)
def stack(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExitStack]:
    without_waits(monkeypatch)
    with ExitStack() as opened:
        opened.enter_context(our_services(settings))
        yield opened


def connected(
    emulator: CloudbedsEmulator, stack: ExitStack, settings: Any, **fields: Any
) -> Connection:
    # By name, so that a test may change how it answers.
    address = stack.enter_context(serve(lambda request: emulator.answer(request)))
    return connect_cloudbeds(address, settings, emulator.life.now - timedelta(days=1), **fields)


def must_be_equal(life: HotelLife) -> None:
    assert on_our_books({stay.group for stay in life.stays.values()}) == life.on_the_books()


@pytest.mark.parametrize("filters_utc", [True, False])
@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/New_York"])
def test_in_whichever_zone_it_compares_moments(
    zone: str, filters_utc: bool, stack: ExitStack, settings: Any
) -> None:
    life = HotelLife(4, zone)
    connection = connected(CloudbedsEmulator(life, filters_utc=filters_utc), stack, settings)
    for _ in range(6):
        life.happen(3, hours=0.5)
        read(connection)
        must_be_equal(life)


def test_the_hour_that_the_clock_has_twice(stack: ExitStack, settings: Any) -> None:
    life = HotelLife(4, begin=datetime(2025, 10, 26, 0, 40, tzinfo=UTC))
    connection = connected(CloudbedsEmulator(life), stack, settings)
    for _ in range(6):  # from 02:40 in summer time to 02:40 in winter time
        life.now += timedelta(minutes=5)
        future_stay(life)
        life.now += timedelta(minutes=5)
        read(connection)
        must_be_equal(life)


def future_stay(life: HotelLife, days: int = 20) -> Stay:
    """Return a new confirmed stay of two nights."""
    life.book()
    stay = list(life.stays.values())[-1]
    stay.status, stay.arrival = CONFIRMED, life.now.date() + timedelta(days=days)
    stay.departure = stay.arrival + timedelta(days=2)
    life._price_nights(stay)
    return stay


def test_a_change_that_is_not_stamped_is_seen_within_a_day(stack: ExitStack, settings: Any) -> None:
    life = HotelLife(6)
    emulator = CloudbedsEmulator(life, stamps_prices=False)
    connection = connected(emulator, stack, settings)
    stay = future_stay(life)
    read(connection)
    for amount in ("11", "12", "11"):  # back to what it was, too
        life.now += timedelta(hours=1)
        life._set_amount(stay, stay.arrival, Decimal(amount))
        read(connection)
        life.now += timedelta(hours=23)
        read(connection)
        must_be_equal(life)


def test_what_is_ahead_is_read_whole_once_a_day_only(stack: ExitStack, settings: Any) -> None:
    life = HotelLife(6)  # at 09:00
    emulator = CloudbedsEmulator(life)
    connection = connected(emulator, stack, settings)
    read(connection)
    asked: list[Any] = []
    answer = emulator.answer

    def noting(request: Any) -> Any:
        asked.append("reservationCheckOutFrom" in request.query)
        return answer(request)

    emulator.answer = noting  # type: ignore[method-assign]
    for _ in range(24):
        life.now += timedelta(minutes=60)
        read(connection)
    assert sum(asked) == 1


def test_reservations_that_leave_the_pages_draw_no_others_over(
    stack: ExitStack, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloudbeds_adapter, "RESERVATIONS_A_PAGE", 3)
    monkeypatch.setattr(CloudbedsAdapter, "longest_window", timedelta(days=2))
    life = HotelLife(7)
    emulator = CloudbedsEmulator(life, filters_utc=True)
    connection = connected(emulator, stack, settings)
    life.happen(30, hours=1)
    answer, pages = emulator.answer, 0

    def change_one_that_was_read(request: Any) -> Any:
        nonlocal pages
        if "reservationCheckOutFrom" in request.query:  # would hide what was not read
            return {"success": True, "data": [], "count": 0, "total": 0}
        result = answer(request)
        if "modifiedTo" in request.query and request.query["pageNumber"] == "1" and pages < 2:
            pages += 1
            number = result.body["data"][0]["reservationID"]
            life.now += timedelta(hours=3)  # far enough for the wide window that is asked for
            for stay in life.stays.values():
                if stay.group == number:
                    stay.updated = life.now
        return result

    emulator.answer = change_one_that_was_read  # type: ignore[method-assign]
    read(connection)
    assert pages == 2
    read(connection)  # what was changed meanwhile is stamped later than the first reading
    must_be_equal(life)


def test_a_deleted_reservation_is_off_the_books(stack: ExitStack, settings: Any) -> None:
    life = HotelLife(8)
    emulator = CloudbedsEmulator(life)
    connection = connected(emulator, stack, settings)
    stay = future_stay(life)
    read(connection)
    assert on_our_books([stay.group])
    life.now += timedelta(hours=1)
    emulator.deleted.add(stay.group)
    stay.updated = life.now
    read(connection)
    assert not on_our_books([stay.group])


def test_tokens_of_oauth_that_expire_are_renewed(stack: ExitStack, settings: Any) -> None:
    life = HotelLife(9)
    emulator = CloudbedsEmulator(life, token_calls=4)
    connection = connected(emulator, stack, settings, with_oauth=True)
    for _ in range(4):
        life.happen(10)
        read(connection)
    assert emulator.token_number > 2
    must_be_equal(life)

    def gone(request: Any) -> Any:
        raise Refused(400 if request.path.endswith("access_token") else 401)

    emulator.answer = gone  # type: ignore[method-assign]
    assert not read_connection(connection.pk)
    assert Connection.objects.get().failure == "credentials"


@pytest.mark.parametrize(
    ("message", "failure"),
    [
        ("User who approved this connection is not active anymore", "credentials"),
        ("None of the included property id's match the access_token user's id", "credentials"),
        ("Your request could not be fully completed", "odd"),
    ],
)
def test_an_error_that_comes_with_200(
    message: str, failure: str, stack: ExitStack, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = CloudbedsEmulator(HotelLife(9))
    connection = connected(emulator, stack, settings)
    refusal = {"success": False, "message": message}
    monkeypatch.setattr(emulator, "answer", lambda _: refusal)
    assert not read_connection(connection.pk)
    present = Connection.objects.get()
    assert present.failure == failure
    assert message not in present.failure_text


def prices(days: int, amount: int = 90, room_type: str = BASE_ROOM_TYPE) -> list[NightPrice]:
    first = date(2025, 4, 1)
    return [
        NightPrice(first + timedelta(days=ahead), room_type, Decimal(amount + ahead % 2))
        for ahead in range(days)
    ]


@pytest.fixture
def emulator() -> CloudbedsEmulator:
    return CloudbedsEmulator(HotelLife(9))


@pytest.fixture
def adapter(emulator: CloudbedsEmulator, stack: ExitStack) -> CloudbedsAdapter:
    address = stack.enter_context(serve(emulator.answer))
    choices = {"rate_id": "base", "room_type_id": BASE_ROOM_TYPE}
    return CloudbedsAdapter(Access(address, {"token": API_KEY}, PROPERTY, choices))


def test_prices_go_out_in_parts_of_thirty_intervals(
    emulator: CloudbedsEmulator, adapter: CloudbedsAdapter
) -> None:
    adapter.send_prices(prices(70))
    assert emulator.calls.count("putRate") == 3
    assert len(emulator.prices) == 70
    assert adapter.read_prices(date(2025, 4, 1), date(2025, 6, 30))["", date(2025, 4, 2)] == 91
    calls = emulator.calls.count("putRate")
    adapter.send_prices(prices(70))  # as after a crash: they are there already
    assert emulator.calls.count("putRate") == calls


def test_a_job_that_takes_long_confirms_nothing_before_it_is_done(
    emulator: CloudbedsEmulator, adapter: CloudbedsAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloudbeds_calls, "JOB_SECONDS", 0)
    emulator.job_calls = 1_000
    with pytest.raises(NotReachable):
        adapter.send_prices(prices(3))
    assert not emulator.prices
    # While it is under way what is shown now may still change: it is no confirmation.
    with pytest.raises(NotReachable):
        adapter.send_prices([NightPrice(date(2025, 4, 1), BASE_ROOM_TYPE, Decimal(777))])
    for job in emulator.jobs.values():
        job["calls_left"] = 0
    monkeypatch.setattr(cloudbeds_calls, "JOB_SECONDS", 30)
    emulator.job_calls = 1
    adapter.send_prices(prices(3))
    assert len(emulator.prices) == 3


def test_a_refused_price_keeps_no_others_back(
    emulator: CloudbedsEmulator, adapter: CloudbedsAdapter
) -> None:
    emulator.refused_prices = {(BASE_ROOM_TYPE, date(2025, 4, 3))}
    for _ in range(2):
        with pytest.raises(OddAnswer, match="refused the prices of 1 intervals"):
            adapter.send_prices(prices(10))
        assert len(emulator.prices) == 9
    last = list(emulator.jobs.values())[-1]
    assert len(last["updates"]) == 1  # the second time it alone was sent


def test_one_price_for_all_rooms_goes_to_one_room_type(
    emulator: CloudbedsEmulator, adapter: CloudbedsAdapter
) -> None:
    adapter.send_prices(prices(2, room_type=""))
    assert {number for number, _ in emulator.prices} == {BASE_ROOM_TYPE}


def test_what_can_be_chosen(adapter: CloudbedsAdapter) -> None:
    rates, room_types, house_use = adapter.questions()
    assert [one.id for one in rates.options] == ["base", "plan-breakfast"]  # not the derived one
    assert "cat-tent" not in {one.id for one in room_types.options}  # it has no rate
    assert not house_use.is_required


def test_house_use_is_told_by_a_segment_of_the_last_changes_or_a_source(
    emulator: CloudbedsEmulator, adapter: CloudbedsAdapter
) -> None:
    for _ in range(3):
        future_stay(emulator.life)
    future_stay(emulator.life).house_use = True
    adapter.access.choices = {**adapter.access.choices, "house_use": "segment:GONE"}
    named = {one.id: one.name for one in adapter.questions()[-1].options}
    assert named == {
        "segment:Leisure": "segment Leisure",
        f"segment:{HOUSE_SEGMENT}": "segment House",
        f"source:{SOURCE}": "source Booking.com",
        "segment:GONE": "segment GONE",  # the answer stays possible
    }


def test_one_reservation_is_read_by_its_number(
    emulator: CloudbedsEmulator, adapter: CloudbedsAdapter
) -> None:
    stay = future_stay(emulator.life)
    future_stay(emulator.life)
    adapter.open_property()
    raw = adapter.read_reservation(stay.group)
    assert raw is not None
    assert adapter.reservation_id(raw) == stay.group
    emulator.deleted.add(stay.group)
    raw = adapter.read_reservation(stay.group)
    assert raw is not None
    assert adapter.reservation(raw)["status"] == "cancelled"
    assert adapter.read_reservation("R/none?") is None


@pytest.mark.django_db(databases=["default", "data_provider", "dashboard_service"])
def test_a_reservation_s_way_renews_an_access_that_has_expired(
    stack: ExitStack, settings: Any
) -> None:
    life = HotelLife(6)
    emulator = CloudbedsEmulator(life)
    connection = connected(emulator, stack, settings, with_oauth=True)
    stay = future_stay(life)
    read(connection)
    emulator.token_number += 1  # as after eight hours
    way = way_of_reservation(Connection.objects.get(), stay.group)
    assert (way.get("vendor_problem"), way["there"]["status"]) == (None, "confirmed")
