"""Rows of the audit log: who did what, when, for which hotel.

A row is about one hotel, about ALL_HOTELS, or, without a hotel, about the person themselves (a
login, a changed password). Rows are written by audit_log.py, which also writes the log's lines, and
are never changed.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

ALL_HOTELS = 0
MAX_DETAILS = 500  # characters


class Act(models.TextChoices):
    """What somebody did."""

    LOGGED_IN = "login", _("logged in")
    LOGGED_OUT = "logout", _("logged out")
    LOGIN_FAILED = "login-failed", _("failed to log in")
    PASSWORD_CHANGED = "password", _("changed the password")  # no password
    PASSWORD_RESET = "password-reset", _("set a new password by a mailed link")
    FACTOR_ON = "factor-on", _("turned the second factor on")
    FACTOR_OFF = "factor-off", _("turned the second factor off")
    RECOVERY_USED = "recovery-used", _("logged in with a recovery code")
    RECOVERY_RENEWED = "recovery-new", _("made new recovery codes")
    SESSIONS_ENDED = "sessions-ended", _("ended own sessions")
    INVITED = "invited", _("invited")
    INVITATION_RESENT = "resent", _("sent the invitation again")
    WITHDRAWN = "withdrawn", _("withdrew the invitation")
    JOINED = "joined", _("accepted the invitation")
    ROLE_CHANGED = "role", _("changed the role")
    REMOVED = "removed", _("removed from the hotel")
    ASSIGNED = "assigned", _("assigned hotels in the admin")
    KEY_CREATED = "key-created", _("created an API key")
    KEY_CHANGED = "key-changed", _("changed an API key")
    KEY_REVOKED = "key-revoked", _("revoked an API key")
    PROFILE_CHANGED = "profile", _("changed the hotel's profile")
    RULES_CHANGED = "rules", _("changed the pricing rules")
    SECRET_RENEWED = "secret", _("made another secret for the webhook")


class AuditEntry(models.Model):
    """One act. `user` is who did it, `subject` the user it was done to, if they have a login."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    hotel_id = models.PositiveIntegerField("hotel", null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    who = models.CharField(max_length=200)  # stays when the user is deleted; also keys, commands
    act = models.CharField(max_length=20, choices=Act)
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    details = models.CharField(max_length=MAX_DETAILS, blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["hotel_id", "-id"], name="audit_of_a_hotel"),
            models.Index(fields=["user", "-id"], name="audit_of_a_user"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.who} {self.get_act_display()} {self.details}"
