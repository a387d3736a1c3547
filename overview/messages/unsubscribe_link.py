"""Links at the end of mails that end one kind of them, for one user and hotel, without a login.

They are signed, so that nobody makes one for somebody else, and do not expire: a mail may be years
old. What they can do is end mails, nothing else.
"""

from __future__ import annotations

from typing import NamedTuple

from django.core import signing
from django.urls import reverse

from common.mails import public_address

SALT = "overview.unsubscribe"


class Subscription(NamedTuple):
    """The kind of mails that a link ends."""

    user_id: int
    hotel_id: int
    kind: str


def unsubscribe_address(subscription: Subscription) -> str:
    """Return the link that ends these mails."""
    token = signing.dumps(list(subscription), salt=SALT)
    return public_address(reverse("unsubscribe", args=[token]))


def read_token(token: str) -> Subscription | None:
    """Return what a link ends; None if it was not made here."""
    try:
        return Subscription(*signing.loads(token, salt=SALT))
    except (signing.BadSignature, TypeError, ValueError):
        return None


def unsubscribe_headers(address: str) -> dict[str, str]:
    """Return the headers by which mail programs offer to unsubscribe (RFC 2369, RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
