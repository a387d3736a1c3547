"""Groups of hotels: who sees them, and who may make, change and delete them.

A user sees the groups with at least one hotel of theirs, and of each only their own hotels; that a
group has others, nobody learns. To change a group one needs the right to change hotels, and to see
every hotel in it, so that nobody takes away what they cannot see.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import router, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.access_rights import Ability, Access
from common.number_and_date_texts import number_text
from overview.models import GroupMember, HotelGroup
from overview.portfolio.portfolio_models import MAX_NAME_LENGTH

MAX_GROUPS = 200  # that one user sees
MAX_GROUP_HOTELS = 900  # a form has at most 1,000 fields


class InvalidGroup(ValueError):
    """A group cannot be saved so; nothing was changed. The message says why."""


@dataclass(frozen=True, kw_only=True)
class VisibleGroup:
    """A group as a user sees it."""

    number: int
    name: str
    hotels: frozenset[int]  # the user's own
    may_change: bool


def visible_groups(access: Access) -> list[VisibleGroup]:
    """Return the groups that a user sees, by name. Raises: django.db.Error."""
    members: dict[int, set[int]] = {}
    for group_id, hotel_id in GroupMember.objects.values_list("group_id", "hotel_id"):
        members.setdefault(group_id, set()).add(hotel_id)
    groups = []
    for group in HotelGroup.objects.filter(pk__in=members):
        every = members[group.pk]
        own = frozenset(filter(access.may_see, every))
        if own:
            may_change = all(access.may(Ability.CHANGE_HOTELS, hotel) for hotel in every)
            groups.append(
                VisibleGroup(number=group.pk, name=group.name, hotels=own, may_change=may_change)
            )
    return groups


def save_group(
    access: Access, number: int | None, name: str, hotels: Collection[int]
) -> VisibleGroup:
    """Make a group, or change its name and hotels.

    Args:
        number: of the group to change; None for a new one.
    Raises:
        InvalidGroup: the name is empty, too long or that of another group that the user sees;
            there are no hotels, too many, or ones that the user may not change; or there is no
            such group that the user may change.
        django.db.Error.
    """
    name = " ".join(name.split())
    if Ability.CHANGE_HOTELS not in access.abilities:
        raise InvalidGroup(
            _("%(name)s may not change hotels, and so makes no groups.") % {"name": access.name}
        )
    if not name:
        raise InvalidGroup(_("Give the group a name."))
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidGroup(
            _("The name has %(number)d characters; at most %(most)d fit.")
            % {"number": len(name), "most": MAX_NAME_LENGTH}
        )
    if not hotels:
        raise InvalidGroup(_("Choose the hotels of the group."))
    if len(hotels) > MAX_GROUP_HOTELS:
        raise InvalidGroup(
            _("A group has at most %(most)s hotels.") % {"most": number_text(MAX_GROUP_HOTELS)}
        )
    if not all(access.may(Ability.CHANGE_HOTELS, hotel) for hotel in hotels):
        raise InvalidGroup(_("Some of the hotels are not yours to change."))
    with transaction.atomic(using=router.db_for_write(HotelGroup)):
        groups = visible_groups(access)
        if any(group.name == name and group.number != number for group in groups):
            raise InvalidGroup(_("There is a group “%(name)s” already.") % {"name": name})
        if number is None:
            if len(groups) >= MAX_GROUPS:
                raise InvalidGroup(
                    _("There are %(number)d groups; delete one first.") % {"number": MAX_GROUPS}
                )
            group = HotelGroup.objects.create(name=name, made_by=access.name)
        else:
            group = _changeable(access, groups, number)
            group.name, group.changed_at = name, timezone.now()
            group.save(update_fields=["name", "changed_at"])
            group.members.all().delete()
        GroupMember.objects.bulk_create(
            GroupMember(group=group, hotel_id=hotel) for hotel in sorted(set(hotels))
        )
    return VisibleGroup(number=group.pk, name=name, hotels=frozenset(hotels), may_change=True)


def delete_group(access: Access, number: int) -> None:
    """Delete a group; its hotels stay. Raises: InvalidGroup, django.db.Error."""
    with transaction.atomic(using=router.db_for_write(HotelGroup)):
        _changeable(access, visible_groups(access), number).delete()


def _changeable(access: Access, groups: list[VisibleGroup], number: int) -> HotelGroup:
    """Return a group that the user may change. Raises: InvalidGroup."""
    group = next((group for group in groups if group.number == number), None)
    if group is None:
        raise InvalidGroup(_("There is no such group; perhaps somebody has deleted it."))
    if not group.may_change:
        raise InvalidGroup(
            _("%(name)s may not change the group “%(group)s”.")
            % {"name": access.name, "group": group.name}
        )
    return HotelGroup.objects.select_for_update().get(pk=number)
