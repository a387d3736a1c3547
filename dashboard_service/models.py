"""The dashboard's figures, how far of the feed they count, and what the checks found.

`DashboardData` holds days only; months and years are summed when read, so no figure can disagree
with another. `FeedPosition` moves in the same transaction as the figures, which is what makes
every event count exactly once.
"""

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


class FeedPosition(models.Model):
    """The one row that says up to which event of the feed the figures count."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    position = models.BigIntegerField(default=0)
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
    days = models.PositiveIntegerField("days compared")
    differences = models.PositiveIntegerField("days that differed")
    repaired = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M}: {self.differences} differences"
