"""The record of every decision about a price: who or what changed it, when, from what, and why."""

from django.db import models
from django.utils import timezone

from pricing_service.model_fields import amount_field, texts_field
from pricing_service.texts.stored_texts import shown


class Action(models.TextChoices):
    """What changed a night's price, or whether it may change."""

    START = "start", "first price, by the calendar"
    AUTOMATIC = "automatic", "recommended price came into force"
    ACCEPT = "accept", "a person accepted the recommended price"
    OVERRIDE = "override", "a person set another price"
    LOCK = "lock", "a person keeps the price"
    RELEASE = "release", "the price may change again"
    FIX = "fix", "a fixed price came into force"
    UNFIX = "unfix", "a fixed price was removed"
    BOUND = "bound", "moved to a bound"
    CLOSE = "close", "no room is for sale"
    OPEN = "open", "rooms are for sale again"
    UNDO = "undo", "a person undid an act"
    CURRENCY = "currency", "made anew in another currency"


class PriceDecision(models.Model):
    """One decision about one night; never changed or deleted."""

    hotel_id = models.PositiveIntegerField("hotel")
    night = models.DateField("night of stay")
    made_at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=9, choices=Action.choices)
    old_price = amount_field(null=True)
    new_price = amount_field()
    recommended = amount_field()
    currency = models.CharField(
        max_length=3,
        blank=True,
        default="",
        db_default="",
        help_text="Of the amounts; empty: the hotel's.",
    )
    on_the_books = models.IntegerField()
    reason = models.TextField()
    reason_texts = texts_field("reason")
    made_from = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text="What the recommended price was made from at the time: base price, bounds, "
        "factors, rooms and forecast.",
    )
    who = models.CharField(max_length=200)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["hotel_id", "night", "-id"], name="decision_night")]

    @property
    def shown_reason(self) -> str:
        """The reason in the reader's language, or as a person wrote it."""
        return shown(self, "reason")

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, {self.night}: {self.action} {self.new_price}"
