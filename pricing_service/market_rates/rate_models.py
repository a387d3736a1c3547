"""Competitors' rates as they were seen, in pricing's database.

A sighting is never changed or deleted, and a later one does not erase it: what counts now is the
newest one of a competitor, night and room type (`latest_rates`).
"""

from django.db import models
from django.utils import timezone

from pricing_service.model_fields import amount_field

MAX_NAME_CHARACTERS = 100  # of a competitor, and of a room type


class CompetitorRate(models.Model):
    """What a competitor asked for a night when it was looked at; no rate: it was sold out."""

    id = models.BigAutoField(primary_key=True)
    hotel_id = models.PositiveIntegerField("hotel", help_text="Whose competitor it is.")
    competitor = models.CharField(max_length=MAX_NAME_CHARACTERS)
    night = models.DateField("night of stay")
    room_type = models.CharField(
        max_length=MAX_NAME_CHARACTERS, blank=True, help_text="In the rate shopper's words."
    )
    rate = amount_field(null=True, blank=True, help_text="Empty: sold out.")
    currency = models.CharField(max_length=3, blank=True)
    seen_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "competitor's rate"
        ordering = ["id"]
        constraints = [
            # In the order in which the pages read: the newest of a night's are found in the index.
            models.UniqueConstraint(
                fields=["hotel_id", "night", "competitor", "room_type", "seen_at"],
                name="competitor_rate_sighting",
            )
        ]
        indexes = [models.Index(fields=["hotel_id", "-id"], name="competitor_rate_newest")]

    def __str__(self) -> str:
        return f"{self.competitor}, {self.night}: {self.rate or 'sold out'} {self.currency}"
