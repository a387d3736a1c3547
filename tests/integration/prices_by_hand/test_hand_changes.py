"""A price that a person changes in the booking system: put back, or an override here, exactly once.

The real prices answer in this process; the booking systems are real HTTP servers.
"""

from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from connections.adapters.generic import GenericAdapter
from connections.models import Connection, HandChange
from connections.reading.reading import read_connection
from connections.tests.connected_hotels import (
    HOTEL,
    time_passes,
)
from connections.tests.emulator_server import Refused, Request
from pricing_service.decisions.manual_decisions import decide
from pricing_service.models import Action
from pricing_service.room_types.room_type_models import RoomType
from pricing_service.tests.hotels import night, put_price
from tests.integration.prices_by_hand.hotel_with_prices import (
    OURS,
    System,
    decisions,
    delivered,
    ours,
)

DATABASES = ["default", "data_provider", "dashboard_service", "pricing_service"]
pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


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
