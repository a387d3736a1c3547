"""Reading a booking system into the ledger: pages, faults, clocks, tokens, what is not understood."""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections import own_services
from connections.models import Connection, ConnectionState
from connections.own_services import OwnServiceFailure
from connections.reading.reading import read_connection
from connections.secret_encryption import encrypt
from connections.tests.apaleo_emulator import ApaleoEmulator
from connections.tests.cloudbeds_emulator import without_waits
from connections.tests.connected_hotels import (
    VENDORS,
    connect_generic,
    connect_mews,
    on_our_books,
    read,
    time_passes,
)
from connections.tests.crash_points import Killed
from connections.tests.emulator_server import Faults, serve
from connections.tests.generic_emulator import GenericEmulator
from connections.tests.hotel_life import HotelLife
from connections.tests.mews_emulator import MewsEmulator
from connections.tests.our_services import our_services

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["default", "data_provider"]),
]


class Hotel:
    """A hotel with its emulated booking system and its connection."""

    def __init__(self, vendor: str, life: HotelLife, stack: ExitStack, settings: Any) -> None:
        self.life = life
        self.faults = Faults(seed=1)
        kind, connect = VENDORS[vendor]
        self.emulator: Any = kind(life)
        address = stack.enter_context(serve(self.emulator.answer, self.faults))
        self.connection = connect(address, settings, life.now - timedelta(days=1))

    def read(self) -> Connection:
        return read(self.connection)

    def numbers(self) -> set[str]:
        stays = self.life.stays.values()
        blocks = self.emulator.numbers() if isinstance(self.emulator, ApaleoEmulator) else set()
        return {stay.id for stay in stays} | {stay.group for stay in stays} | blocks

    def must_be_equal(self) -> None:
        assert on_our_books(self.numbers()) == self.life.on_the_books()


@pytest.fixture(params=VENDORS)
def hotel(
    request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hotel]:
    without_waits(monkeypatch)
    with ExitStack() as stack:
        stack.enter_context(our_services(settings))
        yield Hotel(request.param, HotelLife(seed=5), stack, settings)


def test_first_import_and_changes(hotel: Hotel) -> None:
    hotel.life.happen(60)
    connection = hotel.read()
    assert (connection.state, connection.failure) == (ConnectionState.READING, "")
    assert connection.reservations.count() > 20
    assert not connection.problems.exists()
    hotel.must_be_equal()
    for _ in range(6):
        hotel.life.happen(20)
        hotel.read()
        hotel.must_be_equal()
    assert min(hotel.life.changed.values()) > 0, hotel.life.changed


def test_reading_the_same_again_appends_nothing(hotel: Hotel) -> None:
    hotel.life.happen(40)
    appended = hotel.read().events_appended
    assert appended > 50
    for window in (None, hotel.connection.import_from):
        Connection.objects.update(read_until=window, window_until=None, page="")
        assert hotel.read().events_appended == appended


@pytest.mark.parametrize("minutes", [0, 4])
def test_what_the_vendor_shows_late_is_not_lost(hotel: Hotel, minutes: int) -> None:
    """A booking carries the time of a reading that did not see it, or an earlier one."""
    hotel.life.happen(20)
    hotel.read()
    hotel.life.now -= timedelta(minutes=minutes)
    known = set(hotel.life.stays)
    hotel.life.book()
    for number in hotel.life.stays.keys() - known:
        stay = hotel.life.stays[number]
        stay.status, stay.departure = "confirmed", stay.arrival + timedelta(days=2)
        hotel.life._price_nights(stay)
    hotel.life.now += timedelta(minutes=5 + minutes)
    hotel.read()
    hotel.must_be_equal()


@pytest.mark.parametrize("is_killed", [True, False])
def test_the_cursor_moves_only_after_the_ledger_has_answered(hotel: Hotel, is_killed: bool) -> None:
    hotel.life.happen(20)
    before = hotel.read()
    hotel.life.happen(20)

    def fail(bodies: Any) -> Any:
        if is_killed:
            raise Killed
        raise OwnServiceFailure("the ledger answered 503")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own_services, "state_reservations", fail)
        for _ in range(3):
            with suppress(Killed):
                assert not read_connection(hotel.connection.pk)
            time_passes(hotel.connection)
    after = Connection.objects.get()
    assert (after.read_until, after.pages_read) == (before.read_until, before.pages_read)
    assert after.page == ""
    hotel.life.now += timedelta(hours=1)  # more than any overlap
    hotel.read()
    hotel.must_be_equal()


def test_faults_of_the_vendor_delay_and_lose_nothing(hotel: Hotel) -> None:
    faults = hotel.faults
    faults.too_many, faults.broken, faults.lost_answers = 0.1, 0.1, 0.1
    faults.too_large, faults.slow, faults.retry_after = 0.03, 0.1, "0"
    for _ in range(5):
        hotel.life.happen(25)
        hotel.read()
    hotel.must_be_equal()
    assert len(faults.happened) > 2, faults.happened


def test_we_wait_as_long_as_the_vendor_asks(hotel: Hotel) -> None:
    hotel.faults.limit, hotel.faults.retry_after = (0, 60), "240"
    assert not read_connection(hotel.connection.pk)
    connection = Connection.objects.get()
    assert (connection.failure, connection.failures) == ("too_often", 1)
    assert connection.next_read_at > timezone.now() + timedelta(seconds=238)
    assert connection.lease is None


def test_refused_access_waits_for_a_person(hotel: Hotel) -> None:
    hotel.emulator.access_token = "another"
    hotel.emulator.token_number = 2
    names = ("token", "client_token", "access_token", "client_id", "client_secret")
    secrets = dict.fromkeys(names, "x")
    Connection.objects.update(secrets=encrypt(secrets))
    assert not read_connection(hotel.connection.pk)
    connection = Connection.objects.get()
    assert connection.failure == "credentials"
    assert connection.next_read_at > timezone.now() + timedelta(minutes=25)


def test_a_reservation_that_is_not_understood_keeps_no_other_back(hotel: Hotel) -> None:
    hotel.life.happen(30)
    stay = next(stay for stay in hotel.life.stays.values() if stay.status == "confirmed")
    for item in stay.items:
        item.amount = type(item.amount)("12345678901")  # more digits than the ledger takes
    connection = hotel.read()
    [problem] = connection.problems.all()
    assert problem.reservation_id in (stay.id, stay.group)
    assert "rate" in problem.reason
    hotel.life.now += timedelta(minutes=1)
    for item in stay.items:
        item.amount, item.updated = type(item.amount)("99.5"), hotel.life.now
    hotel.read()
    assert not connection.problems.exists()
    hotel.must_be_equal()


def test_a_tentative_stay_counts_where_the_hotel_says_so(hotel: Hotel) -> None:
    hotel.life.book()
    for stay in hotel.life.stays.values():
        stay.status = "tentative"
        stay.departure = stay.arrival + timedelta(days=2)
        hotel.life._price_nights(stay)
    hotel.read()
    assert on_our_books(hotel.numbers()) == {}
    Connection.objects.update(tentative_counts=True, read_until=None)
    for stay in hotel.life.stays.values():
        stay.updated = hotel.life.now
    hotel.read()
    assert len(on_our_books(hotel.numbers())) == 2 * len(hotel.life.stays)


def test_a_ledger_that_was_restored_gets_everything_again(hotel: Hotel) -> None:
    hotel.life.happen(20)
    before = hotel.read()
    assert before.ledger_epoch
    Connection.objects.update(ledger_epoch="another one")
    after = hotel.read()
    assert after.pages_read > before.pages_read
    assert after.ledger_epoch == before.ledger_epoch
    assert after.events_appended == before.events_appended


def test_one_reader_at_a_time(hotel: Hotel) -> None:
    Connection.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    assert not read_connection(hotel.connection.pk)
    assert Connection.objects.get().vendor_now is None
    time_passes(hotel.connection)
    assert read_connection(hotel.connection.pk)


def test_a_connection_that_is_stopped_meanwhile_stores_nothing_more(hotel: Hotel) -> None:
    hotel.life.happen(30)

    state_reservations = own_services.state_reservations

    def stop_then_state(bodies: Any) -> Any:
        Connection.objects.update(state=ConnectionState.STOPPED)
        return state_reservations(bodies)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own_services, "state_reservations", stop_then_state)
        assert not read_connection(hotel.connection.pk)
    connection = Connection.objects.get()
    assert (connection.pages_read, connection.reservations.count()) == (0, 0)
    assert connection.state == ConnectionState.STOPPED


def test_a_large_import_goes_on_where_a_run_ended(hotel: Hotel) -> None:
    hotel.life.happen(80, hours=30)
    runs = 0
    while not read_connection(hotel.connection.pk, end=0):
        runs += 1
        connection = Connection.objects.get()
        assert connection.failure == "", connection.failure_text
        assert 0 <= (connection.import_share or 0) <= 1
    assert runs > 2
    hotel.must_be_equal()


def test_tokens_that_expire_are_renewed(settings: Any) -> None:
    life = HotelLife(seed=9)
    life.happen(60)
    emulator = GenericEmulator(life, page_size=5, token_calls=6)
    with our_services(settings), serve(emulator.answer) as address:
        connection = connect_generic(address, settings, life.now - timedelta(days=40))
        read(connection)
    assert emulator.token_number > 1
    numbers = {stay.group for stay in life.stays.values()}
    assert on_our_books(numbers) == life.on_the_books()


@pytest.mark.parametrize("minutes", [-180, 180])
def test_the_vendor_s_clock_rules_the_windows(settings: Any, minutes: int) -> None:
    life = HotelLife(seed=11)
    emulator = MewsEmulator(life)
    with our_services(settings), serve(emulator.answer) as address:
        connection = connect_mews(address, settings, life.now - timedelta(days=1))
        life.happen(20)
        read(connection)
        life.now += timedelta(minutes=minutes)  # the clock was wrong, and is set
        for _ in range(10):
            life.now += timedelta(minutes=1)
            life.book()
        read(connection)
        assert on_our_books(life.stays) == life.on_the_books()
