"""Creation and revocation of API keys, each with its line in the audit log.

The admin and the management commands both call this module. A key's text is returned once, when it
is created; only its hash is stored.
"""

import os
from pathlib import Path
from typing import Any, cast

from accounts import audit_log
from accounts.models import ApiKey
from common.access_rights import Ability

SERVICE_NAME = "RoomPriceGenie's own services"
# The dashboard reads events; connections to booking systems state reservations, read prices, and
# report what became of them there, a person's change included.
SERVICE_ABILITIES = frozenset(
    {
        Ability.READ_EVENTS,
        Ability.WRITE_EVENTS,
        Ability.READ_DASHBOARD,
        Ability.READ_PRICES,
        Ability.SET_PRICES,
    }
)


def create_key(key: ApiKey, *, by: Any) -> str:
    """Validate and save a new key; return its text.

    Args:
        by: the user who creates it, or the name of the command that does, for the audit log.

    Raises:
        ValidationError: the key's fields are not valid together.
    """
    key.full_clean(exclude=["id", "prefix", "hashed_key"])
    key_text: str = ApiKey.objects.assign_key(key)
    key.save()
    audit_log.key_created(key, by)
    return key_text


def revoke_key(key: ApiKey, *, by: Any) -> None:
    """Revoke a key, which cannot be undone; the next request with it is refused."""
    key.revoked = True
    key.save()
    audit_log.key_revoked(key, by)


def create_service_key_file(file: Path, *, by: Any) -> bool:
    """Write a key for all that the services ask of each other, unless the file has a valid one.

    Only the owner can read the file. It is renamed into place, as a worker may read it at any time.

    Returns:
        whether a key was created.

    Raises:
        OSError: the file cannot be written. If it cannot be created, no key is created either.
    """
    draft = file.with_suffix(".draft")
    if file.is_file() and _does_all(file.read_text(errors="replace").strip()):
        return False
    if file.is_dir():
        raise IsADirectoryError("it is a folder")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        abilities = {str(ability): True for ability in SERVICE_ABILITIES}
        key = ApiKey(name=SERVICE_NAME, all_hotels=True, **abilities)
        opened.write(create_key(key, by=by) + "\n")
    draft.rename(file)
    return True


def _does_all(key_text: str) -> bool:
    # PostgreSQL takes no NUL in a query.
    if "\0" in key_text or not ApiKey.objects.is_valid(key_text):
        return False
    access = cast(ApiKey, ApiKey.objects.get_from_key(key_text)).access()
    return access.hotels is None and access.abilities >= SERVICE_ABILITIES
