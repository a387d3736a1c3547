"""Rules by season and weekday, and people's notes about nights.

The rules are lists of a hotel's pricing rules, as events and fixed prices in `models`; which of
several rules counts on a night says `engine.seasons`. Notes belong to the hotel and outlast its
rules; a note is never changed or deleted: the newest of a night counts, and an empty one removes
it, so that the table is its own audit.
"""

from datetime import timedelta
from functools import cached_property

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from pricing_service.engine.seasons import Season
from pricing_service.model_fields import amount_field
from pricing_service.models import RuleForNights
from pricing_service.validators import validate_weekdays

LONGEST_MINIMUM_STAY = 28  # nights; as the large channels take it at most
LONGEST_YEARLY_SPAN = timedelta(days=365)
MAX_NOTE_LENGTH = 500


class SeasonalRuleModel(RuleForNights):
    """A rule for the nights first … last, on all weekdays or some, once or every year."""

    weekdays = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_weekdays],
        help_text="0 = Monday to 6 = Sunday; empty: all.",
    )
    every_year = models.BooleanField(
        default=False, help_text="Month and day count only; the season may go across New Year."
    )

    class Meta(RuleForNights.Meta):
        abstract = True

    @cached_property
    def season(self) -> Season:
        """The nights to which the rule applies."""
        return Season(
            first=self.first,
            last=self.last,
            weekdays=frozenset(self.weekdays),
            every_year=self.every_year,
        )

    def clean(self) -> None:
        super().clean()
        if not self.first or not self.last or not self.every_year:
            return
        if self.last - self.first >= LONGEST_YEARLY_SPAN:
            raise ValidationError({"last": _("a season of every year is no longer than a year")})


class PriceBounds(SeasonalRuleModel):
    """Lowest and highest price of a season's nights; an empty one is the hotel's."""

    minimum_price = amount_field(null=True, blank=True)
    maximum_price = amount_field(null=True, blank=True)

    class Meta(SeasonalRuleModel.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "bounds by season and weekday"

    def clean(self) -> None:
        super().clean()
        if self.minimum_price is None and self.maximum_price is None:
            raise ValidationError(_("give a minimum or a maximum price"))


class MinimumStay(SeasonalRuleModel):
    """The fewest nights of a stay that includes a night of the season."""

    nights = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MINIMUM_STAY)]
    )

    class Meta(SeasonalRuleModel.Meta):
        abstract = False
        verbose_name = "minimum stay"


class NightNote(models.Model):
    """A note as it was written about a night; the newest counts, an empty one removes it."""

    hotel_id = models.PositiveIntegerField("hotel")
    night = models.DateField("night of stay")
    text = models.CharField(max_length=MAX_NOTE_LENGTH, blank=True)
    who = models.CharField(max_length=200)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "note"
        ordering = ["-id"]
        indexes = [models.Index(fields=["hotel_id", "night", "-id"], name="note_night")]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, {self.night}: {self.text}"
