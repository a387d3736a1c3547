"""Calendars that a hotel reads for events, and what it found in them.

An event that was found stays here as long as a person's answer to it counts: one that was dismissed
is never proposed again, one that was accepted is compared with the calendar each day.
"""

from django.db import models
from django.utils import timezone

MAX_ADDRESS_CHARACTERS = 1_000
MAX_EVENT_NAME = 60  # as of an event of the pricing rules


class EventCalendar(models.Model):
    """An address of an iCalendar file, and how it was read the last time."""

    hotel_id = models.PositiveIntegerField("hotel")
    address = models.CharField(max_length=MAX_ADDRESS_CHARACTERS)
    added_by = models.CharField(max_length=200)
    added_at = models.DateTimeField(default=timezone.now)
    # What the server gave with the file, for asking whether it has another one.
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    next_read_at = models.DateTimeField(default=timezone.now, db_index=True)
    claimed_until = models.DateTimeField(null=True)  # by who reads it now
    read_at = models.DateTimeField(null=True)  # or found to be unchanged
    parsed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)  # why it was not read the last time
    notice = models.CharField(max_length=300, blank=True)  # what of it could not be used

    class Meta:
        verbose_name = "event calendar"
        ordering = ["hotel_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["hotel_id", "address"], name="event_calendar_address")
        ]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}, event calendar {self.pk}"


class Answer(models.TextChoices):
    """What a person said to an event of a calendar."""

    OPEN = "open", "not answered"
    ACCEPTED = "accepted", "in the pricing rules"
    DISMISSED = "dismissed", "not wanted"


class FoundEvent(models.Model):
    """An event of a calendar, as the calendar has it and as the hotel's rules took it."""

    calendar = models.ForeignKey(EventCalendar, on_delete=models.CASCADE, related_name="events")
    key = models.CharField(max_length=64, help_text="Of the entry and its occurrence.")
    uid = models.CharField(max_length=64, help_text="Of the entry alone.")
    name = models.CharField(max_length=MAX_EVENT_NAME)
    first = models.DateField("first night")
    last = models.DateField("last night")
    proposed_factor = models.FloatField(null=True)  # learned from the same event before
    answer = models.CharField(max_length=9, choices=Answer.choices, default=Answer.OPEN)
    answered_at = models.DateTimeField(null=True)
    # As the pricing rules have it since it was accepted.
    rule_name = models.CharField(max_length=MAX_EVENT_NAME, blank=True)
    rule_first = models.DateField(null=True)
    rule_last = models.DateField(null=True)
    # The nights that a person was asked about last: another proposal follows only another change.
    told_first = models.DateField(null=True)
    told_last = models.DateField(null=True)
    vanished_at = models.DateTimeField(null=True)
    is_vanishing_told = models.BooleanField(default=False)
    found_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "event of a calendar"
        ordering = ["first", "last", "id"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "key"], name="found_event_of_calendar")
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.first} to {self.last}"
