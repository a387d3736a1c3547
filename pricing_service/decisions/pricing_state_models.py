"""When and from what a hotel was last priced, when it is due again, and who prices it now.

`decisions.repricing_schedule` finds out what is due, `decisions.repricing_claims` gives each hotel
to one worker at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import models, router, transaction

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class PricingState(models.Model):
    """When and from which figures a hotel was last priced; also the lock on its prices."""

    hotel_id = models.PositiveIntegerField("hotel", primary_key=True)
    as_of = models.DateField(null=True)
    figures_changed_at = models.DateTimeField(null=True)
    priced_at = models.DateTimeField(null=True)
    # Of the rooms for sale that the prices were made with; empty before the first time.
    rooms_fingerprint = models.CharField(max_length=32, default="", db_default="", editable=False)
    # The day of the newest event, where the silence since is unusually long.
    stale_since = models.DateField(null=True, editable=False)
    # Whether an automatic price is not the recommended one and may move towards it today.
    is_unsettled = models.BooleanField(default=False, db_default=False, editable=False)
    # When it is to be priced next: in the past since something changed, in the future at the end
    # of the hotel's day. Empty in rows of the version before, and where prices are off.
    due_at = models.DateTimeField(null=True, editable=False)
    # Its rules changed, or it was never priced: it goes before the others.
    is_urgent = models.BooleanField(default=False, db_default=False, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    # Tries without a success: counted when one begins, so that one that ends its worker counts.
    tries = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    tried_at = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    failure = models.CharField(max_length=300, default="", db_default="", editable=False)

    class Meta:
        app_label = "pricing_service"
        indexes = [
            models.Index(fields=["-is_urgent", "due_at"], name="pricing_due"),
            models.Index(
                fields=["failing_since"],
                name="pricing_failing",
                condition=models.Q(failing_since__isnull=False),
            ),
        ]

    @classmethod
    @contextmanager
    def locked(cls, hotel_id: int) -> Iterator["PricingState"]:
        """A transaction that holds the lock on the hotel's prices and rules."""
        with transaction.atomic(using=router.db_for_write(cls)):
            cls.objects.get_or_create(hotel_id=hotel_id)
            yield cls.objects.select_for_update().get(hotel_id=hotel_id)


class RepricingLook(models.Model):
    """When all hotels were last looked at; one row, so that one of many workers does it."""

    ID = 1

    looked_at = models.DateTimeField(default=LONG_AGO)

    class Meta:
        app_label = "pricing_service"
