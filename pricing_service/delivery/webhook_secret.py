"""Secrets and signatures of webhooks, as Standard Webhooks (standardwebhooks.com) defines them.

A secret is `whsec_` and the base64 of 24 to 64 random bytes, and those bytes are the key of the
HMAC-SHA256 over `id.timestamp.body`. For OLD_SECRET_VALID after a change of the secret each post
has two signatures, so that receivers can change theirs at any time of that day.

Secrets that were set before the form was checked keep working as they did: the key is their text.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from pricing_service.models import PricingRules

PREFIX = "whsec_"
LEAST_BYTES, MOST_BYTES = 24, 64
NEW_BYTES = 32
OLD_SECRET_VALID = timedelta(days=1)


def new_secret() -> str:
    """Return a random secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(NEW_BYTES)).decode()


def check_secret(secret: str) -> None:
    """Check the form of a secret when it is told. Raises: ValidationError."""
    if _decode(secret) is None:
        raise ValidationError(
            _(
                "must be %(prefix)s and the base64 of %(least)d to %(most)d random bytes; leave it "
                "out to have one made"
            )
            % {"prefix": PREFIX, "least": LEAST_BYTES, "most": MOST_BYTES}
        )


def change_secret(rules: PricingRules, secret: str) -> None:
    """Give the rules another secret, unsaved; the one before stays valid for OLD_SECRET_VALID."""
    if secret == rules.webhook_secret:
        return
    rules.webhook_old_secret = rules.webhook_secret if secret else ""
    rules.webhook_old_secret_until = (
        timezone.now() + OLD_SECRET_VALID if rules.webhook_old_secret else None
    )
    rules.webhook_secret = secret


def valid_secrets(rules: PricingRules) -> list[str]:
    """Return the secrets that sign a hotel's posts now, the newest first."""
    until = rules.webhook_old_secret_until
    is_old_valid = rules.webhook_old_secret and until is not None and until > timezone.now()
    return [rules.webhook_secret, *([rules.webhook_old_secret] if is_old_valid else [])]


def signed_headers(valid: Sequence[str], delivery_id: str, body: bytes) -> dict[str, str]:
    """Return the headers of a post of JSON, signed now.

    Args:
        delivery_id: the same for every post of the same content.
    """
    timestamp = str(int(timezone.now().timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "RoomPriceGenie",
        "webhook-id": delivery_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": sign(valid, delivery_id, timestamp, body),
    }


def sign(valid: Sequence[str], delivery_id: str, timestamp: str, body: bytes) -> str:
    """Return the header `webhook-signature`: a signature with each secret, newest first."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    digests = [hmac.new(_key(secret), signed, hashlib.sha256).digest() for secret in valid]
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


def _key(secret: str) -> bytes:
    decoded = _decode(secret)
    return secret.encode() if decoded is None else decoded


def _decode(secret: str) -> bytes | None:
    """Return the bytes of a secret of the standard form; None for any other."""
    if not secret.startswith(PREFIX):
        return None
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if LEAST_BYTES <= len(key) <= MOST_BYTES else None
