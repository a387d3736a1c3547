"""Audit log of logins, people and keys, and of what was changed of a hotel.

Each act is a line in the logger "access", for the operator, and a row (AuditEntry), which the
managers of its hotel read. Texts of keys, passwords, codes and links are never logged.
"""

import getpass
import logging
import os
from collections.abc import Iterable
from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.audit_entry_model import ALL_HOTELS, MAX_DETAILS, Act, AuditEntry
from accounts.models import ApiKey, parse_stored_hotels
from accounts.rate_limits import address
from common.access_rights import Access
from common.audited_changes import PROFILE, RULES, SECRET, hotel_changed

logger = logging.getLogger("access")

CHANGES = {
    PROFILE: Act.PROFILE_CHANGED,
    RULES: Act.RULES_CHANGED,
    SECRET: Act.SECRET_RENEWED,
}
USER_NUMBER = "user "  # what the number of a user's Access begins with


def _origin(request: HttpRequest | None) -> str:
    return f" from {address(request)}" if request is not None else ""


def operator() -> str:
    """Return the name of the system user who runs a command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"user {os.getuid()}"


def _write(
    act: Act,
    who: Any,
    *,
    hotels: Iterable[int | None] = (None,),
    subject: Any = None,
    details: str = "",
) -> None:
    """Write one row for each hotel.

    Args:
        who: a user, or the name of whoever else it was.
    """
    user_id, subject_id = getattr(who, "pk", None), getattr(subject, "pk", None)
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                hotel_id=hotel, user_id=user_id, who=str(who)[:200], act=act, subject_id=subject_id,
                details=details[:MAX_DETAILS],
            )
            for hotel in hotels
        ]
    )  # fmt: skip


def _hotels_of(key: ApiKey) -> list[int]:
    return [ALL_HOTELS] if key.all_hotels else sorted(parse_stored_hotels(key.hotels))


def key_created(key: ApiKey, by: Any) -> None:
    hotels = "all hotels" if key.all_hotels else f"hotels {' '.join(key.hotels.split())}"
    may = ", ".join(sorted(key.abilities))
    expiry = f", until {key.expiry_date:%Y-%m-%d}" if key.expiry_date else ""
    scope = f"{hotels}, {may}{expiry}"
    logger.info("key %s (%r) created by %s: %s", key.prefix, key.name, by, scope)
    details = f"{key.name} ({key.prefix}): {may}{expiry}"
    _write(Act.KEY_CREATED, by, hotels=_hotels_of(key), details=details)


def key_changed(key: ApiKey, by: Any, changes: str) -> None:
    logger.info("key %s (%r) changed by %s: %s", key.prefix, key.name, by, changes)
    details = f"{key.name} ({key.prefix}): {changes}"
    _write(Act.KEY_CHANGED, by, hotels=_hotels_of(key), details=details)


def key_revoked(key: ApiKey, by: Any) -> None:
    logger.info("key %s (%r) revoked by %s", key.prefix, key.name, by)
    _write(Act.KEY_REVOKED, by, hotels=_hotels_of(key), details=f"{key.name} ({key.prefix})")


def own_act(act: Act, user: Any, request: HttpRequest | None = None, details: str = "") -> None:
    """Log what a user did with their own login."""
    told = f" ({details})" if details else ""
    logger.info("%s %s%s%s", user, act.label, told, _origin(request))
    _write(act, user, details=details)


def act_on_person(
    act: Act,
    by: Any,
    hotels: Iterable[int],
    person: str,
    *,
    subject: Any = None,
    details: str = "",
) -> None:
    """Log an act of people's management.

    Args:
        by: the user who did it, or the name of a command.
        person: name or mail address of whom it concerns.
        subject: that person's user, if there is one.
    """
    numbers = sorted(hotels)
    told = f" ({details})" if details else ""
    named = ", ".join(map(str, numbers))
    logger.info("%s %s: %r, hotels %s%s", by, act.label, person, named, told)
    _write(act, by, hotels=numbers, subject=subject, details=f"{person}{told}")


@receiver(hotel_changed)
def _hotel_changed(access: Access, hotel_id: int, kind: str, details: str, **_: Any) -> None:
    act = CHANGES[kind]
    logger.info("%s %s: hotel %s (%s)", access.name, act.label, hotel_id, details)
    is_user = access.number.startswith(USER_NUMBER)
    number = access.number.removeprefix(USER_NUMBER)
    user = get_user_model()._default_manager.filter(pk=int(number)).first() if is_user else None
    _write(act, user or access.name, hotels=[hotel_id], details=details)


@receiver(user_logged_in)
def _logged_in(user: Any, request: HttpRequest | None = None, **_: Any) -> None:
    own_act(Act.LOGGED_IN, user, request)


@receiver(user_logged_out)
def _logged_out(user: Any, request: HttpRequest | None = None, **_: Any) -> None:
    if user is not None:
        own_act(Act.LOGGED_OUT, user, request)


@receiver(user_login_failed)
def _login_failed(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    name = credentials.get("username")
    logger.warning("login failed for %r%s", name, _origin(request))
    user = get_user_model()._default_manager.filter(username=name).first()
    if user is not None:
        _write(Act.LOGIN_FAILED, user)


@receiver(user_locked_out)
def _locked_out(username: str, request: HttpRequest | None = None, **_: Any) -> None:
    logger.warning("login of %r is locked%s", username, _origin(request))
