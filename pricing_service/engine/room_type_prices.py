"""Prices of room types, each made from the price of the reference type.

The engine prices one room, the reference type's. Another type costs a percentage or an amount more
or less, on the price step and inside bounds of its own. So an override, a lock or a fixed price of
a night carries over to all types. A type without a minimum of its own costs no less than the
hotel's minimum of the night, or than the reference where that is below it.

Pure: no database, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final, NamedTuple

from common.translatable_text import Text
from pricing_service.engine.price_steps import on_step

PER_CENT: Final = Decimal("0.01")
LOWEST_PERCENT, HIGHEST_PERCENT = -90, 900  # a tenth of the reference's price to ten times it


def name_key(name: str) -> str:
    """Return what the spellings of one room type's name have in common: case and spaces differ."""
    return name.strip().casefold()


@dataclass(frozen=True)
class Difference:
    """How a room type's price differs from the reference's; amounts in the hotel's currency."""

    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    minimum: Decimal | None = None  # None: the hotel's
    maximum: Decimal | None = None  # None: no other than the reference's, with the difference


class RoomTypePrice(NamedTuple):
    """A price, and what limited it: "minimum", "maximum", "hotel's minimum" or nothing."""

    amount: Decimal
    bound: str


def room_type_price(
    reference: Decimal, difference: Difference, step: Decimal, hotel_minimum: Decimal
) -> RoomTypePrice:
    """Return the price of a type that is not the reference.

    Args:
        reference: the reference type's price of the night.
        step: the hotel's price step.
        hotel_minimum: the lowest price of the night by the hotel's rules.
    """
    price = on_step(reference * (1 + difference.percent * PER_CENT) + difference.amount, step)
    highest = difference.maximum and on_step(difference.maximum, step, ROUND_FLOOR)
    if difference.minimum is not None:
        lowest, low_name = on_step(difference.minimum, step, ROUND_CEILING), "minimum"
    else:
        # A fixed price may be below the hotel's minimum: then it is the lowest for all types.
        lowest = on_step(min(hotel_minimum, reference), step, ROUND_CEILING)
        low_name = "hotel's minimum"
        if highest is not None:
            lowest = min(lowest, highest)
    lowest = max(lowest, step)  # a room is never free
    if price < lowest:
        return RoomTypePrice(lowest, low_name)
    if highest is not None and price > highest:
        return RoomTypePrice(max(lowest, highest), "maximum")
    return RoomTypePrice(price, "")


def why_no_price(difference: Difference, step: Decimal) -> Text | None:
    """Return why no price lies between a type's own bounds; None where one does."""
    low, high = difference.minimum, difference.maximum
    if low is not None and high is not None and low > high:
        return Text(
            "the minimum %(minimum)s is above the maximum %(maximum)s",
            {"minimum": low, "maximum": high},
        )
    lowest = step if low is None else on_step(low, step, ROUND_CEILING)
    if high is not None and lowest > on_step(high, step, ROUND_FLOOR):
        if low is None:
            return Text(
                "no multiple of the price step %(step)s is up to %(maximum)s",
                {"step": step, "maximum": high},
            )
        return Text(
            "no multiple of the price step %(step)s is from %(minimum)s to %(maximum)s",
            {"step": step, "minimum": low, "maximum": high},
        )
    return None
