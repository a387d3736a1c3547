"""The dashboard's figures, and the feed position up to which they count.

`DashboardData` holds days only; months and years are summed when read, so no figure can disagree
with another. `PickupData` holds the same events by night of stay and booking day, `HourlyData` by
hour. `FeedPosition` moves in the same transaction as all of them, which is what makes every event
count exactly once; `HotelFigures` records in that transaction which hotels changed.

Hotels whose events carry rates or descriptions (`RoomNightHotel`) have more: `ReservationState`
keeps the events of each reservation, and `PerformanceData` and `PaceData` what they add up to.
Amounts are whole thousandths of the currency's unit, so sums are exact.
"""

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from common.currencies import CURRENCY_DECIMALS
from common.error_limits import quote_value
from common.number_and_date_texts import offered_languages
from common.public_holidays import why_unknown
from dashboard_service.check_models import CheckReport as CheckReport
from dashboard_service.check_models import CheckRound as CheckRound
from dashboard_service.check_models import HotelCheck as HotelCheck
from dashboard_service.check_models import HotelRecount as HotelRecount
from dashboard_service.feed_position import CLAIM_SECONDS as CLAIM_SECONDS
from dashboard_service.feed_position import FeedPosition as FeedPosition


class Basis(models.TextChoices):
    """The date that a room-night is counted on."""

    BOOKED = "booked", "date of the event"
    STAY = "stay", "night of stay"


class DashboardData(models.Model):
    """Room-nights of one hotel that were booked and cancelled, on one day of one basis."""

    hotel_id = models.PositiveIntegerField("hotel")
    basis = models.CharField(max_length=6, choices=Basis.choices)
    day = models.DateField()
    gross_booking_count = models.PositiveIntegerField("gross bookings", default=0)
    cancellation_count = models.PositiveIntegerField("cancellations", default=0)

    class Meta:
        verbose_name = "daily count"
        verbose_name_plural = "daily counts"
        ordering = ["hotel_id", "basis", "day"]
        constraints = [
            models.UniqueConstraint(fields=["hotel_id", "basis", "day"], name="dashboard_day")
        ]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, {self.day} ({self.basis})"


class PickupData(models.Model):
    """Room-nights of one night of stay that were booked and cancelled on one day.

    What was on the books for a night at the end of a day is the sum of its rows up to that day;
    pickup is the sum over the days in between.
    """

    hotel_id = models.PositiveIntegerField("hotel")
    night_of_stay = models.DateField("night of stay")
    day = models.DateField("booked or cancelled on")
    gross_booking_count = models.PositiveIntegerField("gross bookings", default=0)
    cancellation_count = models.PositiveIntegerField("cancellations", default=0)

    class Meta:
        verbose_name = "pickup"
        verbose_name_plural = "pickup"
        ordering = ["hotel_id", "night_of_stay", "day"]
        constraints = [
            models.UniqueConstraint(fields=["hotel_id", "night_of_stay", "day"], name="pickup_day")
        ]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, night {self.night_of_stay}, on {self.day}"


class HourlyData(models.Model):
    """Room-nights of one hotel that were booked and cancelled in one hour (UTC)."""

    hotel_id = models.PositiveIntegerField("hotel")
    hour = models.DateTimeField("in the hour from")
    gross_booking_count = models.PositiveIntegerField("gross bookings", default=0)
    cancellation_count = models.PositiveIntegerField("cancellations", default=0)

    class Meta:
        verbose_name = "hourly count"
        verbose_name_plural = "hourly counts"
        ordering = ["hotel_id", "hour"]
        constraints = [models.UniqueConstraint(fields=["hotel_id", "hour"], name="dashboard_hour")]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, {self.hour:%Y-%m-%d %H:00}"


class HotelFigures(models.Model):
    """A hotel that has figures, and when they last changed: what ETags and caches depend on."""

    hotel_id = models.PositiveIntegerField("hotel", primary_key=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, changed at {self.changed_at}"


class RoomNightHotel(models.Model):
    """A hotel whose room-nights are followed one by one, for revenue; others pay nothing for it.

    `is_counted` is False from the first event with a rate or a description of a hotel that has
    earlier events until these are counted from the ledger; the hotel has no rows until then.
    """

    hotel_id = models.PositiveIntegerField("hotel", primary_key=True)
    is_counted = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}"


class ReservationState(models.Model):
    """The events of the reservation of one room, encoded by `encoded_reservations`.

    `booked_minute` is the minute (UTC) of its first booking, by which rooms that were booked
    together are found; empty without a booking, None in rows that the old version inserted.
    """

    hotel_id = models.PositiveIntegerField("hotel")
    reservation = models.CharField(max_length=64)
    events = models.TextField()
    booked_minute = models.CharField(max_length=16, null=True)  # None is not ""

    class Meta:
        indexes = [models.Index(fields=["hotel_id", "booked_minute"], name="reservation_minute")]
        constraints = [
            models.UniqueConstraint(fields=["hotel_id", "reservation"], name="reservation_state")
        ]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, reservation {self.reservation}"


class RoomNightSums(models.Model):
    """Room-nights and their revenue; net, so negative where more was taken away than added."""

    hotel_id = models.PositiveIntegerField("hotel")
    currency = models.CharField(max_length=3, blank=True)  # empty where the rate is not known
    room_nights = models.BigIntegerField()
    room_nights_with_rate = models.BigIntegerField()
    revenue = models.BigIntegerField(help_text="In thousandths of the currency's unit.")

    class Meta:
        abstract = True


class PerformanceData(RoomNightSums):
    """Room-nights and revenue of one hotel on one day of one basis, by what describes them."""

    basis = models.CharField(max_length=6, choices=Basis.choices)
    day = models.DateField()
    room_type = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=40, blank=True)
    segment = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "performance"
        ordering = ["hotel_id", "basis", "day"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "hotel_id", "basis", "day", "currency", "room_type", "channel", "segment",
                ],
                name="performance_day",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, {self.day} ({self.basis})"


class PaceData(RoomNightSums):
    """Room-nights and revenue that one day's events added to, or took from, one night of stay."""

    night_of_stay = models.DateField("night of stay")
    day = models.DateField("day of the events")

    class Meta:
        verbose_name = verbose_name_plural = "pace"
        ordering = ["hotel_id", "night_of_stay", "day"]
        constraints = [
            models.UniqueConstraint(
                fields=["hotel_id", "night_of_stay", "day", "currency"], name="pace_day"
            )
        ]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, night {self.night_of_stay}, on {self.day}"


def known_currency(code: str) -> None:
    """Validate a currency's code. Raises: ValidationError."""
    if code and code not in CURRENCY_DECIMALS:
        raise ValidationError(
            _("%(code)s is no currency: give an ISO 4217 code like EUR") % {"code": repr(code)}
        )


def known_time_zone(name: str) -> None:
    """Validate a time zone's name. Raises: ValidationError when no browser would know it."""
    # These three depend on the machine, so a browser does not know them.
    if name not in available_timezones() - {"localtime", "posixrules", "Factory"}:
        raise ValidationError(
            _("%(name)s is no time zone: give a name like Europe/Zurich")
            % {"name": quote_value(name)}
        )


class HotelProfile(models.Model):
    """A hotel's name, time zone, rooms and currency; without a profile it has a number, in UTC.

    Days of the booked basis begin at midnight in `counted_time_zone`. After a change of `time_zone`
    the two differ until the hotel is recounted; figures never mix two time zones.
    """

    hotel_id = models.PositiveIntegerField("hotel", primary_key=True)
    name = models.CharField(max_length=100, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_time_zone])
    rooms = models.PositiveIntegerField("rooms to sell", null=True, blank=True)
    # Empty: the one that most of the hotel's room-nights have. The default stays in the database,
    # because the old version inserts rows without the column.
    currency = models.CharField(
        max_length=3, blank=True, default="", db_default="", validators=[known_currency]
    )
    # Both decide which public holidays are proposed as events.
    country = models.CharField(
        max_length=2, blank=True, default="", db_default="", help_text="ISO 3166-1, like DE."
    )
    region = models.CharField(
        max_length=40, blank=True, default="", db_default="", help_text="Of the country, like BY."
    )
    # In which programs are written to, and those of its people who have not chosen one.
    language = models.CharField(
        max_length=10, blank=True, default="", db_default="", choices=offered_languages
    )
    counted_time_zone = models.CharField(max_length=64, default="UTC", editable=False)

    class Meta:
        verbose_name = "hotel"
        ordering = ["hotel_id"]

    def __str__(self) -> str:
        return self.name or f"Hotel {self.hotel_id}"

    def clean(self) -> None:
        """Raises: ValidationError for an unknown country, or a region that is none of its own."""
        if wrong := why_unknown(self.country, self.region):
            raise ValidationError(wrong)


class RoomsForSale(models.Model):
    """Rooms to sell in nights in which they differ from the profile's; 0 where it is closed."""

    hotel = models.ForeignKey(HotelProfile, models.CASCADE, related_name="rooms_by_date")
    first = models.DateField("first night")
    last = models.DateField("last night")
    rooms = models.PositiveIntegerField("rooms to sell")

    class Meta:
        verbose_name = verbose_name_plural = "rooms to sell by date"
        ordering = ["first", "last"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")),
                name="rooms_last_not_before_first",
                violation_error_message="The last night lies before the first one.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rooms} rooms from {self.first} to {self.last}"


class MonthlyBudget(models.Model):
    """What a hotel plans to sell in one month of stay; each part may be left out."""

    hotel_id = models.PositiveIntegerField("hotel")
    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    room_nights = models.PositiveIntegerField("room-nights", null=True)
    revenue = models.BigIntegerField(null=True, help_text="In thousandths of the currency's unit.")
    currency = models.CharField(max_length=3, blank=True)  # of the revenue
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "budget of a month"
        verbose_name_plural = "budgets by month"
        ordering = ["hotel_id", "year", "month"]
        constraints = [
            models.UniqueConstraint(fields=["hotel_id", "year", "month"], name="budget_month"),
            models.CheckConstraint(
                condition=models.Q(month__range=(1, 12)), name="budget_month_of_a_year"
            ),
        ]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, {self.year}-{self.month:02}"
