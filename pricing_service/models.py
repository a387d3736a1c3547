"""What a hotel told about its prices, the prices in force, and every decision that made them.

A `NightPrice` changes only together with the `PriceDecision` that says why, in one transaction; a
decision is never changed or deleted. `PricingState` is the row that whoever changes a hotel's
prices locks first, so that a person and the machine decide one after the other.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models, router, transaction
from django.utils import timezone

CENT = Decimal("0.01")
LOWEST_FACTOR, HIGHEST_FACTOR = 0.1, 10.0
LARGEST_LEAD_DAYS = 730
MONTHS, WEEKDAYS = 12, 7


class Mode(models.TextChoices):
    """Who decides."""

    OFF = "off", "no prices"
    SUGGEST = "suggest", "a person accepts each price"
    AUTOMATIC = "automatic", "recommended prices come into force by themselves"


def _numbers(value: Any, count: int, lowest: float, highest: float) -> None:
    is_list = isinstance(value, list) and len(value) == count
    if not is_list or not all(type(one) in (int, float) for one in value):
        raise ValidationError(f"must be a list of {count} numbers")
    if not all(lowest <= one <= highest for one in value):
        raise ValidationError(f"each must lie between {lowest:g} and {highest:g}")


def month_factors(value: Any) -> None:
    """Raises: ValidationError when it is no list of twelve factors, January first."""
    _numbers(value, MONTHS, LOWEST_FACTOR, HIGHEST_FACTOR)


def weekday_factors(value: Any) -> None:
    """Raises: ValidationError when it is no list of seven factors, Monday first."""
    _numbers(value, WEEKDAYS, LOWEST_FACTOR, HIGHEST_FACTOR)


def target_occupancies(value: Any) -> None:
    """Raises: ValidationError when it is no list of twelve shares, January first."""
    _numbers(value, MONTHS, 0.05, 1.0)


def lead_factors(value: Any) -> None:
    """Raises: ValidationError when it is no list of [days before, factor]."""
    if not isinstance(value, list) or len(value) > 20:
        raise ValidationError("must be a list of at most 20 pairs [days before, factor]")
    for pair in value:
        _numbers(pair, 2, 0, LARGEST_LEAD_DAYS)
        if type(pair[0]) is not int:
            raise ValidationError("days before must be whole numbers")
        _numbers(pair[1:], 1, LOWEST_FACTOR, HIGHEST_FACTOR)
    if len({days for days, _ in value}) < len(value):
        raise ValidationError("the same days before stand there twice")


def currency_code(value: str) -> None:
    """Raises: ValidationError when it is not spelled as in ISO 4217."""
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise ValidationError("must be three capital letters, like EUR")


def _ones(count: int) -> list[float]:
    return [1.0] * count


def every_month_one() -> list[float]:
    return _ones(MONTHS)


def every_weekday_one() -> list[float]:
    return _ones(WEEKDAYS)


def every_month_target() -> list[float]:
    return [0.8] * MONTHS


def money(**options: Any) -> models.DecimalField:
    return models.DecimalField(
        max_digits=12, decimal_places=2, validators=[MinValueValidator(CENT)], **options
    )


def percent(default: int, **options: Any) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        default=default, validators=[MaxValueValidator(100)], **options
    )


class PricingProfile(models.Model):
    """A hotel's rules; name, time zone and rooms stand in the dashboard service's profile."""

    hotel_id = models.PositiveIntegerField("hotel", primary_key=True)
    mode = models.CharField(max_length=9, choices=Mode.choices, default=Mode.SUGGEST)
    currency = models.CharField(max_length=3, default="EUR", validators=[currency_code])
    base_price = money(help_text="What a room costs on an ordinary night that sells as usual.")
    minimum_price = money()
    maximum_price = money()
    price_step = money(default=Decimal(1), help_text="Prices are whole numbers of steps.")
    aggressiveness = models.PositiveSmallIntegerField(
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text="How hard prices follow demand, 1 to 5.",
    )
    target_occupancy = models.JSONField(
        default=every_month_target, validators=[target_occupancies], help_text="January first."
    )
    month_factors = models.JSONField(
        default=every_month_one, validators=[month_factors], help_text="January first."
    )
    weekday_factors = models.JSONField(
        default=every_weekday_one, validators=[weekday_factors], help_text="Monday first."
    )
    lead_factors = models.JSONField(
        default=list,
        blank=True,
        validators=[lead_factors],
        help_text="Pairs [days before, factor]: up to so many days before arrival; the shortest "
        "span counts.",
    )
    booking_window_days = models.PositiveSmallIntegerField(
        "median booking window",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text="Days before arrival by which half of the guests booked; empty: learned.",
    )
    smallest_change_percent = percent(2, help_text="A price stays when less would change.")
    largest_change_percent = percent(15, help_text="Of one automatic change.")
    largest_day_percent = percent(30, help_text="Of a night's automatic changes of one day.")
    changes_per_day = models.PositiveSmallIntegerField(
        default=3, validators=[MaxValueValidator(24)], help_text="Automatic ones of one night."
    )
    webhook_url = models.CharField(
        max_length=500,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text="Where new prices are posted; empty: nowhere.",
    )
    webhook_secret = models.CharField(max_length=100, blank=True, help_text="Signs each post.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "pricing profile"
        ordering = ["hotel_id"]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}: {self.base_price} {self.currency}, {self.mode}"

    def clean(self) -> None:
        """Raises: ValidationError for bounds that no price could keep."""
        prices = (self.minimum_price, self.base_price, self.maximum_price)
        if None not in prices and not prices[0] <= prices[1] <= prices[2]:
            raise ValidationError({"minimum_price": "minimum, base and maximum price must ascend"})
        if self.webhook_url and not self.webhook_secret:
            raise ValidationError({"webhook_secret": "needed, so that posts can be trusted"})


class _Dates(models.Model):
    """Something of a profile that holds from a first to a last night."""

    profile = models.ForeignKey(PricingProfile, on_delete=models.CASCADE)
    first = models.DateField("first night")
    last = models.DateField("last night")

    class Meta:
        abstract = True
        ordering = ["first", "last"]

    def clean(self) -> None:
        if self.first and self.last and self.first > self.last:
            raise ValidationError({"last": "comes before the first night"})


class RoomsForSale(_Dates):
    """Rooms to sell where they differ from the hotel's profile: a closed wing, a closed hotel."""

    rooms = models.PositiveIntegerField("rooms to sell")

    class Meta(_Dates.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "rooms to sell by date"


class DemandEvent(_Dates):
    """Nights on which a room is worth another price: a fair, a concert, a holiday."""

    name = models.CharField(max_length=60)
    factor = models.FloatField(
        validators=[MinValueValidator(LOWEST_FACTOR), MaxValueValidator(HIGHEST_FACTOR)]
    )

    class Meta(_Dates.Meta):
        abstract = False
        verbose_name = "event"


class FixedPrice(models.Model):
    """A price that a night has whatever else is told."""

    profile = models.ForeignKey(PricingProfile, on_delete=models.CASCADE)
    night = models.DateField()
    price = money()

    class Meta:
        ordering = ["night"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "night"], name="fixed_price_night")
        ]


class NightPrice(models.Model):
    """A night's price in force, the recommended one with its reasons, and its forecast."""

    hotel_id = models.PositiveIntegerField("hotel")
    night = models.DateField("night of stay")
    price = money(help_text="In force.")
    recommended = money()
    is_held = models.BooleanField(
        "held", default=False, help_text="A person set or locked it; it stays until released."
    )
    days_before = models.PositiveSmallIntegerField()
    rooms = models.PositiveIntegerField("rooms to sell")
    on_the_books = models.IntegerField()
    expected_on_the_books = models.FloatField(help_text="On course for the target occupancy.")
    forecast = models.FloatField(help_text="Final net room-nights.")
    forecast_low = models.FloatField()
    forecast_high = models.FloatField()
    factors = models.JSONField()
    sentence = models.TextField()
    priced_at = models.DateTimeField()

    class Meta:
        verbose_name = "price"
        ordering = ["hotel_id", "night"]
        constraints = [models.UniqueConstraint(fields=["hotel_id", "night"], name="night_price")]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, {self.night}: {self.price}"


class Action(models.TextChoices):
    """What changed a night's price, or who may change it."""

    START = "start", "first price, by the calendar"
    AUTOMATIC = "automatic", "recommended price came into force"
    ACCEPT = "accept", "a person accepted the recommended price"
    OVERRIDE = "override", "a person set another price"
    LOCK = "lock", "a person keeps the price"
    RELEASE = "release", "the price may change again"


class PriceDecision(models.Model):
    """One decision about one night; kept for good."""

    hotel_id = models.PositiveIntegerField("hotel")
    night = models.DateField("night of stay")
    made_at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=9, choices=Action.choices)
    old_price = money(null=True)
    new_price = money()
    recommended = money()
    on_the_books = models.IntegerField()
    reason = models.TextField()
    who = models.CharField(max_length=200)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["hotel_id", "night", "-id"], name="decision_night")]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, {self.night}: {self.action} {self.new_price}"


class PricingState(models.Model):
    """What a hotel's prices were made of, and the lock of whoever changes them."""

    hotel_id = models.PositiveIntegerField("hotel", primary_key=True)
    as_of = models.DateField(null=True)
    figures_changed_at = models.DateTimeField(null=True)
    priced_at = models.DateTimeField(null=True)

    @classmethod
    @contextmanager
    def locked(cls, hotel_id: int) -> Iterator["PricingState"]:
        """A transaction in which nobody else changes the hotel's prices or rules."""
        with transaction.atomic(using=router.db_for_write(cls)):
            cls.objects.get_or_create(hotel_id=hotel_id)
            yield cls.objects.select_for_update().get(hotel_id=hotel_id)


class WebhookDelivery(models.Model):
    """New prices on their way to a booking system; the same id whenever it is tried again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hotel_id = models.PositiveIntegerField("hotel")
    made_at = models.DateTimeField(default=timezone.now)
    prices = models.JSONField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = "webhook delivery"
        verbose_name_plural = "webhook deliveries"
        ordering = ["-made_at"]
        indexes = [models.Index(fields=["delivered_at", "next_try_at"], name="delivery_due")]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}: {len(self.prices)} prices"
