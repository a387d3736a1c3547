"""The audit log of a hotel, as its managers read it.

It has what was done to the hotel or to all hotels, and the logins of its people: of those who have
gone, until they were removed. What people do for other hotels is not in it.
"""

from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from accounts.audit_entry_model import ALL_HOTELS, Act, AuditEntry
from accounts.people.members import members_of

LISTED_NAMES = 500
FORMER_MEMBERS = 200  # the last ones


class AuditPage(NamedTuple):
    """Some entries of the log, newest first; `before` is where the next page begins, or None."""

    entries: list[AuditEntry]
    before: int | None


def entries_of(hotel_id: int, who: str | None = None) -> QuerySet[AuditEntry]:
    """Return the entries of a hotel, newest first.

    Args:
        who: the name of a person, key or command whose acts alone are wanted.
    """
    people = [member.user.pk for member in members_of(hotel_id)]
    visible = Q(hotel_id__in=(hotel_id, ALL_HOTELS)) | Q(hotel_id=None, user__in=people)
    removals = AuditEntry.objects.filter(hotel_id=hotel_id, act=Act.REMOVED)
    gone = removals.exclude(subject=None).exclude(subject__in=people)
    for user_id, removed_at in gone.values_list("subject", "at")[:FORMER_MEMBERS]:
        visible |= Q(hotel_id=None, user=user_id, at__lte=removed_at)
    entries = AuditEntry.objects.filter(visible)
    return entries.filter(who=who) if who else entries


def page_of(entries: QuerySet[AuditEntry], size: int, before: int | None = None) -> AuditPage:
    """Return the newest entries, or those before an entry."""
    older: Any = entries.filter(pk__lt=before) if before else entries
    rows = list(older[: size + 1])
    return AuditPage(rows[:size], rows[size - 1].pk if len(rows) > size else None)


def names_in(entries: QuerySet[AuditEntry]) -> list[str]:
    """Return the names of those who did something, in order."""
    names = entries.order_by("who").values_list("who", flat=True).distinct()
    return list(names[:LISTED_NAMES])
