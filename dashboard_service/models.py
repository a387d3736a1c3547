"""The dashboard's figures, how far of the feed they count, and what the checks found.

`DashboardData` holds days only; months and years are summed when read, so no figure can disagree
with another. `PickupData` holds the same events by night of stay and booking day, `HourlyData` by
hour. `FeedPosition` moves in the same transaction as all of them, which is what makes every event
count exactly once; `HotelFigures` says in it whose figures changed.
"""

from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models


class Basis(models.TextChoices):
    """By which date room-nights are counted."""

    BOOKED = "booked", "date of the event"
    STAY = "stay", "night of stay"


class DashboardData(models.Model):
    """Room-nights booked and cancelled of one hotel on one day, on one basis."""

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
    """Room-nights of one hotel that were booked and cancelled in one hour: the newest data."""

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
    """A hotel that has figures, and when they last changed; readers tell by it what is new."""

    hotel_id = models.PositiveIntegerField("hotel", primary_key=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, changed at {self.changed_at}"


def known_time_zone(name: str) -> None:
    """Raises: ValidationError when the time zone database has no such name."""
    # Not what depends on the machine: a browser would not know it.
    if name not in available_timezones() - {"localtime", "posixrules", "Factory"}:
        raise ValidationError(f"{name!r} is no time zone: give a name like Europe/Zurich")


class HotelProfile(models.Model):
    """What a person told about a hotel; without a profile it is in UTC and has a number only.

    The figures of the booked basis are cut into days in `counted_time_zone`. After a change of
    `time_zone` the two differ until the hotel was recounted, and no figure is a mixture.
    """

    hotel_id = models.PositiveIntegerField("hotel", primary_key=True)
    name = models.CharField(max_length=100, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_time_zone])
    rooms = models.PositiveIntegerField("rooms to sell", null=True, blank=True)
    counted_time_zone = models.CharField(max_length=64, default="UTC", editable=False)

    class Meta:
        verbose_name = "hotel"
        ordering = ["hotel_id"]

    def __str__(self) -> str:
        return self.name or f"Hotel {self.hotel_id}"


class FeedPosition(models.Model):
    """The one row that says up to which event of the feed the figures count."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    position = models.BigIntegerField(default=0)
    # An upgrade that keeps more figures than its predecessor did asks for a rebuild by this.
    rebuild_needed = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "feed position"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_feed_position")]

    def __str__(self) -> str:
        return f"event {self.position}"


class CheckReport(models.Model):
    """What one check of all hotels found."""

    checked_at = models.DateTimeField(auto_now_add=True)
    events = models.PositiveBigIntegerField("events recounted")
    counts = models.PositiveIntegerField("counts compared")
    differences = models.PositiveIntegerField("counts that differed")
    repaired = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M}: {self.differences} differences"
