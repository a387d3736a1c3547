"""The ledger's tables: events, appended and never changed or deleted, and the archive of old ones.

A correction is another event. Saving, updating and deleting through the model raise; the one way
in is `data_provider.ledger.record`, which also keeps the promises of the feed, and the one way into
the archive is `data_provider.archiving`.
"""

import uuid
from typing import Any, NoReturn

from django.db import models
from django.utils.timezone import now


class AppendOnlyError(TypeError):
    """An event was about to be changed, deleted, or written past `ledger.record`."""

    def __init__(self) -> None:
        super().__init__(
            "the ledger is append-only: record a new event with data_provider.ledger.record"
        )


class EventQuerySet(models.QuerySet["Event"]):
    """Reads only."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    create = get_or_create = update_or_create = bulk_create = bulk_update = _refuse
    update = delete = _refuse


class Event(models.Model):
    """One room-night booked or cancelled, as a hotel's booking system reported it."""

    class Status(models.IntegerChoices):
        BOOKING = 1
        CANCELLATION = 2

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

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["timestamp", "id"]
        constraints = [
            # Hotel and time first: the same index serves reading by hotel and time, and inserts
            # in time order touch its right edge only.
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
                condition=models.Q(rpg_status__in=[1, 2]), name="event_status_known"
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


class ArchiveSegment(models.Model):
    """Some old events of one calendar month, packed (archive.py); written once."""

    # Not a number, which a ledger restored from a backup would use again for other events.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    events = models.PositiveIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    first_timestamp = models.DateTimeField()
    last_timestamp = models.DateTimeField()
    first_hotel = models.PositiveIntegerField()
    last_hotel = models.PositiveIntegerField()
    first_recorded_at = models.DateTimeField()
    # Last, so that SQLite need not read through them to the others.
    reservations = models.BinaryField(help_text="Which reservations it may hold.")
    packed = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["last_id", "first_id"], name="archive_position"),
            models.Index(fields=["last_timestamp", "first_timestamp"], name="archive_time"),
        ]

    def __str__(self) -> str:
        return f"{self.events} archived events from position {self.first_id} to {self.last_id}"


class ArchivedHotel(models.Model):
    """A hotel that has archived events."""

    hotel_id = models.PositiveIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}"
