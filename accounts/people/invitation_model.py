"""Rows of invitations: whom, for which hotels, in which role, and what became of it."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

VALID_FOR = timedelta(days=7)
MAX_ADDRESS = 150  # characters: the address becomes the user's name, which has as many


def new_secret() -> str:
    """Return a random text that makes the links from before it invalid."""
    return secrets.token_hex(16)


class Invitation(models.Model):
    """An invitation by mail. Its link has the secret, which each sending renews."""

    address = models.EmailField("mail address", max_length=MAX_ADDRESS)
    hotels = models.TextField()  # as HotelAccess has them
    role = models.CharField(max_length=10)  # a Role
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    invited_by_name = models.CharField(max_length=200)
    secret = models.CharField(max_length=32, default=new_secret, editable=False)
    sent_at = models.DateTimeField(default=timezone.now)
    is_mailed = models.BooleanField(default=False)
    mail_error = models.CharField(max_length=200, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-sent_at", "-id"]

    def __str__(self) -> str:
        return f"{self.address}: {self.hotels}"

    @property
    def expires_at(self) -> datetime:
        """The moment from which the link is of no use."""
        return self.sent_at + VALID_FOR

    @property
    def is_open(self) -> bool:
        """Whether it can be accepted still."""
        is_closed = self.accepted_at or self.withdrawn_at
        return not is_closed and timezone.now() < self.expires_at
