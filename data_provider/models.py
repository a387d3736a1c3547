"""The ledger's table: events, which are appended and never changed or deleted.

A correction is another event. Saving, updating and deleting through the model raise an error. The
only way in is `data_provider.ledger.record`, which also keeps the promises of the feed.
"""

from typing import Any, NoReturn

from django.db import models
from django.utils.timezone import now

from data_provider.file_upload.upload_model import FileUpload as FileUpload
from data_provider.rate_and_words import MAX_WORD_CHARACTERS
from data_provider.rate_field import RateField


class AppendOnlyError(TypeError):
    """Code tried to change or delete an event, or to write one without `ledger.record`."""

    def __init__(self) -> None:
        super().__init__(
            "the ledger is append-only: record a new event with data_provider.ledger.record"
        )


class EventQuerySet(models.QuerySet["Event"]):
    """Events for reading only; every method that writes raises AppendOnlyError."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    create = get_or_create = update_or_create = bulk_create = bulk_update = _refuse
    update = delete = _refuse


class Event(models.Model):
    """One room-night booked, cancelled or changed, as a hotel's booking system reported it."""

    class Status(models.IntegerChoices):
        BOOKING = 1
        CANCELLATION = 2
        CHANGE = 3  # the room-night stays booked, its rate or description is another from now on

    id = models.BigAutoField("position", primary_key=True)
    hotel_id = models.PositiveIntegerField("hotel")
    timestamp = models.DateTimeField("event time", help_text="When it happened, UTC.")
    room_reservation_id = models.UUIDField("reservation", help_text="Reservation of one room.")
    night_of_stay = models.DateField("night of stay")
    rpg_status = models.PositiveSmallIntegerField("status", choices=Status.choices)
    source_id = models.BigIntegerField("sender's number", null=True, blank=True)
    recorded_at = models.DateTimeField(
        "recorded", default=now, help_text="When the ledger took it."
    )
    # Plain columns: beside a table of the senders' words, which has the same speed and saves 12 %
    # of the bytes, an event stays complete in itself, whatever is restored or cached.
    rate = RateField("rate", null=True, blank=True)
    currency = models.CharField("currency", max_length=3, null=True, blank=True)
    room_type = models.CharField("room type", max_length=MAX_WORD_CHARACTERS, null=True, blank=True)
    channel = models.CharField("channel", max_length=MAX_WORD_CHARACTERS, null=True, blank=True)
    segment = models.CharField("segment", max_length=MAX_WORD_CHARACTERS, null=True, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["timestamp", "id"]
        constraints = [
            # Hotel and time first, so that the same index serves reading by hotel and time, and
            # inserts in the order of time touch only its right edge.
            models.UniqueConstraint(
                fields=[
                    "hotel_id",
                    "timestamp",
                    "room_reservation_id",
                    "night_of_stay",
                    "rpg_status",
                ],
                name="event_identity",
            ),
            models.CheckConstraint(
                condition=models.Q(hotel_id__gte=1), name="event_hotel_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(rpg_status__in=[1, 2, 3]), name="event_status_known"
            ),
        ]
        indexes = [
            models.Index(fields=["timestamp", "id"], name="event_time"),
            models.Index(fields=["room_reservation_id"], name="event_reservation"),
        ]

    def __str__(self) -> str:
        return (
            f"{self.get_rpg_status_display()} of {self.night_of_stay}, hotel {self.hotel_id}, "
            f"reservation {self.room_reservation_id}"
        )

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError


class Reservation(models.Model):
    """What a sender last stated of a reservation; its room-nights and money are in the events.

    It is kept beside the events to tell an older snapshot from a newer one, and to know all rooms
    that the reservation ever had. It changes with each newer snapshot, in the same transaction.
    """

    id = models.BigAutoField(primary_key=True)
    hotel_id = models.PositiveIntegerField("hotel")
    reservation_id = models.CharField("sender's number", max_length=100)
    status = models.CharField(max_length=9)
    booked_at = models.DateTimeField("booked")
    updated_at = models.DateTimeField("stated as of")
    cancelled_at = models.DateTimeField("cancelled", null=True, blank=True)
    arrival = models.DateField("first night on the books", null=True, blank=True)
    rooms = models.JSONField(help_text="The ledger's reservation of each room, by its room_id.")
    digests = models.JSONField(help_text="Of the snapshots with this updated_at, in order.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hotel_id", "reservation_id"], name="one_row_per_reservation"
            )
        ]
        indexes = [models.Index(fields=["hotel_id", "arrival"], name="reservation_arrival")]

    def __str__(self) -> str:
        return f"{self.reservation_id}, hotel {self.hotel_id}"


class LedgerEpoch(models.Model):
    """The single row with the stored part of the ledger's epoch (`ledger/epoch.py`)."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    value = models.CharField(max_length=32)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_ledger_epoch")]

    def __str__(self) -> str:
        return self.value
