"""Reports of changes that a hotel's audit log has, from apps that do not know who keeps the log.

A report comes after the change and must not fail it: a receiver's error is logged, and that is all.
"""

import logging
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.dispatch import Signal

from common.access_rights import Access

logger = logging.getLogger(__name__)

#: Something of a hotel was changed by a person or key. Arguments: access (of who did it), hotel_id,
#: kind (PROFILE, RULES or SECRET), details (text).
hotel_changed = Signal()

PROFILE, RULES, SECRET = "profile", "rules", "secret"
_ONE_VALUE = (str, int, float, Decimal, bool, type(None))


def report_change(access: Access, hotel_id: int, kind: str, details: str = "") -> None:
    """Report a change that was made."""
    answers = hotel_changed.send_robust(
        sender=None, access=access, hotel_id=hotel_id, kind=kind, details=details
    )
    for _, error in answers:
        if isinstance(error, Exception):
            logger.error("a change of hotel %s is missing in the audit log: %s", hotel_id, error)


def describe_changes(
    before: Mapping[str, Any], after: Mapping[str, Any], names: Iterable[str]
) -> str:
    """Return what differs between two states, like "events; rooms: 10 → 12".

    Args:
        names: of values. Single ones are told, of lists and secrets only that they differ.
    """
    told = []
    for name in sorted(names):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        is_told = isinstance(old, _ONE_VALUE) and isinstance(new, _ONE_VALUE)
        if is_told and not name.startswith("webhook"):
            told.append(f"{name}: {_text(old)} → {_text(new)}")
        else:
            told.append(name)
    return "; ".join(told)


def _text(value: Any) -> str:
    return "none" if value is None or value == "" else str(value)
