"""The two hotels of the access matrix: the client's, and another one."""

from datetime import UTC, datetime

from dashboard_service.models import DashboardData, HotelFigures, HotelProfile
from data_provider import ledger
from data_provider.event_validation import parse_event
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.undo_models import UndoStep
from pricing_service.models import PricingRules
from tests.integration.access_calls import KNOWN, new_event
from tests.integration.access_clients import (
    OTHER_HOTEL,
    OWN_HOTEL,
)


def create_two_hotels() -> None:
    """Create the client's hotel and another one, each with events, prices and a step to undo."""
    for hotel in (OWN_HOTEL, OTHER_HOTEL):
        row, errors = parse_event({**new_event(hotel), "room_reservation_id": KNOWN})
        assert row, errors
        ledger.record([row])
        HotelFigures.objects.create(hotel_id=hotel, changed_at=datetime.now(UTC))
        PricingRules.objects.create(
            hotel_id=hotel, base_price=90, minimum_price=1, maximum_price=200,
            webhook_url="https://pms.example.com/prices", webhook_secret="a secret",
        )  # fmt: skip
        HotelProfile.objects.create(hotel_id=hotel, rooms=10)
        reprice(hotel)
        UndoStep.objects.create(id=hotel, hotel_id=hotel, summary="lock of no night")
        days = (
            ("booked", "2025-06-01"),
            ("booked", datetime.now(UTC).date()),
            ("stay", "2025-07-04"),
        )
        for basis, day in days:
            DashboardData.objects.create(
                hotel_id=hotel, basis=basis, day=day, gross_booking_count=1
            )
