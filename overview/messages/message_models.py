"""Messages, what each of them is about, and its way out by mail and webhook."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy


class Message(models.Model):
    """A message to a user about a hotel, in words; it stays in the user's inbox."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    hotel_id = models.PositiveIntegerField("hotel")
    kind = models.CharField(max_length=20, help_text="Of the alert; or `morning`.")
    title = models.CharField(max_length=200)
    text = models.TextField(help_text="Plain, without the address that the message leads to.")
    html = models.TextField(blank=True, default="", help_text="For mails; empty: as the text.")
    link = models.CharField(max_length=200, help_text="Path and query of a page.")
    facts = models.JSONField(default=dict, help_text="The same for programs.")
    made_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [
            models.Index(fields=["user", "made_at"], name="inbox"),
            models.Index(
                fields=["user"], name="inbox_unread", condition=models.Q(read_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"hotel {self.hotel_id}: {self.title}"


class MessageOccasion(models.Model):
    """One thing that a user was told of a hotel, which keeps it from being told again.

    It outlives its message, until the same occasion cannot come any more.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    hotel_id = models.PositiveIntegerField("hotel")
    key = models.CharField(max_length=100, help_text="As night-pickup/2026-07-04/2026-07-01.")
    message = models.ForeignKey(
        Message, models.SET_NULL, null=True, related_name="occasions", db_index=False
    )
    last_day = models.DateField(help_text="On which it could come again.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "hotel_id", "key"], name="told_once")
        ]

    def __str__(self) -> str:
        return f"user {self.user_id}, hotel {self.hotel_id}: {self.key}"


class Channel(models.TextChoices):
    """How a message leaves the system; in the inbox it is in any case."""

    MAIL = "mail", gettext_lazy("mail")
    WEBHOOK = "webhook", gettext_lazy("webhook")


class MessageSending(models.Model):
    """A message's way out by one channel: tried until it arrives, or is given up."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="sendings")
    channel = models.CharField(max_length=7, choices=Channel.choices)
    tries = models.PositiveSmallIntegerField(
        default=0, help_text="Also those that a worker did not survive."
    )
    next_try_at = models.DateTimeField(
        null=True, default=timezone.now, help_text="Empty: it arrived or is given up."
    )
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "channel"], name="sent_once_by_channel")
        ]
        indexes = [
            models.Index(
                fields=["channel", "next_try_at"],
                name="sending_due",
                condition=models.Q(next_try_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"message {self.message_id} by {self.channel}: {self.answer}"


class MessageWebhook(models.Model):
    """Where a user has messages about a hotel posted, signed as prices are."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    hotel_id = models.PositiveIntegerField("hotel")
    url = models.CharField(max_length=500)
    secret = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "hotel_id"], name="webhook_of_user_and_hotel")
        ]

    def __str__(self) -> str:
        return f"user {self.user_id}, hotel {self.hotel_id}"
