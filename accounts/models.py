"""API keys with their hotels and abilities, and the hotels of users.

A key is shown once, when it is created; only its hash is stored (SHA-512, by
djangorestframework-api-key; enough for 190 random bits). Hotels are numbers, not foreign keys: a
key may be created before the hotel's first event.
"""

import logging
import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework_api_key.models import AbstractAPIKey

from accounts.audit_entry_model import AuditEntry as AuditEntry
from accounts.language.user_language_model import UserLanguage as UserLanguage
from accounts.own_account.login_session_model import LoginSession as LoginSession
from accounts.people.invitation_model import Invitation as Invitation
from common.access_rights import Ability, Access
from common.error_limits import quote_value
from common.number_and_date_texts import number_text
from common.value_limits import MAX_HOTEL_ID

logger = logging.getLogger(__name__)

MAX_HOTELS = 5_000  # a key for more is one for all hotels


def parse_hotel_numbers(text: str) -> frozenset[int]:
    """Return the numbers in a text like "1, 2, 17".

    Raises:
        ValidationError: names the part that is no hotel number, or too many hotels.
    """
    numbers = set()
    for part in re.split(r"[\s,;]+", text.strip()):
        if not part:
            continue
        if not re.fullmatch(r"[0-9]{1,10}", part) or not 1 <= int(part) <= MAX_HOTEL_ID:
            raise ValidationError(
                _("%(value)s is no hotel number: give numbers like 1, 2, 17")
                % {"value": quote_value(part)}
            )
        numbers.add(int(part))
    if len(numbers) > MAX_HOTELS:
        raise ValidationError(
            _("%(number)s hotels are too many; choose all hotels")
            % {"number": number_text(len(numbers))}
        )
    return frozenset(numbers)


def parse_stored_hotels(text: str) -> frozenset[int]:
    """Return the hotels of a row; none if the row was edited past the forms and is invalid."""
    try:
        return parse_hotel_numbers(text)
    except ValidationError as error:
        logger.error(
            "invalid list of hotels %r gives access to none: %s", text[:60], error.messages
        )
        return frozenset()


def validate_hotel_numbers(text: str) -> None:
    """Validate a model field. Raises: ValidationError."""
    parse_hotel_numbers(text)


class ApiKey(AbstractAPIKey):
    """A program's credential: for which hotels it is valid, and for what."""

    all_hotels = models.BooleanField(default=False)
    hotels = models.TextField(
        blank=True, validators=[validate_hotel_numbers], help_text="Numbers like 1, 2, 17."
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
        if self.all_hotels == bool(parse_hotel_numbers(self.hotels)):
            raise ValidationError({"hotels": "give the hotels' numbers, or choose all hotels"})
        if not self.abilities:
            raise ValidationError("a key that may do nothing is useless: choose what it may do")

    @property
    def abilities(self) -> frozenset[Ability]:
        return frozenset(ability for ability in Ability if getattr(self, ability.value))

    def access(self) -> Access:
        """Return the rights of a client that sends this key."""
        hotels = None if self.all_hotels else parse_stored_hotels(self.hotels)
        name = f"the key {self.name!r}"
        return Access(name, f"key {self.prefix}", self.abilities, hotels, is_known=True)


class Role(models.TextChoices):
    """What a user is to a hotel; each includes the one before."""

    SEE = "see", gettext_lazy("sees figures and prices")
    DECIDE = "decide", gettext_lazy("decides about prices")
    MANAGE = "manage", gettext_lazy("manages settings and people")


class HotelAccess(models.Model):
    """The hotels that a user may see, decide about and manage; staff see all.

    `hotels` are all of them, also for the version before roles. A hotel that is in `decides` or
    `manages` and not in it counts for nothing. See hotel_roles.py.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="hotel_access"
    )
    hotels = models.TextField(
        blank=True, validators=[validate_hotel_numbers], help_text="Numbers like 1, 2, 17."
    )

    # The defaults stay in the database, because the version before roles inserts rows without them.
    decides = models.TextField(
        "of these, decides about prices",
        blank=True, default="", db_default="", validators=[validate_hotel_numbers],
        help_text="Numbers like 1, 2, 17. With the permission to change prices: all of them.",
    )  # fmt: skip
    manages = models.TextField(
        "of these, manages settings and people",
        blank=True, default="", db_default="", validators=[validate_hotel_numbers],
        help_text="Numbers like 1, 2, 17. Who manages a hotel decides about its prices, too.",
    )  # fmt: skip

    class Meta:
        verbose_name = "hotels that the user may see"
        verbose_name_plural = verbose_name

    def __str__(self) -> str:
        return f"{self.user}: {self.hotels or 'none'}"
