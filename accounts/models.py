"""API keys with their hotels and abilities, and the hotels of users.

A key is shown once, when it is made; what is stored is its hash (SHA-512, by
djangorestframework-api-key; enough for 190 random bits). Hotels are numbers, not rows: a key may be
made before the hotel's first event.
"""

import logging
import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from rest_framework_api_key.models import AbstractAPIKey

from common.access_rights import Ability, Access
from common.value_limits import MAX_HOTEL_ID

logger = logging.getLogger(__name__)

MAX_HOTELS = 5_000  # for more, all hotels


def hotel_numbers(text: str) -> frozenset[int]:
    """The numbers in a text like "1, 2, 17". Raises: ValidationError naming what is none."""
    numbers = set()
    for part in re.split(r"[\s,;]+", text.strip()):
        if not part:
            continue
        if not re.fullmatch(r"[0-9]{1,10}", part) or not 1 <= int(part) <= MAX_HOTEL_ID:
            raise ValidationError(f"{part!r} is no hotel: give numbers like 1, 2, 17")
        numbers.add(int(part))
    if len(numbers) > MAX_HOTELS:
        raise ValidationError(f"{len(numbers):,} hotels are too many; choose all hotels")
    return frozenset(numbers)


def _stored(text: str) -> frozenset[int]:
    """The hotels of a row; none where somebody wrote past the forms what is no list of hotels."""
    try:
        return hotel_numbers(text)
    except ValidationError as error:
        logger.error("no hotels are taken from %r: %s", text[:60], error.messages)
        return frozenset()


def known_hotel_numbers(text: str) -> None:
    """Validates a field. Raises: ValidationError."""
    hotel_numbers(text)


class ApiKey(AbstractAPIKey):
    """What a program shows to be let in: for which hotels, and for what."""

    all_hotels = models.BooleanField(default=False)
    hotels = models.TextField(
        blank=True, validators=[known_hotel_numbers], help_text="Numbers like 1, 2, 17."
    )
    write_events = models.BooleanField(default=False, help_text="POST /events/")
    read_events = models.BooleanField(default=False, help_text="GET /events/ and the feed")
    read_dashboard = models.BooleanField(default=False, help_text="GET /dashboard/ and its like")
    change_hotels = models.BooleanField(default=False, help_text="PATCH /dashboard/hotels/<id>/")
    read_prices = models.BooleanField(default=False, help_text="GET /prices/ and its like")
    set_prices = models.BooleanField(default=False, help_text="decisions, profiles of prices")
    read_metrics = models.BooleanField(default=False, help_text="GET /metrics, with all hotels")
    last_used_at = models.DateTimeField(null=True, editable=False)

    class Meta(AbstractAPIKey.Meta):
        verbose_name = "API key"
        verbose_name_plural = "API keys"

    def clean(self) -> None:
        super().clean()
        if self.all_hotels == bool(hotel_numbers(self.hotels)):
            raise ValidationError({"hotels": "give the hotels' numbers, or choose all hotels"})
        if not self.abilities:
            raise ValidationError("a key that may do nothing is of no use: choose what it may")

    @property
    def abilities(self) -> frozenset[Ability]:
        return frozenset(ability for ability in Ability if getattr(self, ability.value))

    def access(self) -> Access:
        """The rights of whoever shows this key."""
        hotels = None if self.all_hotels else _stored(self.hotels)
        name = f"the key {self.name!r}"
        return Access(name, f"key {self.prefix}", self.abilities, hotels, is_known=True)


class HotelAccess(models.Model):
    """The hotels that a user may see; staff see all."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="hotel_access"
    )
    hotels = models.TextField(
        blank=True, validators=[known_hotel_numbers], help_text="Numbers like 1, 2, 17."
    )

    class Meta:
        verbose_name = "hotels that the user may see"
        verbose_name_plural = verbose_name

    def __str__(self) -> str:
        return f"{self.user}: {self.hotels or 'none'}"


READING = frozenset({Ability.READ_EVENTS, Ability.READ_DASHBOARD, Ability.READ_PRICES})
STAFF_READING = READING | {Ability.READ_METRICS}
STAFF_PERMISSIONS = {
    Ability.WRITE_EVENTS: "data_provider.add_event",
    Ability.CHANGE_HOTELS: "dashboard_service.change_hotelprofile",
}
# Whoever sees a hotel's prices may be allowed to decide about them, staff or not.
PERMISSIONS = {Ability.SET_PRICES: "pricing_service.change_nightprice"}


def user_access(user: Any) -> Access:
    """The rights of a logged-in user: to read of their own hotels; staff of all.

    What they may change is what the admin lets them: superusers everything, others by permission.
    """
    name, number = str(user), f"user {user.pk}"
    asked = PERMISSIONS | STAFF_PERMISSIONS if user.is_staff else PERMISSIONS
    abilities = (STAFF_READING if user.is_staff else READING) | {
        ability for ability, permission in asked.items() if user.has_perm(permission)
    }
    if user.is_staff:
        return Access(name, number, abilities, None, is_known=True, by_session=True)
    told = HotelAccess.objects.filter(user_id=user.pk).first()
    hotels = _stored(told.hotels) if told else frozenset()
    return Access(name, number, abilities, hotels, is_known=True, by_session=True)
