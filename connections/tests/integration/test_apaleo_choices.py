"""apaleo: what the hotel chooses from, and a single reservation or block by its number."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from connections.models import Connection
from connections.tests.apaleo_answers import block_id
from connections.tests.apaleo_emulator import DERIVED, RATE, SUITE_RATE
from connections.tests.emulator_server import Refused, Request
from connections.tests.hotel_life import HOUSE_SEGMENT, TENTATIVE
from connections.tests.integration.test_apaleo import Hotel

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]


@pytest.fixture
def hotel(settings: Any) -> Iterator[Hotel]:
    with ExitStack() as stack:
        yield Hotel(stack, settings)


def test_the_rate_plans_are_asked_for_by_room_type(hotel: Hotel) -> None:
    Connection.objects.update(choices={})
    hotel.connection.refresh_from_db()
    [first] = hotel.act(lambda adapter: adapter.questions())
    assert [one.id for one in first.options] == [RATE, SUITE_RATE, "MUC-FLEX-SGL"]
    assert first.options[0].name == "Flexible (Double)"
    Connection.objects.update(choices={"rate_id": RATE})
    hotel.connection.refresh_from_db()
    [_, single, suite, house_use] = hotel.act(lambda adapter: adapter.questions())
    assert (single.name, suite.name) == ("rate_of_cat-single", "rate_of_cat-suite")
    assert [one.id for one in suite.options] == [SUITE_RATE, "-"]
    assert house_use.name == "house_use"


def test_what_tells_house_use_is_a_segment_or_any_plan(hotel: Hotel) -> None:
    found = house_use_question(hotel)
    assert f"segment:{HOUSE_SEGMENT}" in found
    assert {f"rate:{RATE}", f"rate:{DERIVED}"} < set(found)
    hotel.connection.choices["house_use"] = "segment:GONE"
    assert "segment:GONE" in house_use_question(hotel)  # the answer stays possible

    def refuse(request: Request) -> None:
        if request.path == "/settings/v1/market-segments":
            raise Refused(403)  # the app lacks setup.read

    hotel.before = refuse
    hotel.connection.choices["house_use"] = ""
    assert {one.partition(":")[0] for one in house_use_question(hotel)} == {"rate"}


def house_use_question(hotel: Hotel) -> list[str]:
    question = hotel.act(lambda adapter: adapter.questions())[-1]
    assert not question.is_required
    return [one.id for one in question.options]


def test_one_reservation_or_block_is_read_by_its_number(hotel: Hotel) -> None:
    for _ in range(2):
        hotel.life.book()
    stay, *_, other = hotel.life.stays.values()
    stay.status, other.status = "confirmed", TENTATIVE

    def stated(number: str) -> Any:
        def ask(adapter: Any) -> Any:
            adapter.open_property()
            raw = adapter.read_reservation(number)
            return raw and adapter.reservation(raw)

        return hotel.act(ask)

    assert stated(stay.id)["status"] == "confirmed"
    block = stated(block_id(other.id))
    assert block == stated(f"block-{block_id(other.id)}")
    assert block["status"] == ("tentative" if other.items else "cancelled")
    assert stated("XPGM/SXGF?") is None
    assert "house_use" not in block
    hotel.connection.choices["house_use"] = f"rate:{RATE}"
    assert stated(block_id(other.id))["house_use"]
    assert stated(stay.id)["house_use"]
