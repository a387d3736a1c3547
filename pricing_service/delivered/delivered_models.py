"""What a booking system says itself about our prices: which it has confirmed, and what is wrong."""

from django.db import models
from django.utils import timezone

from pricing_service.model_fields import amount_field

MAX_PROBLEM = 300
MAX_SYSTEM = 60


class DeliveryReport(models.Model):
    """A hotel's booking system as it reports on itself, in its newest report."""

    hotel_id = models.PositiveIntegerField("hotel", primary_key=True)
    system = models.CharField(max_length=MAX_SYSTEM, help_text="Its name, for people.")
    problem = models.CharField(
        max_length=MAX_PROBLEM, blank=True, help_text="Why no price goes there now; empty: it does."
    )
    problem_since = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "delivery report"
        ordering = ["hotel_id"]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}: {self.problem or 'no problem'}"


class DeliveredPrice(models.Model):
    """A night's price that the booking system confirmed last, or why it has not taken it."""

    hotel_id = models.PositiveIntegerField("hotel")
    night = models.DateField("night of stay")
    room_type = models.CharField(
        max_length=40, blank=True, default="", help_text="Empty: the whole house."
    )
    price = amount_field(null=True, help_text="Empty: none was ever confirmed.")
    currency = models.CharField(max_length=3)
    confirmed_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=MAX_PROBLEM, blank=True)

    class Meta:
        verbose_name = "delivered price"
        ordering = ["hotel_id", "night", "room_type"]
        constraints = [
            models.UniqueConstraint(
                fields=["hotel_id", "night", "room_type"], name="delivered_night"
            )
        ]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, {self.night}: {self.price}"
