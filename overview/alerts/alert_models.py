"""What users want to be told of hotels, and when each hotel was last looked at."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy


class AlertKind(models.TextChoices):
    """What an alert can be about; the label completes "Tell me of …"."""

    NIGHT_PICKUP = "night-pickup", gettext_lazy("pickup of a night")
    HOUSE_PICKUP = "house-pickup", gettext_lazy("pickup of the house")
    CANCELLATIONS = "cancellations", gettext_lazy("cancellations")
    OCCUPANCY = "occupancy", gettext_lazy("occupancy of a night")
    BOUND = "bound", gettext_lazy("prices at a bound")
    STALE = "stale", gettext_lazy("silence of the booking system")
    DELIVERIES = "deliveries", gettext_lazy("prices that do not arrive")


class AlertRule(models.Model):
    """A user's wish to be told of one kind of thing about a hotel; off until it is switched on."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    hotel_id = models.PositiveIntegerField("hotel")
    kind = models.CharField(max_length=20, choices=AlertKind.choices)
    threshold = models.PositiveIntegerField(help_text="Room-nights, percent, days or hours.")
    on_since = models.DateTimeField(null=True, help_text="Empty: switched off.")
    by_mail = models.BooleanField(default=True)
    by_webhook = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "hotel_id", "kind"], name="alert_rule_of_user_and_hotel"
            )
        ]
        indexes = [
            models.Index(
                fields=["hotel_id"],
                name="alert_rules_on",
                condition=models.Q(on_since__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"user {self.user_id}, hotel {self.hotel_id}: {self.kind} from {self.threshold}"


class AlertCheck(models.Model):
    """When a hotel's figures were last compared with its alert rules, and which figures."""

    hotel_id = models.PositiveIntegerField("hotel", primary_key=True)
    figures_changed_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, checked at {self.checked_at}"
