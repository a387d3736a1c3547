"""What hotels gave us to sign in to their booking systems, encrypted at rest.

Promises: the database holds ciphertext only (Fernet: AES-128-CBC and HMAC-SHA256). The first key of
CONNECTION_KEYS encrypts, each of them decrypts, so that a key is replaced without a pause: put the
new one in front, run `manage.py reencrypt_connection_secrets`, take the old one away. Without
CONNECTION_KEYS the key follows from DJANGO_SECRET_KEY.
"""

import base64
import hashlib
from collections.abc import Mapping

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

PURPOSE = b"roompricegenie: secrets of connections"


class SecretsUnreadable(Exception):
    """The stored secrets were encrypted with a key that is not among CONNECTION_KEYS."""


def encrypt(secrets: Mapping[str, str]) -> str:
    """Return named secrets as text for the database."""
    return _keys().encrypt(orjson.dumps(dict(secrets))).decode()


def decrypt(stored: str) -> dict[str, str]:
    """Return the named secrets of `encrypt`; none of an empty text. Raises: SecretsUnreadable."""
    if not stored:
        return {}
    try:
        return dict(orjson.loads(_keys().decrypt(stored.encode())))
    except InvalidToken as error:
        raise SecretsUnreadable(
            "the stored secrets cannot be decrypted: put the key that encrypted them back into "
            "CONNECTION_KEYS, or connect the booking system again"
        ) from error


def reencrypt(stored: str) -> str:
    """Return stored secrets encrypted with the first key. Raises: SecretsUnreadable."""
    return encrypt(decrypt(stored)) if stored else ""


def _keys() -> MultiFernet:
    keys = settings.CONNECTION_KEYS or [_key_of_secret_key()]
    return MultiFernet([Fernet(key) for key in keys])


def _key_of_secret_key() -> str:
    digest = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=PURPOSE[:16])
    return base64.urlsafe_b64encode(digest.digest()).decode()
