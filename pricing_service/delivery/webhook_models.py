"""What a hotel's booking system was last told of its prices, how telling it goes, every post."""

import uuid

from django.db import models
from django.utils import timezone

from pricing_service.model_fields import amount_field


class WebhookReceiver(models.Model):
    """A hotel's booking system: whether it may not know the present prices, and its last answers.

    There is none before the first time that a hotel with a webhook's address is looked at.
    """

    hotel_id = models.PositiveIntegerField("hotel", primary_key=True)
    changed_at = models.DateTimeField(
        "waiting since",
        null=True,
        help_text="Since when prices may differ from what it was told; empty: they do not.",
    )
    # Counts changes, so that a sender sees whether there was one after it had read the prices.
    changes = models.PositiveBigIntegerField(default=0)
    # How often all that it was told was forgotten: what was sent before does not count as told.
    forgotten = models.PositiveIntegerField(default=0)
    # Of the address that was told; the address itself often contains a token.
    address_fingerprint = models.CharField(max_length=32, default="")
    rules_seen_at = models.DateTimeField(
        null=True, help_text="`updated_at` of the rules that were last looked at."
    )
    next_try_at = models.DateTimeField(default=timezone.now)
    busy_until = models.DateTimeField(
        null=True, help_text="A worker sends something; at most until."
    )
    tries = models.PositiveIntegerField(
        default=0,
        help_text="Since the last that arrived; also those that a worker did not survive.",
    )
    failing_since = models.DateTimeField(null=True)
    last_try_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField("last arrived", null=True)
    answer = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        verbose_name = "webhook receiver"
        ordering = ["hotel_id"]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="receiver_due",
                condition=models.Q(changed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}: {self.answer}"


class ToldPrice(models.Model):
    """What the receiver was last told of a night: it answered the post with success."""

    hotel_id = models.PositiveIntegerField("hotel")
    night = models.DateField("night of stay")
    room_type = models.CharField(
        max_length=40, blank=True, default="", help_text="Empty: the whole house."
    )
    price = amount_field(null=True, help_text="Empty: the night is closed.")
    currency = models.CharField(max_length=3, blank=True, default="")
    state = models.CharField(max_length=9)
    minimum_stay = models.PositiveSmallIntegerField(null=True, help_text="Empty: none.")
    told_at = models.DateTimeField()

    class Meta:
        verbose_name = "told price"
        ordering = ["hotel_id", "night", "room_type"]
        constraints = [
            models.UniqueConstraint(fields=["hotel_id", "night", "room_type"], name="told_night")
        ]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, {self.night}: {self.price} {self.state}"


#: Deliveries that have neither arrived nor been given up.
WAITING = models.Q(delivered_at=None, given_up_at=None)


class WebhookDelivery(models.Model):
    """Prices as they were posted to a booking system; every post of the very same uses the same id.

    What is still to be posted, `WebhookReceiver` and `ToldPrice` say. A delivery that has not
    arrived is given up when other prices are posted in its place.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hotel_id = models.PositiveIntegerField("hotel")
    made_at = models.DateTimeField(default=timezone.now)
    prices = models.JSONField()
    currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    tries = models.PositiveSmallIntegerField(default=0)  # also those that a worker did not survive
    next_try_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = "webhook delivery"
        verbose_name_plural = "webhook deliveries"
        ordering = ["-made_at"]
        indexes = [
            models.Index(fields=["delivered_at", "next_try_at"], name="delivery_due"),
            # What waits, by time and by hotel: a few rows beside all that ever were delivered.
            models.Index(fields=["next_try_at"], name="delivery_waiting_due", condition=WAITING),
            models.Index(
                fields=["hotel_id", "made_at"], name="delivery_waiting_hotel", condition=WAITING
            ),
        ]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}: {len(self.prices)} prices"
