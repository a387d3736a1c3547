"""The people of a hotel: who they are, changing a role, removing somebody.

Whoever acts manages the hotel at that moment: it is checked again with both rows locked, so that
two managers who remove each other do not both succeed. Nobody acts on themselves, so that a hotel
that has a manager keeps one.
"""

from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import router, transaction
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import audit_log
from accounts.audit_entry_model import Act
from accounts.hotel_roles import (
    give_role,
    lock_roles,
    stored_roles,
    take_role,
    user_access,
    users_who_decide_by_permission,
)
from accounts.models import HotelAccess, Role
from accounts.people.people_error import PeopleError

OWN_ROLE = _("Nobody changes their own role: ask another manager of the hotel, or the operator.")
NO_MANAGER = _("You do not manage this hotel any more.")
NO_MEMBER = _("This person is not one of the hotel's people any more.")


class Member(NamedTuple):
    """A user of a hotel."""

    user: Any
    role: Role
    decides_by_permission: bool  # the operator lets them decide about all of their hotels
    has_second_factor: bool


def members_of(hotel_id: int) -> list[Member]:
    """Return the people of a hotel, by name. Staff see it too, and are not listed."""
    roles = {
        row.user: role
        for row in _rows_with(hotel_id)
        if (role := stored_roles(row).get(hotel_id)) is not None
    }
    keys = [user.pk for user in roles]
    devices = TOTPDevice.objects.filter(user__in=keys, confirmed=True)
    with_factor = set(devices.values_list("user_id", flat=True))
    deciding = users_who_decide_by_permission(keys)
    members = [
        Member(user, role, user.pk in deciding, user.pk in with_factor)
        for user, role in roles.items()
    ]
    return sorted(members, key=lambda member: str(member.user).casefold())


def _rows_with(hotel_id: int) -> Any:
    # Finds the digits in longer numbers, too; the caller reads the numbers.
    rows = HotelAccess.objects.filter(hotels__contains=str(hotel_id))
    return rows.select_related("user")


def change_role(*, by: Any, hotel_id: int, user_id: int, role: Role) -> Any:
    """Give a member another role; return their user. Raises: PeopleError."""
    with transaction.atomic(using=router.db_for_write(HotelAccess)):
        user, former = _lock_member(by, hotel_id, user_id)
        give_role(user, [hotel_id], role)
        if former != role:
            audit_log.act_on_person(
                Act.ROLE_CHANGED, by, [hotel_id], str(user),
                subject=user, details=f"{former.value} → {role.value}",
            )  # fmt: skip
    return user


def remove(*, by: Any, hotel_id: int, user_id: int) -> Any:
    """Take a hotel from a member, at once; return their user. Raises: PeopleError."""
    with transaction.atomic(using=router.db_for_write(HotelAccess)):
        user, former = _lock_member(by, hotel_id, user_id)
        take_role(user, hotel_id)
        audit_log.act_on_person(
            Act.REMOVED, by, [hotel_id], str(user), subject=user, details=former.value
        )
    return user


def _lock_member(by: Any, hotel_id: int, user_id: int) -> tuple[Any, Role]:
    if user_id == by.pk:
        raise PeopleError(OWN_ROLE)
    rows = lock_roles({by.pk, user_id})
    if not user_access(by).may_manage_people(hotel_id):
        raise PeopleError(NO_MANAGER)
    role = stored_roles(rows[user_id]).get(hotel_id) if user_id in rows else None
    if role is None:
        raise PeopleError(NO_MEMBER)
    return get_user_model()._default_manager.get(pk=user_id), role
