"""The stored links. Of a link's text only the hash is kept: it is shown once, when it is made."""

from django.conf import settings
from django.db import models
from django.utils import timezone

MAX_PURPOSE_LENGTH = 80


class ReadOnlyLink(models.Model):
    """A link to a hotel's report: who made it, until when it is valid, whether it was revoked."""

    hotel_id = models.PositiveIntegerField("hotel")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    purpose = models.CharField(max_length=MAX_PURPOSE_LENGTH, blank=True)
    made_by = models.CharField(max_length=200)
    # The link is valid as long as this user could make it; null in an open system only.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "read-only link"
        ordering = ["-id"]
        indexes = [models.Index(fields=["hotel_id", "expires_at"], name="read_only_link_hotel")]

    def __str__(self) -> str:
        return f"link {self.pk} to the report of hotel {self.hotel_id}"
