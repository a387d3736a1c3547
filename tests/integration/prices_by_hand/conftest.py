"""The hotels of these tests: prices of five nights, in our system and in the other."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from connections.tests.connected_hotels import (
    HOTEL,
)
from connections.tests.our_services import our_services
from pricing_service.tests.hotels import create_hotel, create_rules, put_price
from tests.integration.prices_by_hand.hotel_with_prices import NIGHTS, OURS, System


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
