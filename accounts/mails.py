"""Mails to people: a text and the same as HTML, from templates/accounts/mails/.

Without a mail server (EMAIL_URL) Django writes mails to the log, where a link that gives access
must not be: whoever sends one asks `mail_is_sent` first.
"""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

UNSENT = ("console", "dummy", "filebased")  # Django's backends that reach nobody


def mail_is_sent() -> bool:
    """Return whether a mail server is set, so that mails reach people."""
    return settings.EMAIL_BACKEND.split(".")[-2] not in UNSENT


def send_mail_of(name: str, address: str, context: dict[str, Any]) -> None:
    """Send the mail of this name. Raises: OSError, smtplib's errors among them."""
    template = f"accounts/mails/{name}"
    subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
    mail = EmailMultiAlternatives(
        subject,
        render_to_string(f"{template}.txt", context),
        to=[address],
        headers={"Auto-Submitted": "auto-generated"},  # RFC 3834: no holiday answers
    )
    mail.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    mail.send()
