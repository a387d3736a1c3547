"""The position in the Data Provider's feed to which the figures count, of each share of the hotels.

It moves in the same transaction as the figures, which is what makes every event count exactly once.
"""

from django.db import models

# How long a share belongs to the updater that claimed it, since its last batch: longer than a run,
# and what the share of a killed updater waits at most.
CLAIM_SECONDS = 10


class FeedPosition(models.Model):
    """The last event of the feed that the figures count: one row, or one for each share.

    Share `share` of `shares` has the hotels whose id leaves the remainder `share`. Undivided, share
    0 of 1 is row 1, as the version before shares knows it. Divided, no share is row 1: a process of
    that version cannot insert it again, because share 0 exists, and so counts nothing. All rows are
    of one layout, and only `counting.share_layout` changes it.
    """

    ONLY = 1  # the row of the undivided feed

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    share = models.PositiveSmallIntegerField(unique=True, default=0, db_default=0)
    shares = models.PositiveSmallIntegerField(default=1, db_default=1)
    position = models.BigIntegerField(default=0)
    # Of the ledger that the position belongs to; empty before it is known.
    epoch = models.CharField(max_length=64, default="", db_default="", blank=True, editable=False)
    # The position to which room-nights were followed. It differs from `position` after a process of
    # an older version, which does not know them, counted events.
    room_night_position = models.BigIntegerField(default=0, db_default=0, editable=False)
    # Set by a migration that adds a table of counts: all hotels are rebuilt to fill it.
    rebuild_needed = models.BooleanField(default=False)
    # Which updater follows a share, and until when (`counting.share_claims`).
    claim = models.CharField(max_length=32, default="", db_default="", blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "feed position"
        ordering = ["share"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(id=1, share=0, shares=1)
                | models.Q(id=models.F("share") + 2, shares__gt=1, share__lt=models.F("shares")),
                name="feed_position_of_a_share",
            )
        ]

    @classmethod
    def of_share(cls, share: int, shares: int) -> "FeedPosition":
        """Return an unsaved position of a share, at 0."""
        return cls(id=cls.ONLY if shares == 1 else share + 2, share=share, shares=shares)

    @classmethod
    def all_shares(cls) -> "list[FeedPosition]":
        """Return the stored positions by share, or an unsaved one at 0 before the first event."""
        return list(cls.objects.all()) or [cls.of_share(0, 1)]

    @classmethod
    def current(cls) -> "FeedPosition":
        """Return the position of the share that is furthest behind."""
        return min(cls.all_shares(), key=lambda row: row.position)

    @classmethod
    def of_hotel(cls, hotel_id: int) -> "FeedPosition":
        """Return the position of a hotel's share."""
        rows = cls.all_shares()
        return rows[hotel_id % len(rows)]

    @property
    def feed_share(self) -> tuple[int, int] | None:
        """Return share and number of shares, as the feed is asked for; None for the whole feed."""
        return (self.share, self.shares) if self.shares > 1 else None

    def has_hotel(self, hotel_id: int) -> bool:
        """Return whether a hotel is of this share."""
        return hotel_id % self.shares == self.share

    def __str__(self) -> str:
        of_share = f", share {self.share} of {self.shares}" if self.shares > 1 else ""
        return f"event {self.position}{of_share}"
