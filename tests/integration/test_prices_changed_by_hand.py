"""A price that a person changes in the booking system: put back, or an override here, exactly once.

The real prices answer in this process; the booking systems are real HTTP servers.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections import connection_setup, own_prices
from connections.adapters.generic import GenericAdapter
from connections.models import Connection, HandChange, PriceAttempt, SentPrice
from connections.prices import delivery_reports, hand_changes, price_sending
from connections.prices.price_comparison import SETTLING
from connections.reading.due_connections import read_due
from connections.reading.reading import read_connection
from connections.tests.connected_hotels import (
    HOTEL,
    connect_generic,
    connect_mews,
    read,
    time_passes,
)
from connections.tests.crash_points import CrashPoints, Killed
from connections.tests.emulator_server import Refused, Request, serve
from connections.tests.generic_emulator import GenericEmulator
from connections.tests.hotel_life import HotelLife
from connections.tests.mews_emulator import MewsEmulator
from connections.tests.our_services import our_services
from pricing_service.decisions.manual_decisions import decide
from pricing_service.models import Action, NightPrice, PriceDecision
from pricing_service.room_types.room_type_models import RoomType
from pricing_service.tests.hotels import create_hotel, create_rules, night, put_price

DATABASES = ["default", "data_provider", "dashboard_service", "pricing_service"]
pytestmark = pytest.mark.django_db(databases=DATABASES)
NIGHTS = range(1, 6)
OURS = Decimal(100)


class System:
    """A hotel with its emulated booking system, whose prices are all ours at first."""

    def __init__(self, vendor: str, stack: ExitStack, settings: Any, **fields: Any) -> None:
        life = HotelLife(1, begin=datetime.now(UTC).replace(microsecond=0))
        self.life = life
        self.emulator: Any = MewsEmulator(life) if vendor == "mews" else GenericEmulator(life)
        self.vendor = vendor
        self.sent: list[Any] = []
        self.before_answer: Callable[[Request], None] = lambda request: None
        address = stack.enter_context(serve(self._answer))
        connect = connect_mews if vendor == "mews" else connect_generic
        self.connection = connect(
            address, settings, life.now - timedelta(days=1), sends_prices=True,
            **{"hand_changes": "override", **fields},
        )  # fmt: skip

    def _answer(self, request: Request) -> Any:
        self.before_answer(request)
        if request.path.endswith("updatePrice") or request.method == "PUT":
            self.sent.append(request.body)
        return self.emulator.answer(request)

    def price(self, ahead: int) -> Decimal:
        return self._prices()[self._key(ahead)]

    def set(self, ahead: int, price: int | str | Decimal) -> None:
        """Do what a person does there."""
        self._prices()[self._key(ahead)] = Decimal(price)

    def _prices(self) -> dict[Any, Decimal]:
        prices: dict[Any, Decimal] = (
            self.emulator.base_prices if self.vendor == "mews" else self.emulator.prices
        )
        return prices

    def _key(self, ahead: int) -> Any:
        return night(ahead) if self.vendor == "mews" else ("", night(ahead))

    def read(self) -> Connection:
        return read(self.connection)

    def an_hour_passes(self) -> None:
        """Let the next reading compare prices, long after all that was sent."""
        Connection.objects.update(prices_at=None)
        PriceAttempt.objects.exclude(confirmed_at=None).update(
            confirmed_at=timezone.now() - 2 * SETTLING
        )


@pytest.fixture
def stack(settings: Any) -> Iterator[ExitStack]:
    create_hotel(HOTEL)
    create_rules(HOTEL)
    for ahead in NIGHTS:
        put_price(ahead, 100, hotel_id=HOTEL)
    with ExitStack() as opened:
        opened.enter_context(our_services(settings))
        yield opened


@pytest.fixture(params=["mews", "generic"])
def system(request: pytest.FixtureRequest, stack: ExitStack, settings: Any) -> System:
    made = System(request.param, stack, settings)
    made.read()
    assert made.price(1) == OURS
    return made


@pytest.fixture
def generic(stack: ExitStack, settings: Any) -> System:
    made = System("generic", stack, settings)
    made.read()
    return made


def ours(ahead: int) -> tuple[Decimal, str]:
    rows = Client().get(f"/prices/?hotel_id={HOTEL}").json()
    row = next(row for row in rows if row["night"] == str(night(ahead)))
    return Decimal(row["price"]), row["state"]


def decisions() -> list[PriceDecision]:
    """Return the decisions that tell of the booking system, the oldest first."""
    return list(PriceDecision.objects.filter(reason__startswith="Changed in the").order_by("id"))


def delivered(ahead: int) -> Any:
    rows = Client().get(f"/prices/delivered/?hotel_id={HOTEL}").json()
    return next(row for row in rows if row["night"] == str(night(ahead)))


def test_it_becomes_an_override_once(system: System) -> None:
    system.set(2, 140)
    system.set(3, 140)
    system.an_hour_passes()
    system.sent.clear()
    system.read()
    assert ours(2) == ours(3) == (Decimal(140), "held")
    assert ours(1)[0] == OURS
    reasons = {(row.night, row.reason) for row in decisions()}
    assert {row[0] for row in reasons} == {night(2), night(3)}
    assert all("(Mews)" in reason or "serves" in reason for _, reason in reasons)
    for _ in range(3):
        system.an_hour_passes()
        system.read()
    assert len(decisions()) == 2
    assert (system.price(2), system.sent) == (Decimal(140), []), "nothing is sent over it"
    assert delivered(2)["price"] == "140.00"
    assert not HandChange.objects.exists()


def test_it_is_put_back_where_the_hotel_chose_so(system: System) -> None:
    Connection.objects.update(hand_changes="put_back")
    system.set(2, 140)
    system.an_hour_passes()
    system.read()
    assert (system.price(2), ours(2)[0]) == (OURS, OURS)
    assert not decisions()


def test_both_sides_change_at_once(system: System) -> None:
    """Our new price is not sent over a person's that nobody has seen; theirs is the later one."""
    system.set(2, 140)
    put_price(2, 95, hotel_id=HOTEL)
    put_price(4, 95, hotel_id=HOTEL)
    system.read()  # without an hour that has passed
    assert (system.price(2), ours(2)) == (Decimal(140), (Decimal(140), "held"))
    assert system.price(4) == Decimal(95)
    assert [row.old_price for row in decisions()] == [Decimal(95)]


def test_what_we_decide_after_it_goes_there(system: System) -> None:
    system.set(2, 140)
    system.an_hour_passes()
    system.read()
    decide(HOTEL, [night(2)], Action.OVERRIDE, "mia", Decimal(120))
    system.read()
    system.an_hour_passes()
    system.read()
    assert (system.price(2), ours(2)[0]) == (Decimal(120), Decimal(120))
    assert len(decisions()) == 1


def test_a_person_may_set_the_price_of_before(system: System) -> None:
    put_price(2, 130, hotel_id=HOTEL)
    system.read()
    system.an_hour_passes()
    system.read()
    system.set(2, OURS)
    system.an_hour_passes()
    system.read()
    assert ours(2) == (OURS, "held")


@pytest.mark.parametrize("lost", [True, False])
def test_prices_that_were_sent_in_part_are_ours(generic: System, lost: bool) -> None:
    """The system has the new price and never answered; meanwhile we want another one."""
    put_price(2, 130, hotel_id=HOTEL)

    def take_and_fail(request: Request) -> None:
        if request.method == "PUT":
            if lost:
                generic.emulator.answer(request)
            raise Refused(500)

    generic.before_answer = take_and_fail
    assert not read_connection(generic.connection.pk)
    assert generic.price(2) == (Decimal(130) if lost else OURS)
    generic.before_answer = lambda request: None
    put_price(2, 90, hotel_id=HOTEL)
    time_passes(generic.connection)
    generic.an_hour_passes()
    generic.read()
    assert (generic.price(2), ours(2)[0]) == (Decimal(90), Decimal(90))
    assert not decisions()


def test_a_system_that_shows_prices_late_is_not_mistaken(
    generic: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dict(generic.emulator.prices)
    put_price(2, 130, hotel_id=HOTEL)
    real = GenericAdapter.read_prices
    monkeypatch.setattr(GenericAdapter, "read_prices", lambda *_: before)
    generic.read()
    Connection.objects.update(prices_at=None)
    generic.read()
    put_price(3, 130, hotel_id=HOTEL)  # so that prices are compared before they are sent
    generic.read()
    monkeypatch.setattr(GenericAdapter, "read_prices", real)
    generic.an_hour_passes()
    generic.read()
    assert (generic.price(2), ours(2)[0], decisions()) == (Decimal(130), Decimal(130), [])


@pytest.mark.parametrize("hand_changes_are", ["override", "put_back"])
def test_a_system_that_rounds_is_not_mistaken(generic: System, hand_changes_are: str) -> None:
    """It has steps of 5; what it makes of our price is neither a person's nor sent again."""
    Connection.objects.update(hand_changes=hand_changes_are)

    def round_prices(request: Request) -> None:
        if request.method == "PUT":
            for row in request.body["prices"]:
                row["price"] = str(5 * round(Decimal(row["price"]) / 5))

    generic.before_answer = round_prices
    put_price(2, 102, hotel_id=HOTEL)
    generic.read()
    generic.sent.clear()
    for _ in range(2):
        generic.an_hour_passes()
        generic.read()
    assert (generic.price(2), ours(2)[0]) == (OURS, Decimal(102))
    assert (decisions(), generic.sent) == ([], [])
    generic.set(2, 105)  # a person's, though near
    generic.an_hour_passes()
    generic.read()
    assert ours(2)[0] == (Decimal(105) if hand_changes_are == "override" else Decimal(102))


def test_a_small_change_soon_after_ours_is_a_person_s(generic: System) -> None:
    put_price(2, 130, hotel_id=HOTEL)
    generic.read()
    generic.set(2, 128)
    generic.an_hour_passes()
    generic.read()
    assert ours(2) == (Decimal(128), "held")


def test_what_the_rules_do_not_allow_stays_and_is_said(system: System) -> None:
    system.set(2, 300)  # the maximum is 250
    system.an_hour_passes()
    system.read()
    put_price(2, 95, hotel_id=HOTEL)
    system.read()
    assert (system.price(2), ours(2)[0]) == (Decimal(300), Decimal(95)), "nothing is sent over it"
    page = Client().get(f"/connections/?hotel_id={HOTEL}").content.decode()
    assert "must lie between 60.00 and 250.00 EUR" in page
    assert "must lie between" in delivered(2)["problem"]
    system.set(2, OURS)  # back to what it had confirmed
    system.an_hour_passes()
    system.read()
    assert system.price(2) == Decimal(95)
    assert delivered(2)["problem"] == ""
    assert not decisions()


def test_only_the_reference_room_type_is_decided_about(stack: ExitStack, settings: Any) -> None:
    profile = {"profile_id": HOTEL}
    RoomType.objects.create(**profile, name="Double", is_reference=True, rooms=12)
    RoomType.objects.create(**profile, name="Single", percent=-20, rooms=8)
    system = System("mews", stack, settings)
    system.read()
    there = system.emulator.category_prices
    there["cat-double", night(2)] = there["cat-single", night(3)] = Decimal(140)
    system.an_hour_passes()
    system.read()
    assert [row.night for row in decisions()] == [night(2)]
    assert there["cat-single", night(2)] == Decimal(112), "it follows"
    assert there["cat-single", night(3)] == Decimal(140)
    [change] = HandChange.objects.all()
    assert "reference room type" in change.problem
    Connection.objects.update(hand_changes="put_back")
    system.an_hour_passes()
    system.read()
    assert there["cat-single", night(3)] == Decimal(80)


STEPS = [
    (price_sending, "note_hand_changes"),
    (own_prices, "overridden_nights"),
    (own_prices, "override_nights"),
    (hand_changes, "_settle"),
    (price_sending, "_different"),
    (delivery_reports, "_put"),
]


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize(("place", "name"), STEPS)
def test_a_crash_between_any_two_steps(
    generic: System, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, is_after: bool
) -> None:
    step = getattr(place, name)

    def crash(*arguments: Any, **options: Any) -> Any:
        if is_after:
            step(*arguments, **options)
        raise Killed

    generic.set(2, 140)
    generic.an_hour_passes()
    with monkeypatch.context() as patch:
        patch.setattr(place, name, crash)
        with pytest.raises(Killed):
            read_connection(generic.connection.pk)
    if decisions():
        decide(HOTEL, [night(2)], Action.RELEASE, "mia")  # a person here, while the worker is dead
    time_passes(generic.connection)
    generic.read()
    generic.an_hour_passes()
    generic.read()
    assert (generic.price(2), ours(2)[0]) == (Decimal(140), Decimal(140))
    assert len(decisions()) == 1
    assert delivered(2)["price"] == "140.00"


def test_a_person_who_changes_it_back_after_a_crash_is_heard(
    generic: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> None:
        raise Killed

    generic.set(2, 140)
    generic.an_hour_passes()
    with monkeypatch.context() as patch:
        patch.setattr(hand_changes, "_settle", crash)
        with pytest.raises(Killed):
            read_connection(generic.connection.pk)
    generic.set(2, OURS)
    time_passes(generic.connection)
    generic.an_hour_passes()
    generic.read()
    assert (generic.price(2), ours(2)) == (OURS, (OURS, "held"))
    assert [row.new_price for row in decisions()] == [Decimal(140), OURS]


def test_whatever_dies_each_change_is_one_decision(
    generic: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = CrashPoints(monkeypatch, 7, share=0.08)
    wanted: dict[int, Decimal] = {}
    for turn in range(6):
        ahead = 1 + turn % len(NIGHTS)
        wanted[ahead] = Decimal(110 + turn)
        generic.set(ahead, 110 + turn)
        put_price(1 + (turn + 2) % len(NIGHTS), 80 + turn, hotel_id=HOTEL)
        wanted.pop(1 + (turn + 2) % len(NIGHTS), None)
        generic.an_hour_passes()
        for _ in range(4):
            with suppress(Killed):
                read_connection(generic.connection.pk)
            time_passes(generic.connection)
        share, points.share = points.share, 0
        generic.read()
        points.share = share
    assert points.kills > 5
    assert len(decisions()) == 6
    for ahead in NIGHTS:
        assert generic.price(ahead) == ours(ahead)[0]
        assert ours(ahead)[0] == wanted.get(ahead, ours(ahead)[0])


def test_an_adapter_that_tells_no_prices_says_so(
    generic: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/connections/?hotel_id={HOTEL}"
    assert "If a price is changed there by hand" in Client().get(path).content.decode()
    monkeypatch.setattr(GenericAdapter, "tells_prices", classmethod(lambda cls: False))
    shown = Client().get(path).content.decode()
    assert "does not tell its prices" in shown
    assert 'name="hand_changes"' not in shown


def test_the_page_of_prices_shows_what_is_confirmed_and_what_fails(system: System) -> None:
    assert (delivered(1)["price"], delivered(1)["problem"]) == ("100.00", "")
    real = system.before_answer

    def refuse(request: Request) -> None:
        raise Refused(401)

    system.before_answer = refuse
    assert not read_connection(system.connection.pk)
    assert "refuses our access" in delivered(1)["problem"]
    page = f"/pricing/?hotel_id={HOTEL}"
    assert "Prices are not going to" in Client().get(page).content.decode()
    system.before_answer = real
    time_passes(system.connection)
    system.read()
    assert delivered(1)["problem"] == ""
    assert "Prices are not going to" not in Client().get(page).content.decode()
    connection_setup.stop(Connection.objects.get(), "mia")
    read_due(float("inf"))
    assert delivered(1)["problem"] == "the connection was stopped"
    connection_setup.resume(Connection.objects.get(), "mia")
    system.read()
    assert delivered(1)["problem"] == ""
    connection_setup.disconnect(Connection.objects.get(), "mia")
    read_due(float("inf"))
    assert Client().get(f"/prices/delivered/?hotel_id={HOTEL}").json() == []


def test_reports_tell_only_what_is_new(generic: System, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    real = own_prices.report_delivery

    def report(*arguments: Any) -> None:
        told.append(arguments[3])
        real(*arguments)

    monkeypatch.setattr(own_prices, "report_delivery", report)
    generic.read()
    assert told == []
    put_price(2, 130, hotel_id=HOTEL)
    generic.read()
    [[row]] = told
    assert (date.fromisoformat(row["night"]), Decimal(row["price"])) == (night(2), Decimal(130))
    assert SentPrice.objects.filter(is_reported=False).count() == 0
    assert NightPrice.objects.count() == len(NIGHTS)
