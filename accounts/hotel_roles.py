"""Roles of users with hotels: who sees a hotel, decides about its prices, manages it.

Each role includes the one before. Who manages a hotel changes its profile, sends its events, and
invites and removes its people. Roles are stored with the user (HotelAccess) and read anew for each
request, so that a change takes effect at once. Two ways give more, as they did before there were
roles: staff see all hotels, and Django's permissions hold for all hotels that a user sees.
"""

from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import MAX_HOTELS, HotelAccess, Role, parse_stored_hotels
from common.access_rights import Ability, Access
from common.number_and_date_texts import number_text

READING = frozenset({Ability.READ_EVENTS, Ability.READ_DASHBOARD, Ability.READ_PRICES})
STAFF_READING = READING | {Ability.READ_METRICS}
STAFF_PERMISSIONS = {
    Ability.WRITE_EVENTS: "data_provider.add_event",
    Ability.CHANGE_HOTELS: "dashboard_service.change_hotelprofile",
}
# Staff or not, a user who sees a hotel's prices may be permitted to decide about them.
PERMISSIONS = {Ability.SET_PRICES: "pricing_service.change_nightprice"}


ABILITIES_OF_ROLES = {
    Role.SEE: READING,
    Role.DECIDE: READING | {Ability.SET_PRICES},
    Role.MANAGE: READING | {Ability.SET_PRICES, Ability.CHANGE_HOTELS, Ability.WRITE_EVENTS},
}


def user_access(user: Any) -> Access:
    """Return the rights of a logged-in user: by the roles with their hotels, and by permissions.

    Staff see all hotels; superusers may change everything.
    """
    permissions = PERMISSIONS | STAFF_PERMISSIONS if user.is_staff else PERMISSIONS
    everywhere = (STAFF_READING if user.is_staff else READING) | {
        ability for ability, permission in permissions.items() if user.has_perm(permission)
    }
    roles = roles_of(user)
    limited: dict[Ability, set[int]] = {}
    for hotel, role in roles.items():
        for ability in ABILITIES_OF_ROLES[role] - everywhere:
            limited.setdefault(ability, set()).add(hotel)
    managed = frozenset(hotel for hotel, role in roles.items() if role == Role.MANAGE)
    return Access(
        name=str(user),
        number=f"user {user.pk}",
        abilities=everywhere | limited.keys(),
        hotels=None if user.is_staff else frozenset(roles),
        is_known=True,
        by_session=True,
        limited=tuple((ability, frozenset(limited[ability])) for ability in sorted(limited)),
        manages=None if user.is_superuser else managed,
    )


def roles_of(user: Any) -> dict[int, Role]:
    """Return a user's role with each of their hotels, by number."""
    stored = HotelAccess.objects.filter(user_id=user.pk).first()
    return stored_roles(stored) if stored else {}


def stored_roles(stored: HotelAccess) -> dict[int, Role]:
    """Return the role that a row gives with each hotel."""
    decides, manages = parse_stored_hotels(stored.decides), parse_stored_hotels(stored.manages)
    return {
        hotel: Role.MANAGE if hotel in manages else Role.DECIDE if hotel in decides else Role.SEE
        for hotel in sorted(parse_stored_hotels(stored.hotels))
    }


def give_role(user: Any, hotels: Collection[int], role: Role) -> None:
    """Give a user a role with hotels, whatever it was before.

    The caller holds a transaction. Raises: ValidationError for more than MAX_HOTELS.
    """
    HotelAccess.objects.bulk_create([HotelAccess(user_id=user.pk)], ignore_conflicts=True)
    stored = lock_roles([user.pk])[user.pk]
    _store_roles(stored, stored_roles(stored) | dict.fromkeys(hotels, role))


def take_role(user: Any, hotel: int) -> None:
    """Take a hotel from a user. The caller holds a transaction."""
    for stored in lock_roles([user.pk]).values():
        roles = stored_roles(stored)
        roles.pop(hotel, None)
        _store_roles(stored, roles)


def lock_roles(users: Collection[int]) -> dict[int, HotelAccess]:
    """Return the rows of users, by the users' keys, and keep others from changing them.

    The caller holds a transaction. Rows are locked in one order, so that two callers who lock the
    same ones wait for each other.
    """
    rows = HotelAccess.objects.filter(user_id__in=users).order_by("pk")
    return {row.user_id: row for row in rows.select_for_update()}


def _store_roles(stored: HotelAccess, roles: dict[int, Role]) -> None:
    if len(roles) > MAX_HOTELS:
        raise ValidationError(
            _("%(number)s hotels are too many for one person") % {"number": number_text(len(roles))}
        )

    def numbers(*wanted: Role) -> str:
        return ", ".join(str(hotel) for hotel in sorted(roles) if roles[hotel] in wanted)

    stored.hotels = numbers(*Role)
    stored.decides, stored.manages = numbers(Role.DECIDE), numbers(Role.MANAGE)
    stored.save(update_fields=["hotels", "decides", "manages"])


def users_who_decide_by_permission(users: Collection[int]) -> set[int]:
    """Return those of users whom the operator permits to decide about all hotels they see."""
    permitted = get_user_model()._default_manager.with_perm(
        PERMISSIONS[Ability.SET_PRICES], backend="django.contrib.auth.backends.ModelBackend"
    )
    return set(permitted.filter(pk__in=users).values_list("pk", flat=True))


def find_user(name_or_address: str) -> Any | None:
    """Return the user of a name or mail address, in capitals or not; None if it is not one user.

    The exact name wins, then the name in other letters, then the mail address.
    """
    users = get_user_model()._default_manager
    for field in ("username", "username__iexact", "email__iexact"):
        found = list(users.filter(**{field: name_or_address})[:2]) if name_or_address else []
        if found:
            return found[0] if len(found) == 1 else None
    return None
