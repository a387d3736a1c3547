"""A forgotten password: a mail with a link to set a new one.

Whoever asks gets the same answer at once, whether the address has a login or not: a worker looks it
up. A link is valid for two hours, and until the password or the last login changes. A new password
ends all sessions; the second factor stays, so that a mailbox alone gives no access.
"""

import logging
from typing import Any
from urllib.parse import urljoin

import redis
from django import forms
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import get_language
from kombu.exceptions import OperationalError

from accounts import rate_limits
from accounts.language.language_choice import in_language_of
from common.mails import build_mail

logger = logging.getLogger(__name__)


class ForgottenForm(forms.Form):
    """Whose password is forgotten."""

    address = forms.EmailField(max_length=254)


def send_links(address: str, base_url: str, language: str = "") -> int:
    """Mail a link to each login of an address; return how many.

    Args:
        language: of the page on which it was asked for; a login's own comes first.
    Raises: OSError.
    """
    users: list[Any] = list(PasswordResetForm().get_users(address))
    if not users or rate_limits.is_mailbox_full(address):
        return 0
    for user in users:
        uid = urlsafe_base64_encode(force_bytes(user.pk))
        path = reverse("password-new", args=[uid, default_token_generator.make_token(user)])
        context = {"user": user, "link": urljoin(base_url, path)}
        with in_language_of(user, language):
            mail = build_mail("accounts/mails/password_reset", user.email, context)
        mail.send()
    return len(users)


def queue_links(task: Any, address: str, base_url: str) -> bool:
    """Have a worker send the links; return whether the queue took it."""
    try:
        headers = {"language": get_language()}
        task.apply_async((address, base_url), retry=False, headers=headers)
    except (OperationalError, redis.RedisError, OSError) as error:
        logger.error("a mail for a forgotten password was not queued: %s", error)
        return False
    return True
