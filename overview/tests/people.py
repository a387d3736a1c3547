"""Made-up users for tests of messages, and what they want to be told."""

from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from accounts.models import HotelAccess
from overview.alerts.alert_models import AlertKind, AlertRule
from overview.messages.message_models import MessageSending
from overview.morning_mail.subscription_models import MorningSubscription
from pricing_service.tests.hotels import HOTEL


def create_user(name: str = "anna", hotels: str = str(HOTEL), **fields: Any) -> Any:
    """Create a user who sees hotels."""
    fields.setdefault("email", f"{name}@hotel.example")
    user = get_user_model().objects.create_user(name, **fields)
    HotelAccess.objects.create(user=user, hotels=hotels)
    return user


def switch_on(
    user: Any, kind: AlertKind, threshold: int = 2, hotel_id: int = HOTEL, **fields: Any
) -> AlertRule:
    """Switch an alert on; by default one room-night, as a made-up hotel has, is not told."""
    return AlertRule.objects.create(
        user=user, hotel_id=hotel_id, kind=kind, threshold=threshold,
        on_since=timezone.now(), **fields,
    )  # fmt: skip


def subscribe(user: Any, hour: int = 0, hotel_id: int = HOTEL) -> MorningSubscription:
    """Subscribe to the morning, due now: at midnight by default, which is over."""
    return MorningSubscription.objects.create(
        user=user, hotel_id=hotel_id, is_on=True, hour=hour, next_at=timezone.now()
    )


def end_pauses() -> None:
    """End the pauses before the next tries."""
    MessageSending.objects.filter(next_try_at__isnull=False).update(next_try_at=timezone.now())
