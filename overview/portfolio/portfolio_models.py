"""Groups of hotels, and the portfolio's lines as they were last worked out.

Hotels are numbers, not foreign keys: their profiles are in the dashboard service's database.
"""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

MAX_NAME_LENGTH = 60


class PortfolioLine(models.Model):
    """A hotel's figures of the portfolio, and a fingerprint of all that they depend on.

    Only a store of what can be worked out anew: another fingerprint makes the line void.
    """

    hotel_id = models.PositiveIntegerField("hotel", primary_key=True)
    fingerprint = models.CharField(max_length=32)
    figures = models.JSONField(encoder=DjangoJSONEncoder)

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}"


class HotelGroup(models.Model):
    """A named group of hotels, like those of a region or an owner."""

    name = models.CharField(max_length=MAX_NAME_LENGTH)
    made_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "group of hotels"
        verbose_name_plural = "groups of hotels"
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """A hotel of a group; a hotel may be in several groups."""

    group = models.ForeignKey(HotelGroup, models.CASCADE, related_name="members")
    hotel_id = models.PositiveIntegerField("hotel")

    class Meta:
        verbose_name = "hotel of a group"
        ordering = ["group_id", "hotel_id"]
        constraints = [models.UniqueConstraint(fields=["group", "hotel_id"], name="hotel_of_group")]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}"
