"""Checks and recounts of hotels: reports, the round of checks that goes on, what waits.

Workers take hotels by claims that expire, so a hotel that a killed worker had is taken by the next.
"""

from django.db import models


class CheckReport(models.Model):
    """The result of one check of all hotels against a recount, written when it is complete.

    What a version that did not know it left out is None.
    """

    checked_at = models.DateTimeField(auto_now_add=True)
    begun_at = models.DateTimeField("begun", null=True)
    hotels = models.PositiveIntegerField("hotels checked", null=True)
    events = models.PositiveBigIntegerField("events recounted")
    counts = models.PositiveBigIntegerField("counts compared")
    differences = models.PositiveIntegerField("counts that differed")
    repaired = models.BooleanField(default=False)
    repaired_hotels = models.PositiveIntegerField("hotels repaired", null=True)
    unchecked_hotels = models.PositiveIntegerField("hotels that could not be checked", null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M}: {self.differences} differences"


class CheckRound(models.Model):
    """The single row with the scheduled round of checks: which it is, and how far it is.

    A round takes every hotel once. Its numbers grow in the transaction in which a hotel ceases to
    wait, so that they add up whatever worker dies.
    """

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    number = models.PositiveIntegerField(default=0)  # 0 before the first round
    is_open = models.BooleanField(default=False)
    is_listed = models.BooleanField(default=False)  # its hotels are known
    begun_at = models.DateTimeField("begun", null=True)
    hotels = models.PositiveIntegerField(default=0)
    checked = models.PositiveIntegerField("hotels checked", default=0)
    events = models.PositiveBigIntegerField("events recounted", default=0)
    counts = models.PositiveBigIntegerField("counts compared", default=0)
    differences = models.PositiveIntegerField("counts that differed", default=0)
    repaired_hotels = models.PositiveIntegerField("hotels repaired", default=0)
    unchecked_hotels = models.PositiveIntegerField("hotels that could not be checked", default=0)

    class Meta:
        verbose_name = "round of checks"
        verbose_name_plural = "round of checks"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_check_round")]

    def __str__(self) -> str:
        return f"round {self.number}: {self.checked} of {self.hotels} hotels"


class ClaimedHotel(models.Model):
    """A hotel that one worker at a time works on; its claim ends by itself."""

    hotel_id = models.PositiveIntegerField("hotel", primary_key=True)
    claim = models.CharField(max_length=32, default="", blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}"


class HotelCheck(ClaimedHotel):
    """The last check of one hotel, and whether it waits in a round."""

    round = models.PositiveIntegerField(default=0)  # the last one that it was or is part of
    is_waiting = models.BooleanField(default=False)
    failures = models.PositiveSmallIntegerField(default=0)  # in this round
    checked_at = models.DateTimeField("checked", null=True)
    position = models.BigIntegerField("up to event", default=0)
    events = models.PositiveBigIntegerField("events recounted", default=0)
    counts = models.PositiveBigIntegerField("counts compared", default=0)
    differences = models.PositiveIntegerField("counts that differed", default=0)
    repaired = models.BooleanField(default=False)

    class Meta:
        verbose_name = "last check of a hotel"
        verbose_name_plural = "last checks by hotel"
        ordering = ["hotel_id"]
        indexes = [
            models.Index(
                fields=["checked_at"], condition=models.Q(is_waiting=True), name="check_waiting"
            )
        ]


class HotelRecount(ClaimedHotel):
    """A hotel that waits to be recounted from the ledger; the row goes with its new figures.

    `request` is another text after each request of all hotels: a recount that was begun before it
    does not count. `is_of_all` is True where that is the reason: the figures may be those of a
    former ledger, or lack rows of a new table.
    """

    request = models.CharField(max_length=32)
    is_of_all = models.BooleanField(default=False)
    requested_at = models.DateTimeField("requested", auto_now_add=True)

    class Meta:
        verbose_name = "waiting recount"
        ordering = ["hotel_id"]
