"""The second factor of a login: a code of an authenticator app (TOTP, RFC 6238) or a recovery code.

A user without a confirmed device logs in by password alone. Recovery codes work once each; only a
keyed hash of them is stored. A code that was used is not taken again, and after a wrong one
django-otp has everybody wait, for twice as long each time.
"""

import secrets
from typing import Any

from django.db import router, transaction
from django.utils.crypto import salted_hmac
from django_otp import verify_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

CODES = 10
CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look like another one
CODE_LENGTH = 10  # 31 ** 10: 49 bits
HASH_LENGTH = 16  # hexadecimal digits, which the column has room for
SALT = "accounts.recovery_code"


def confirmed_device(user: Any) -> TOTPDevice | None:
    """Return the user's authenticator app, once it was tried; None without a second factor."""
    return TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).first()


def device_to_enrol(user: Any) -> TOTPDevice:
    """Return the device whose QR code a user scans; it counts from `confirm` on."""
    device: TOTPDevice
    device, _ = TOTPDevice.objects.get_or_create(
        user_id=user.pk, confirmed=False, defaults={"name": "authenticator app"}
    )
    return device


def confirm(user: Any, code: str) -> list[str] | None:
    """Turn the second factor on if the app that scanned the QR code shows this code.

    Return: the recovery codes, which nobody can show again; None for a wrong code.
    """
    device = device_to_enrol(user)
    if verify_token(user, device.persistent_id, plain_code(code)) is None:
        return None
    with transaction.atomic(using=router.db_for_write(TOTPDevice)):
        TOTPDevice.objects.filter(user_id=user.pk).exclude(pk=device.pk).delete()
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
        return make_recovery_codes(user)


def turn_off(user: Any) -> None:
    """Let a user log in by password alone."""
    with transaction.atomic(using=router.db_for_write(TOTPDevice)):
        TOTPDevice.objects.filter(user_id=user.pk).delete()
        StaticDevice.objects.filter(user_id=user.pk).delete()


def make_recovery_codes(user: Any) -> list[str]:
    """Replace a user's recovery codes; return them, like "abcde-fghjk"."""
    with transaction.atomic(using=router.db_for_write(StaticDevice)):
        StaticDevice.objects.filter(user_id=user.pk).delete()
        device = StaticDevice.objects.create(user_id=user.pk, name="recovery codes")
        codes = ["".join(map(secrets.choice, [CODE_LETTERS] * CODE_LENGTH)) for _ in range(CODES)]
        StaticToken.objects.bulk_create(
            [StaticToken(device=device, token=_hash(user, code)) for code in codes]
        )
    half = CODE_LENGTH // 2
    return [f"{code[:half]}-{code[half:]}" for code in codes]


def recovery_codes_left(user: Any) -> int:
    """Return how many recovery codes were not used yet."""
    return int(StaticToken.objects.filter(device__user_id=user.pk).count())


def is_right_code(user: Any, code: str) -> bool:
    """Return whether a code of the app is right and new."""
    device = confirmed_device(user)
    return device is not None and bool(verify_token(user, device.persistent_id, plain_code(code)))


def use_recovery_code(user: Any, code: str) -> bool:
    """Use up a recovery code; return whether it was one."""
    device = StaticDevice.objects.filter(user_id=user.pk).first()
    hashed = _hash(user, plain_code(code))
    return device is not None and bool(verify_token(user, device.persistent_id, hashed))


def plain_code(code: str) -> str:
    """Return a typed code without blanks and hyphens, in small letters."""
    return "".join(code.split()).replace("-", "").lower()


def looks_like_recovery_code(code: str) -> bool:
    """Return whether a typed code is a recovery code rather than the app's six digits."""
    return len(plain_code(code)) == CODE_LENGTH


def _hash(user: Any, code: str) -> str:
    return salted_hmac(SALT, f"{user.pk}:{code}", algorithm="sha256").hexdigest()[:HASH_LENGTH]
