"""What the engine has learned of each hotel, kept until there is something new to learn."""

from django.db import models
from django.utils import timezone


class StoredBelief(models.Model):
    """The newest belief of one hotel, and what it was learned from."""

    hotel_id = models.PositiveIntegerField("hotel", primary_key=True)
    cut_off = models.DateField(help_text="Everything before this day was learned from.")
    fingerprint = models.CharField(
        max_length=32, help_text="Of all that the belief depends on; another one is learned anew."
    )
    belief = models.JSONField()
    learned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "belief"

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, learned before {self.cut_off}"
