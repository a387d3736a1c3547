"""Tables of the connections, in the default database. None holds anything about a guest.

Hotels are numbers, not foreign keys: their profiles are in the dashboard service's database.
"""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections.files.file_model import ConnectionFile as ConnectionFile  # one of the tables

MAX_ID_LENGTH = 100
MAX_NAME_LENGTH = 200


class ConnectionState(models.TextChoices):
    """How far a connection is."""

    PREPARING = "preparing", "being set up"
    IMPORTING = "importing", "first import"
    READING = "reading", "connected"
    STOPPED = "stopped", "stopped"
    DISCONNECTED = "disconnected", "disconnected"


class HandChanges(models.TextChoices):
    """What becomes of a price that a person changed in the booking system."""

    PUT_BACK = "put_back", _("our price is put back there")
    OVERRIDE = "override", _("it becomes an override here")


ACTIVE_STATES = (ConnectionState.IMPORTING, ConnectionState.READING)


class FailureKind(models.TextChoices):
    """Why the last reading ended early."""

    NONE = "", "nothing"
    CREDENTIALS = "credentials", _("the booking system refuses our access")
    UNREACHABLE = "unreachable", _("the booking system does not answer")
    TOO_OFTEN = "too_often", _("the booking system asks us to wait")
    ODD = "odd", _("the booking system answers something that we do not understand")
    LEDGER = "ledger", _("our own ledger does not answer")
    COLUMNS = "columns", _("somebody has to say which column is what")


class Connection(models.Model):
    """A hotel's booking system, and how far it was read.

    The cursor: everything that changed before `read_until` is in the ledger. While a window is
    being read, `window_until` is its end and `page` the vendor's next page. Both times are by the
    vendor's clock. Only who holds the lease moves it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hotel_id = models.PositiveIntegerField("hotel")
    vendor = models.CharField(max_length=20)
    address = models.CharField(max_length=200, help_text="Where the vendor's API is.")
    secrets = models.TextField(blank=True, editable=False, help_text="Encrypted.")
    webhook_hash = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    property_id = models.CharField(max_length=MAX_ID_LENGTH, blank=True, help_text="The vendor's.")
    property_name = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    choices = models.JSONField(default=dict, help_text="What the vendor's adapter was told.")
    tentative_counts = models.BooleanField(default=False)
    sends_prices = models.BooleanField(default=False)
    # The defaults stay in the database, because the version before inserts rows without the column.
    house_use_counts = models.BooleanField(default=False, db_default=False)
    hand_changes = models.CharField(
        max_length=8,
        choices=HandChanges.choices,
        default=HandChanges.PUT_BACK,
        db_default=HandChanges.PUT_BACK,
    )
    is_read_anew = models.BooleanField(
        default=False, db_default=False, help_text="What counts was changed: all is read again."
    )
    counted_since = models.DateTimeField(
        null=True, help_text="When what counts was changed last, by the vendor's clock."
    )
    state = models.CharField(
        max_length=12, choices=ConnectionState.choices, default=ConnectionState.PREPARING
    )
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.CharField(max_length=200)

    import_from = models.DateTimeField(null=True)
    read_until = models.DateTimeField(null=True)
    window_until = models.DateTimeField(null=True)
    window_seconds = models.PositiveIntegerField(default=0, help_text="0: as long as may be.")
    page = models.TextField(blank=True)
    vendor_now = models.DateTimeField(null=True, help_text="The vendor's clock at the last look.")
    ledger_epoch = models.CharField(max_length=64, blank=True, help_text="Of what the cursor says.")

    next_read_at = models.DateTimeField(default=timezone.now)
    nudged_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True, help_text="When all changes were read last.")
    prices_at = models.DateTimeField(null=True, help_text="When prices were compared last.")
    price_problem = models.CharField(max_length=300, blank=True)
    is_reported = models.BooleanField(
        default=False, db_default=False, help_text="The prices' page shows what it has confirmed."
    )
    currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    reported_problem = models.CharField(max_length=300, blank=True, default="", db_default="")
    prices_unconfirmed = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="Prices that differ from what the vendor confirmed last.",
    )
    failure = models.CharField(max_length=12, choices=FailureKind.choices, blank=True)
    failure_text = models.CharField(max_length=300, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    pages_read = models.PositiveBigIntegerField(default=0)
    events_appended = models.PositiveBigIntegerField(default=0)

    lease = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        indexes = [models.Index(fields=["state", "next_read_at"], name="connection_due")]
        constraints = [
            # Two systems of one hotel would count its rooms twice.
            models.UniqueConstraint(
                fields=["hotel_id"],
                condition=~models.Q(state=ConnectionState.DISCONNECTED),
                name="one_connection_of_a_hotel",
            )
        ]

    def __str__(self) -> str:
        return f"{self.vendor} of hotel {self.hotel_id}"

    @property
    def is_active(self) -> bool:
        """Whether it is read by itself."""
        return self.state in ACTIVE_STATES

    @property
    def import_share(self) -> float | None:
        """How much of the first import is done, from 0 to 1; None where none is running."""
        if self.state != ConnectionState.IMPORTING or not (self.import_from and self.vendor_now):
            return None
        whole = (self.vendor_now - self.import_from).total_seconds()
        done = ((self.read_until or self.import_from) - self.import_from).total_seconds()
        return min(1.0, max(0.0, done / whole)) if whole > 0 else 1.0


class ReadReservation(models.Model):
    """A reservation of the vendor that the ledger has: its number, and when it was last read."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="reservations")
    reservation_id = models.CharField(max_length=MAX_ID_LENGTH)
    updated_at = models.CharField(max_length=40, help_text="As the vendor says.")
    read_at = models.DateTimeField()
    events = models.PositiveIntegerField(default=0, help_text="That its last reading appended.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "reservation_id"], name="reservation_is_read_by_connection"
            )
        ]

    def __str__(self) -> str:
        return self.reservation_id


class ReservationProblem(models.Model):
    """A reservation that could not be understood: the vendor's number and why, nothing else."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="problems")
    reservation_id = models.CharField(max_length=MAX_ID_LENGTH)
    reason = models.CharField(max_length=300)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "reservation_id"], name="problem_of_reservation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reservation_id}: {self.reason}"


class SentPrice(models.Model):
    """The price of a night that the vendor confirmed last."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="prices")
    room_type_id = models.CharField(max_length=MAX_ID_LENGTH, blank=True, help_text="The vendor's.")
    night = models.DateField()
    price = models.DecimalField(max_digits=12, decimal_places=3)
    confirmed_at = models.DateTimeField()
    # Where the vendor rounds what it is sent.
    room_type = models.CharField(
        max_length=MAX_ID_LENGTH, blank=True, default="", db_default="", help_text="Our name of it."
    )
    shown = models.DecimalField(
        max_digits=15, decimal_places=6, null=True, help_text="As the vendor showed it then."
    )
    is_reported = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "room_type_id", "night"], name="sent_price_of_night"
            )
        ]

    def __str__(self) -> str:
        return f"{self.night}: {self.price}"


class PriceAttempt(models.Model):
    """A price on its way to the vendor: stored before it is sent, so that it is known as ours.

    The vendor may have it though it never answered, or show it some minutes late.
    """

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="attempts")
    room_type_id = models.CharField(max_length=MAX_ID_LENGTH, blank=True)
    night = models.DateField()
    price = models.DecimalField(max_digits=15, decimal_places=6)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "room_type_id", "night", "price"], name="price_attempt"
            )
        ]

    def __str__(self) -> str:
        return f"{self.night}: {self.price}"


class HandChange(models.Model):
    """A price that a person set in the booking system, until it is an override here."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="changes_by_hand")
    room_type_id = models.CharField(max_length=MAX_ID_LENGTH, blank=True)
    night = models.DateField()
    price = models.DecimalField(max_digits=15, decimal_places=6)
    room_type = models.CharField(max_length=MAX_ID_LENGTH, blank=True, help_text="Our name of it.")
    reason = models.CharField(max_length=300, help_text="Of the decision; it tells it from others.")
    noticed_at = models.DateTimeField()
    problem = models.CharField(
        max_length=300, blank=True, help_text="Why it cannot be an override; empty: not tried yet."
    )
    is_reported = models.BooleanField(default=False)

    class Meta:
        ordering = ["night", "room_type_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "room_type_id", "night"], name="hand_change_of_night"
            )
        ]

    def __str__(self) -> str:
        return f"{self.night}: {self.price}"


class ConnectionAct(models.Model):
    """Who did what with a connection; never changed."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="acts")
    at = models.DateTimeField(default=timezone.now)
    who = models.CharField(max_length=200)
    act = models.CharField(max_length=40)
    details = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.who}: {self.act}"

    def save(self, *args: Any, **options: Any) -> None:
        if self.pk is not None:
            raise TypeError("an act is never changed")
        super().save(*args, **options)


def webhook_hash(token: str) -> str:
    """Return what is stored of a webhook's token, to find its connection by."""
    return hashlib.sha256(token.encode()).hexdigest()
