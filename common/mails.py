"""Mails to people: a text and the same as HTML, from templates of three names.

`NAME_subject.txt`, `NAME.txt` and `NAME.html`; the HTML extends common/mail_frame.html. Headers are
encoded, and no text can add one: line breaks and control characters become blanks.

Without a mail server (EMAIL_URL) Django writes mails to the log, where a link that gives access
must not be: whoever sends one asks `mail_is_sent` first.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

UNSENT = ("console", "dummy", "filebased")  # Django's backends that reach nobody
SUBJECT_LENGTH = 150  # a hotel's name may have 100 characters


def mail_is_sent() -> bool:
    """Return whether a mail server is set, so that mails reach people."""
    return settings.EMAIL_BACKEND.split(".")[-2] not in UNSENT


def public_address(path: str) -> str:
    """Return the address of a page as people open it from a mail."""
    return urljoin(f"{settings.PUBLIC_URL.rstrip('/')}/", path.lstrip("/"))


def one_line(text: str) -> str:
    """Return a text without line breaks and control characters, as a header may have it."""
    printable = (" " if unicodedata.category(letter) == "Cc" else letter for letter in text)
    return " ".join("".join(printable).split())


def build_mail(
    template: str,
    address: str,
    context: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
) -> EmailMultiAlternatives:
    """Return the mail of a template; it is not sent.

    Args:
        template: path and name, without the ending.
        headers: further ones.
    """
    values = dict(context)
    subject = one_line(render_to_string(f"{template}_subject.txt", values))
    mail = EmailMultiAlternatives(
        subject if len(subject) <= SUBJECT_LENGTH else f"{subject[: SUBJECT_LENGTH - 1]}…",
        render_to_string(f"{template}.txt", values),
        to=[address],
        # RFC 3834: no holiday answers
        headers={"Auto-Submitted": "auto-generated", **(headers or {})},
    )
    mail.attach_alternative(render_to_string(f"{template}.html", values), "text/html")
    return mail
