"""What a person did to a hotel's prices or rules, kept for a day so that it can be undone."""

from django.db import models
from django.utils import timezone

from pricing_service.model_fields import texts_field
from pricing_service.texts.stored_texts import shown


class UndoStep(models.Model):
    """One act of a person: a decision about nights, or a change of the pricing rules."""

    hotel_id = models.PositiveIntegerField("hotel")
    made_at = models.DateTimeField(default=timezone.now)
    who = models.CharField(max_length=200)
    summary = models.CharField(max_length=200)
    summary_texts = texts_field("summary")
    # By night: [price, is_held, is_fixed] before and after the act; amounts are text.
    nights_before = models.JSONField(default=dict)
    nights_after = models.JSONField(default=dict)
    # The changed fields and lists of the rules, as REST takes them; empty for a decision.
    rules_before = models.JSONField(default=dict)
    rules_after = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["hotel_id", "-id"], name="undo_step_hotel")]

    @property
    def shown_summary(self) -> str:
        """The act in the reader's language."""
        return shown(self, "summary")

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}: {self.summary}"
