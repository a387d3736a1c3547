"""When a user last looked at the morning of a hotel."""

from django.conf import settings
from django.db import models


class LastVisit(models.Model):
    """A user's present visit to a hotel's morning, and when the visit before it ended."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    hotel_id = models.PositiveIntegerField("hotel")
    before = models.DateTimeField(
        "end of the visit before", null=True, help_text="Empty during the first visit."
    )
    seen_at = models.DateTimeField(help_text="When the page was last opened.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "hotel_id"], name="visit_of_user_and_hotel")
        ]

    def __str__(self) -> str:
        return f"user {self.user_id}, hotel {self.hotel_id}: {self.seen_at}"
