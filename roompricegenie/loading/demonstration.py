"""The demonstration of a first start: its files, and what a person would tell of its hotels.

It goes into the ledger only where its hotels have no events of anybody else: the ledger keeps
every event for good, so made-up ones must never come into a real hotel. Names, rooms and price
rules are told to hotels that have none; what a person changed stays.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.utils.timezone import now

from dashboard_service.hotel_profiles import update_profile
from dashboard_service.models import HotelProfile
from data_provider import ledger
from data_provider.ledger import Condition
from pricing_service.models import Mode, PricingRules
from pricing_service.rules.pricing_rules import save_rules
from roompricegenie.file_lock import acquire_lock
from simulator.demonstration_files import (
    FOLDER,
    DemonstrationFiles,
    find_demonstration,
    make_demonstration,
)
from simulator.demonstration_hotels import (
    NAME_ENDING,
    DemonstrationHotel,
    demonstration_hotels,
)
from simulator.guest_rates import DEMAND_ELASTICITY
from simulator.hotel_demand import HotelProfile as HotelDemand
from simulator.hotel_demand import hotel_profile
from simulator.tasks import DEMONSTRATION_HOTEL_ID

COMPARED_EVENTS = 10_000  # of a hotel: that many are not all of somebody else by chance
SIMULATED_NAME = f"Harbour Hotel {NAME_ENDING}"
FESTIVAL_FACTOR = 1.25  # of the price, in the festival's nights


class OtherHotels(Exception):
    """The ledger has events of the demonstration's hotels that are not the demonstration's."""


@contextmanager
def demonstration_files(*, is_kept: bool = True) -> Iterator[DemonstrationFiles]:
    """The demonstration's files: those that are kept under DATA_DIR, or else made as of now.

    Args:
        is_kept: keep files that are made; False removes them after the `with` block.
    Raises:
        OtherHotels: its hotels have other events; nothing was made.
        OSError, django.db.Error.
    """
    folder: Path = settings.DATA_DIR / FOLDER
    if not is_kept:
        if (made := find_demonstration(folder)) and made.events.exists():
            yield made
            return
        with TemporaryDirectory() as temporary:
            yield make_demonstration(Path(temporary), now())
        return
    folder.mkdir(parents=True, exist_ok=True)
    with acquire_lock(folder / "lock", wait=True):
        _refuse_other_hotels(find_demonstration(folder))
        made = make_demonstration(folder, now())
    yield made


def _refuse_other_hotels(made: DemonstrationFiles | None) -> None:
    """Raises: OtherHotels."""
    own = made.reservations() if made and made.events.exists() else set()
    others = []
    for hotel in demonstration_hotels(now().date()):
        hotel_id = hotel.profile.hotel_id
        events = ledger.read_events([Condition("hotel_id", "=", hotel_id)], COMPARED_EVENTS)
        if events and own.isdisjoint(event["room_reservation_id"] for event in events):
            others.append(hotel_id)
    if others:
        numbers = " and ".join(map(str, others))
        raise OtherHotels(
            f"hotel{'s' if len(others) > 1 else ''} {numbers} of the ledger "
            f"ha{'ve' if len(others) > 1 else 's'} events that are not the demonstration's: name "
            f"a FILE, or load the demonstration into a system with an empty DATA_DIR"
        )


def tell_profiles(files: DemonstrationFiles) -> None:
    """Tell name, time zone, country, currency and rooms of the hotels that have no profile.

    Raises: django.db.Error.
    """
    for hotel in files.hotels:
        demand = hotel.profile
        if HotelProfile.objects.filter(pk=demand.hotel_id).exists():
            continue
        update_profile(
            demand.hotel_id,
            name=hotel.name,
            time_zone=hotel.time_zone,
            country=hotel.country,
            currency=demand.currency,
            rooms=demand.rooms,
            rooms_by_date=[
                {"first": first, "last": last, "rooms": 0} for first, last in demand.closed
            ],
        )


def tell_simulated_hotel() -> bool:
    """Tell name, rooms and currency of the hotel that SIMULATE=1 books, unless a person told any.

    Returns: whether they were told now. Raises: django.db.Error.
    """
    demand = hotel_profile(DEMONSTRATION_HOTEL_ID)
    if HotelProfile.objects.filter(pk=demand.hotel_id).exists():
        return False
    update_profile(
        demand.hotel_id, name=SIMULATED_NAME, currency=demand.currency, rooms=demand.rooms
    )
    return True


def tell_price_rules(files: DemonstrationFiles) -> None:
    """Tell price rules to the hotels that have none. Raises: django.db.Error."""
    for hotel in files.hotels:
        if not PricingRules.objects.filter(pk=hotel.profile.hotel_id).exists():
            save_rules(hotel.profile.hotel_id, price_rules(hotel))


def price_rules(hotel: DemonstrationHotel) -> dict[str, Any]:
    """Return a hotel's price rules, as `save_rules` takes them."""
    demand = hotel.profile
    base = Decimal(demand.base_rate)
    return {
        # One of each, so that both can be seen.
        "mode": Mode.AUTOMATIC if hotel.festival else Mode.SUGGEST,
        "currency": demand.currency,
        "base_price": base,
        "minimum_price": _in_fives(base * Decimal("0.6")),
        "maximum_price": _in_fives(base * Decimal("2.5")),
        "month_factors": _factors(demand.season),
        "weekday_factors": _factors(demand.weekdays),
        "events": [
            {
                "first": nights.first,
                "last": nights.last,
                "name": hotel.festival,
                "factor": FESTIVAL_FACTOR,
            }
            for nights in demand.special_nights
        ],
        "room_types": _room_types(demand),
    }


def _factors(demand: tuple[float, ...]) -> list[float]:
    """Return factors of prices that follow demand as the guests' rates do."""
    return [round(1 + DEMAND_ELASTICITY * (value - 1), 2) for value in demand]


def _room_types(demand: HotelDemand) -> list[dict[str, Any]]:
    """Return the room types with their differences to the first, the reference."""
    rows: list[dict[str, Any]] = []
    for (name, _, factor), rooms in zip(demand.room_types, demand.rooms_by_type, strict=True):
        row: dict[str, Any] = {"name": name, "rooms": rooms, "is_reference": not rows}
        if rows:
            row["percent"] = round(Decimal(str(factor)) * 100 - 100, 2)
        rows.append(row)
    return rows


def _in_fives(amount: Decimal) -> Decimal:
    return Decimal(5 * round(amount / 5))
