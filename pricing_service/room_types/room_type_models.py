"""Room types of a hotel: one reference, and the others by their difference to its price.

They are a list of the pricing rules. Names are those of the events' `room_type`; upper and lower
case and spaces around them make no difference.
"""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _

from common.currencies import MAX_DECIMALS
from dashboard_service.figures_for_pricing import MAX_ROOMS
from pricing_service.engine.room_type_prices import (
    HIGHEST_PERCENT,
    LOWEST_PERCENT,
    Difference,
    name_key,
)
from pricing_service.model_fields import DIGITS, amount_field
from pricing_service.models import PricingRules

MAX_NAME_LENGTH = 40  # as in the events
ALL_TYPES = "*"  # instead of a name: all of them
MAX_AMOUNT = Decimal("9999999999.99")


class RoomType(models.Model):
    """A type of room: how many there are, and what it costs beside the reference type."""

    profile = models.ForeignKey(PricingRules, on_delete=models.CASCADE)
    name = models.CharField(max_length=MAX_NAME_LENGTH, help_text="As in the events' `room_type`.")
    is_reference = models.BooleanField(
        default=False, help_text="The type whose prices the hotel's rules make; exactly one is."
    )
    percent = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(LOWEST_PERCENT), MaxValueValidator(HIGHEST_PERCENT)],
        help_text="Difference to the reference's price in per cent; or give `amount`.",
    )
    amount = models.DecimalField(
        max_digits=DIGITS,
        decimal_places=MAX_DECIMALS,
        null=True,
        blank=True,
        validators=[MinValueValidator(-MAX_AMOUNT), MaxValueValidator(MAX_AMOUNT)],
        help_text="Difference to the reference's price in the hotel's currency.",
    )
    minimum_price = amount_field(
        null=True, blank=True, help_text="Of this type; empty: the hotel's of the night."
    )
    maximum_price = amount_field(null=True, blank=True, help_text="Of this type; empty: none.")
    rooms = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(MAX_ROOMS)],
        help_text="Rooms of this type.",
    )

    class Meta:
        verbose_name = "room type"
        ordering = ["id"]  # as a person wrote them
        constraints = [
            models.UniqueConstraint(fields=["profile", "name"], name="room_type_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def difference(self) -> Difference:
        """The difference to the reference, as `engine.room_type_prices` takes it."""
        return Difference(
            percent=self.percent or Decimal(0),
            amount=self.amount or Decimal(0),
            minimum=self.minimum_price,
            maximum=self.maximum_price,
        )

    def clean(self) -> None:
        """Raises: ValidationError for a name or a difference that cannot be."""
        if name_key(self.name) == ALL_TYPES:
            raise ValidationError(
                {"name": _("%(sign)s stands for all room types") % {"sign": repr(ALL_TYPES)}}
            )
        difference = (self.percent, self.amount)
        if self.is_reference:
            told = (*difference, self.minimum_price, self.maximum_price)
            if any(value is not None for value in told):
                raise ValidationError(
                    _(
                        "the reference type has the hotel's prices: it has no difference and no "
                        "bounds of its own"
                    )
                )
        elif difference.count(None) != 1:
            raise ValidationError(
                _(
                    "give a percentage or an amount, not both: the difference to the reference "
                    "type (0 for the same price)"
                )
            )


def has_room_types(hotel_id: int) -> bool:
    """Return whether a hotel has room types."""
    return RoomType.objects.filter(profile=hotel_id).exists()
