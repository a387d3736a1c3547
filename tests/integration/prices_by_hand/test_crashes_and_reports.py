"""Prices changed by hand: whatever dies, each change is one decision; what the pages say of it."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from connections import connection_setup, own_prices
from connections.adapters.generic import GenericAdapter
from connections.models import Connection, SentPrice
from connections.prices import delivery_reports, hand_changes, price_sending
from connections.reading.due_connections import read_due
from connections.reading.reading import read_connection
from connections.tests.connected_hotels import (
    HOTEL,
    time_passes,
)
from connections.tests.crash_points import CrashPoints, Killed
from connections.tests.emulator_server import Refused, Request
from pricing_service.decisions.manual_decisions import decide
from pricing_service.models import Action, NightPrice
from pricing_service.tests.hotels import night, put_price
from tests.integration.prices_by_hand.hotel_with_prices import (
    NIGHTS,
    OURS,
    System,
    decisions,
    delivered,
    ours,
)

DATABASES = ["default", "data_provider", "dashboard_service", "pricing_service"]
pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]

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
