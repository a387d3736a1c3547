"""Audit log of key changes and logins, one line each, in the logger "access".

Keys' texts and passwords are never logged.
"""

import getpass
import logging
import os
from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import ApiKey
from accounts.rate_limits import address

logger = logging.getLogger("access")


def _origin(request: HttpRequest | None) -> str:
    return f" from {address(request)}" if request is not None else ""


def operator() -> str:
    """Return the name of the system user who runs a command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"user {os.getuid()}"


def key_created(key: ApiKey, by: str) -> None:
    hotels = "all hotels" if key.all_hotels else f"hotels {' '.join(key.hotels.split())}"
    may = ", ".join(sorted(key.abilities))
    expiry = f", until {key.expiry_date:%Y-%m-%d}" if key.expiry_date else ""
    scope = f"{hotels}, {may}{expiry}"
    logger.info("key %s (%r) created by %s: %s", key.prefix, key.name, by, scope)


def key_changed(key: ApiKey, by: str, changes: str) -> None:
    logger.info("key %s (%r) changed by %s: %s", key.prefix, key.name, by, changes)


def key_revoked(key: ApiKey, by: str) -> None:
    logger.info("key %s (%r) revoked by %s", key.prefix, key.name, by)


def password_changed(user: Any, request: HttpRequest) -> None:
    logger.info("%s changed the password%s", user, _origin(request))


@receiver(user_logged_in)
def _logged_in(user: Any, request: HttpRequest | None = None, **_: Any) -> None:
    logger.info("%s logged in%s", user, _origin(request))


@receiver(user_logged_out)
def _logged_out(user: Any, request: HttpRequest | None = None, **_: Any) -> None:
    logger.info("%s logged out%s", user, _origin(request))


@receiver(user_login_failed)
def _login_failed(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    logger.warning("login failed for %r%s", credentials.get("username"), _origin(request))


@receiver(user_locked_out)
def _locked_out(username: str, request: HttpRequest | None = None, **_: Any) -> None:
    logger.warning("login of %r is locked%s", username, _origin(request))
