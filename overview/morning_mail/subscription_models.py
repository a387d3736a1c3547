"""Who gets the morning of which hotel, at which hour."""

from django.conf import settings
from django.db import models
from django.utils import timezone

DEFAULT_HOUR = 7
MORNING = "morning"  # the kind of its messages


class MorningSubscription(models.Model):
    """A user's wish for the morning of a hotel; off until it is switched on."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    hotel_id = models.PositiveIntegerField("hotel")
    is_on = models.BooleanField(default=False)
    hour = models.PositiveSmallIntegerField(default=DEFAULT_HOUR, help_text="By the hotel's clock.")
    next_at = models.DateTimeField(default=timezone.now, help_text="When it is looked at again.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "hotel_id"], name="morning_of_user_and_hotel")
        ]
        indexes = [
            models.Index(fields=["next_at"], name="morning_due", condition=models.Q(is_on=True))
        ]

    def __str__(self) -> str:
        return f"user {self.user_id}, hotel {self.hotel_id} at {self.hour}:00"
