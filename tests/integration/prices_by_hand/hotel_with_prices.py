"""A hotel with its emulated booking system, whose prices are all ours at first."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.test import Client
from django.utils import timezone

from connections.models import Connection, PriceAttempt
from connections.prices.price_comparison import SETTLING
from connections.tests.connected_hotels import (
    HOTEL,
    connect_generic,
    connect_mews,
    read,
)
from connections.tests.emulator_server import Request, serve
from connections.tests.generic_emulator import GenericEmulator
from connections.tests.hotel_life import HotelLife
from connections.tests.mews_emulator import MewsEmulator
from pricing_service.models import PriceDecision
from pricing_service.tests.hotels import night

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
