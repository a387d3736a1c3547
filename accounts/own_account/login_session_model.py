"""Rows of login sessions: from which browser and address, and when it was last used."""

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models

from accounts.own_account.browser_names import browser_name

MAX_BROWSER = 200  # characters of the User-Agent header


class LoginSession(models.Model):
    """A session of a logged-in user.

    The row goes with the session's. The database does not enforce it, because the version before
    these rows deletes sessions without knowing of them.
    """

    session = models.OneToOneField(Session, models.CASCADE, db_constraint=False, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    browser = models.CharField(max_length=MAX_BROWSER, blank=True)
    address = models.CharField(max_length=45)  # an IPv6 address has 45 characters at most
    began_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user}: {self.browser}"

    @property
    def short_browser(self) -> str:
        """What people call the browser."""
        return browser_name(self.browser)
