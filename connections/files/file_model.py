"""The files that a connection has seen: which of them are in the ledger, and what came of each."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FileState(models.TextChoices):
    """How far a file is. States only move forward, but for a ledger that was restored."""

    SEEN = "seen", _("waits until nobody writes it any more")
    SENT = "sent", _("is being read")
    TAKEN = "taken", _("in the ledger")
    KNOWN = "known", _("has the same content as an earlier one")
    REFUSED = "refused", _("could not be read")


ENDED_STATES = (FileState.TAKEN, FileState.KNOWN, FileState.REFUSED)
MAX_PLACE_LENGTH = 300


class ConnectionFile(models.Model):
    """A file with the size and time that it had; the same name with others is another one."""

    connection = models.ForeignKey("connections.Connection", models.CASCADE, related_name="files")
    place = models.CharField(max_length=MAX_PLACE_LENGTH, help_text="Its name, or its mail.")
    name = models.CharField(max_length=200, help_text="For people.")
    size = models.BigIntegerField()
    written_at = models.DateTimeField(help_text="As of when it states reservations.")
    state = models.CharField(max_length=7, choices=FileState.choices, default=FileState.SEEN)
    seen_at = models.DateTimeField(help_text="First, with this size and time.")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of its content.")
    upload = models.CharField(max_length=36, blank=True, help_text="Its number at the ledger.")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="To send it, that failed.")
    reservations = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0, help_text="Lines.")
    problem = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "place", "size", "written_at"], name="file_of_connection"
            )
        ]
        indexes = [models.Index(fields=["connection", "digest"], name="file_content")]

    def __str__(self) -> str:
        return self.name
