"""A hotel's pricing rules, its prices in force, and every decision that made them.

A `NightPrice` changes only together with the `PriceDecision` that gives the reason, in one
transaction; a decision is never changed or deleted. A change of a hotel's prices or rules first
locks the hotel's `PricingState` row, so that people and automatic pricing decide one after the
other.
"""

from datetime import date, time, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pricing_service.decisions.decision_models import Action as Action
from pricing_service.decisions.decision_models import PriceDecision as PriceDecision
from pricing_service.decisions.pricing_state_models import PricingState as PricingState
from pricing_service.decisions.pricing_state_models import RepricingLook as RepricingLook
from pricing_service.engine import event_combination
from pricing_service.model_fields import amount_field, percent_field, texts_field
from pricing_service.model_fields import default_month_factors as default_month_factors
from pricing_service.model_fields import default_target_occupancy as default_target_occupancy
from pricing_service.model_fields import default_weekday_factors as default_weekday_factors
from pricing_service.texts.stored_texts import shown
from pricing_service.validators import (
    HIGHEST_FACTOR,
    LOWEST_FACTOR,
    validate_currency_code,
    validate_lead_factors,
    validate_month_factors,
    validate_weekday_factors,
)

MAX_GROUP_ROOMS = 1_000  # a higher threshold is told by none: nothing is a group then
CHECK_IN_CLOSES = time(22)  # local time of a hotel that has told no other


class Mode(models.TextChoices):
    """Who brings a recommended price into force."""

    OFF = "off", "no prices"
    SUGGEST = "suggest", "a person accepts each price"
    AUTOMATIC = "automatic", "recommended prices come into force by themselves"


class EventCombination(models.TextChoices):
    """What several events on one night do to its price."""

    LARGEST = event_combination.LARGEST, "the one with the largest effect counts"
    PRODUCT = event_combination.PRODUCT, "their factors are multiplied"


class PricingRules(models.Model):
    """A hotel's pricing rules.

    The hotel's name, time zone and rooms, also by date, are in the dashboard service's profile.
    """

    hotel_id = models.PositiveIntegerField("hotel", primary_key=True)
    mode = models.CharField(max_length=9, choices=Mode.choices, default=Mode.SUGGEST)
    currency = models.CharField(max_length=3, default="EUR", validators=[validate_currency_code])
    base_price = amount_field(
        help_text="The price of a room on an ordinary night with usual demand."
    )
    minimum_price = amount_field()
    maximum_price = amount_field()
    price_step = amount_field(default=Decimal(1), help_text="Prices are multiples of the step.")
    aggressiveness = models.PositiveSmallIntegerField(
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text="The weight of risk, 1 (sooner full) to 5 (dearer); 3 earns the most on average.",
    )
    # No price depends on it any more; processes of the version before read and write it.
    target_occupancy = models.JSONField(default=default_target_occupancy, editable=False)
    month_factors = models.JSONField(
        default=default_month_factors,
        validators=[validate_month_factors],
        help_text="January first.",
    )
    weekday_factors = models.JSONField(
        default=default_weekday_factors,
        validators=[validate_weekday_factors],
        help_text="Monday first.",
    )
    lead_factors = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_lead_factors],
        help_text="Pairs [days before, factor]: a factor applies from so many days before arrival "
        "on; where several apply, the one with the fewest days counts.",
    )
    # As the target occupancy: the booking curve is always learned.
    booking_window_days = models.PositiveSmallIntegerField(
        "median booking window", null=True, blank=True, editable=False
    )
    group_rooms = models.PositiveIntegerField(
        "rooms of a group",
        null=True,
        blank=True,
        validators=[MinValueValidator(2), MaxValueValidator(MAX_GROUP_ROOMS)],
        help_text="So many rooms that are booked together are a group, which is no pace of single "
        "guests; empty: learned, a tenth of the rooms, 5 to 10.",
    )
    # The default stays in the database, because the version before inserts rows without the column.
    event_combination = models.CharField(
        max_length=7,
        choices=EventCombination.choices,
        default=EventCombination.LARGEST,
        db_default=EventCombination.LARGEST,
        help_text="Which of several events on one night counts.",
    )
    smallest_change_percent = percent_field(
        2, help_text="A smaller difference does not change a price."
    )
    largest_change_percent = percent_field(15, help_text="Limit of one automatic change.")
    largest_day_percent = percent_field(
        30, help_text="Limit of the sum of a night's automatic changes in one day."
    )
    changes_per_day = models.PositiveSmallIntegerField(
        default=3,
        validators=[MaxValueValidator(24)],
        help_text="Limit of the number of a night's automatic changes in one day.",
    )
    # The default stays in the database, because the version before inserts rows without the column.
    try_prices = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Try prices: move them up or down by up to 6 % at random to learn how guests "
        "respond (automatic mode only).",
    )
    try_as_of = models.DateField(
        "try prices as of",
        null=True,
        blank=True,
        help_text="For loaded history: prices as if today were this day. Nothing is sent to the "
        "booking system then. Empty: prices as of today.",
    )
    check_in_closes = models.TimeField(
        default=CHECK_IN_CLOSES,
        db_default=CHECK_IN_CLOSES,
        help_text="The hotel's local time until which tonight can be priced and decided.",
    )
    webhook_url = models.CharField(
        max_length=500,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text="The URL to which new prices are posted; empty: none.",
    )
    webhook_secret = models.CharField(
        max_length=100,
        blank=True,
        help_text="The key that signs each post: `whsec_` and the base64 of 24 to 64 bytes. With a "
        "URL and no secret, one is made.",
    )
    # For a day after a change of the secret, posts are signed with this one, too.
    webhook_old_secret = models.CharField(
        max_length=100, blank=True, default="", db_default="", editable=False
    )
    webhook_old_secret_until = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        # The class was called PricingProfile. The table keeps that name, so that an older version
        # can still work on it during a rolling upgrade.
        db_table = "pricing_service_pricingprofile"
        verbose_name = verbose_name_plural = "pricing rules"
        ordering = ["hotel_id"]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}: {self.base_price} {self.currency}, {self.mode}"

    def clean(self) -> None:
        """Raises: ValidationError for bounds in the wrong order or a webhook without a secret."""
        prices = (self.minimum_price, self.base_price, self.maximum_price)
        if None not in prices and not prices[0] <= prices[1] <= prices[2]:
            raise ValidationError(
                {"minimum_price": _("minimum, base and maximum price must ascend")}
            )
        # A day more, because no hotel's own today is later.
        if self.try_as_of and self.try_as_of > timezone.now().date() + timedelta(days=1):
            raise ValidationError({"try_as_of": _("lies in the future")})
        if self.webhook_url and not self.webhook_secret:
            message = _("required with a webhook URL, to sign posts")
            raise ValidationError({"webhook_secret": message})


class RuleForNights(models.Model):
    """A part of a hotel's pricing rules that applies to the nights first … last, both included."""

    profile = models.ForeignKey(PricingRules, on_delete=models.CASCADE)
    first = models.DateField("first night")
    last = models.DateField("last night")

    class Meta:
        abstract = True
        ordering = ["first", "last"]

    def clean(self) -> None:
        if self.first and self.last and self.first > self.last:
            raise ValidationError({"last": _("comes before the first night")})


class RoomsForSale(RuleForNights):
    """Rooms by date as they were entered before they belonged to the dashboard's hotel profile.

    `rules.rooms_carry_over` adds them to the profile. Processes of the version before read and
    write them while an upgrade lasts; a later version drops the table.
    """

    rooms = models.PositiveIntegerField("rooms to sell")
    # False in rows that a process of the version before inserts, which does not know the column.
    is_in_profile = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta(RuleForNights.Meta):
        abstract = False
        indexes = [
            models.Index(
                fields=["profile"],
                name="rooms_to_carry_over",
                condition=models.Q(is_in_profile=False),
            )
        ]
        verbose_name = verbose_name_plural = "rooms to sell by date"


class DemandEvent(RuleForNights):
    """An event that changes what a room is worth: a fair, a concert, a holiday."""

    name = models.CharField(max_length=60)
    factor = models.FloatField(
        validators=[MinValueValidator(LOWEST_FACTOR), MaxValueValidator(HIGHEST_FACTOR)]
    )

    class Meta(RuleForNights.Meta):
        abstract = False
        verbose_name = "event"


class FixedPrice(models.Model):
    """The price of a night that overrides all other rules, also the bounds."""

    profile = models.ForeignKey(PricingRules, on_delete=models.CASCADE)
    night = models.DateField()
    price = amount_field()

    class Meta:
        ordering = ["night"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "night"], name="fixed_price_night")
        ]


class NightPrice(models.Model):
    """A night's price in force, its recommended price with the reasons, and its forecast."""

    hotel_id = models.PositiveIntegerField("hotel")
    night = models.DateField("night of stay")
    price = amount_field(help_text="The price in force.")
    currency = models.CharField(
        max_length=3,
        blank=True,
        default="",
        db_default="",
        help_text="In which the price in force was made; empty: in the hotel's.",
    )
    recommended = amount_field()
    is_held = models.BooleanField(
        "held", default=False, help_text="A person set or locked it; it stays until released."
    )
    is_fixed = models.BooleanField(
        "fixed", default=False, db_default=False, help_text="The price in force is a fixed price."
    )
    days_before = models.PositiveSmallIntegerField()  # from the hotel's today to the night
    figures_as_of = models.DateField(
        null=True, help_text="The day that the figures are of; empty: of today."
    )
    rooms = models.PositiveIntegerField("rooms to sell", help_text="0: the night is closed.")
    on_the_books = models.IntegerField()
    group_rooms = models.IntegerField(
        default=0, db_default=0, help_text="On the books, booked as groups."
    )
    expected_on_the_books = models.FloatField(
        help_text="Room-nights that are usually on the books of such a night by now."
    )
    forecast = models.FloatField(help_text="Final net room-nights.")
    forecast_low = models.FloatField()
    forecast_high = models.FloatField()
    factors = models.JSONField()
    made_from = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text="The base price, bounds and step that the recommended price was made from.",
    )
    sentence = models.TextField()
    sentence_texts = texts_field("sentence")
    priced_at = models.DateTimeField()

    class Meta:
        verbose_name = "price"
        ordering = ["hotel_id", "night"]
        constraints = [models.UniqueConstraint(fields=["hotel_id", "night"], name="night_price")]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, {self.night}: {self.price}"

    @property
    def shown_sentence(self) -> str:
        """The reason of the recommended price, in the reader's language."""
        return shown(self, "sentence")

    @property
    def known_until(self) -> date:
        """The day up to whose end events are in the figures."""
        return self.figures_as_of or self.night - timedelta(days=self.days_before)

    @property
    def is_closed(self) -> bool:
        """Whether no room is for sale; the price is then kept for the day that it opens again."""
        return self.rooms == 0


# At the end, because they refer to the models above; Django knows the models that are loaded here.
from pricing_service.decisions import undo_models as undo_models  # noqa: E402
from pricing_service.delivered import delivered_models as delivered_models  # noqa: E402
from pricing_service.delivery import webhook_models as webhook_models  # noqa: E402
from pricing_service.demand import belief_models as belief_models  # noqa: E402
from pricing_service.event_calendars import calendar_models as calendar_models  # noqa: E402
from pricing_service.market_rates import rate_models as rate_models  # noqa: E402
from pricing_service.room_types import room_type_models as room_type_models  # noqa: E402
from pricing_service.rules import rule_list_models as rule_list_models  # noqa: E402
