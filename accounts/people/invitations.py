"""Invitations: made by a manager for hotels that they manage, accepted by a mailed link.

A link is valid for seven days, once, and until a newer one is sent. It is worth what its sender may
give at the moment of acceptance: for hotels that they do not manage any more it gives nothing. It
proves the mail address and no more: whoever has a login already also logs in.
"""

from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, router, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit_log
from accounts.audit_entry_model import Act
from accounts.hotel_roles import find_user, give_role, roles_of, user_access
from accounts.models import Invitation, Role, parse_stored_hotels
from accounts.people.invitation_model import VALID_FOR, new_secret
from accounts.people.people_error import PeopleError

SALT = "accounts.invitation"
MAX_OPEN = 200  # of a hotel
ROLES_IN_ORDER = list(Role)
NOT_VALID = gettext_lazy("This invitation is not valid any more.")
HAS_LOGIN = gettext_lazy("There is a login of this address already: log in.")


def invite(*, by: Any, address: str, hotels: Collection[int], role: Role) -> Invitation:
    """Save an invitation; return it, to be sent.

    It replaces what the address was invited to these hotels by before.

    Args:
        address: in small letters.
    Raises: PeopleError: nothing was saved.
    """
    access = user_access(by)
    if foreign := sorted(hotel for hotel in hotels if not access.may_manage_people(hotel)):
        named = ", ".join(map(str, foreign[:10]))
        raise PeopleError(_("You do not manage hotel %(hotels)s.") % {"hotels": named})
    user = find_user(address)
    known = roles_of(user) if user else {}
    if members := sorted(set(hotels) & known.keys()):
        named = ", ".join(map(str, members[:10]))
        raise PeopleError(
            _("%(address)s is one of the people of hotel %(hotels)s already.")
            % {"address": address, "hotels": named}
        )
    for hotel in hotels:
        if len(open_invitations(hotel)) >= MAX_OPEN:
            raise PeopleError(
                _("Hotel %(hotel)d has %(number)d open invitations; withdraw some.")
                % {"hotel": hotel, "number": MAX_OPEN}
            )
    with transaction.atomic(using=router.db_for_write(Invitation)):
        for former in _not_closed().filter(address=address).select_for_update():
            _take_hotels(former, hotels)
        made = Invitation.objects.create(
            address=address, hotels=", ".join(map(str, sorted(hotels))), role=role,
            invited_by_id=by.pk, invited_by_name=by.get_full_name() or str(by),
        )  # fmt: skip
        audit_log.act_on_person(Act.INVITED, by, hotels, address, details=role.value)
    return made


def renew(*, by: Any, hotel_id: int, invitation_id: int) -> Invitation:
    """Give an invitation another link, valid from now on; return it, to be sent.

    Raises: PeopleError.
    """
    with transaction.atomic(using=router.db_for_write(Invitation)):
        invitation = _lock_open(by, hotel_id, invitation_id)
        hotels = parse_stored_hotels(invitation.hotels)
        access = user_access(by)
        if not all(access.may_manage_people(hotel) for hotel in hotels):
            raise PeopleError(
                _("It is for hotels that you do not manage, too: invite anew instead.")
            )
        invitation.secret, invitation.sent_at = new_secret(), timezone.now()
        invitation.invited_by_id = by.pk
        invitation.invited_by_name = by.get_full_name() or str(by)
        invitation.is_mailed, invitation.mail_error = False, ""
        invitation.save()
        audit_log.act_on_person(Act.INVITATION_RESENT, by, hotels, invitation.address)
    return invitation


def withdraw(*, by: Any, hotel_id: int, invitation_id: int) -> Invitation:
    """Take a hotel out of an invitation; without any it is closed. Raises: PeopleError."""
    with transaction.atomic(using=router.db_for_write(Invitation)):
        invitation = _lock_open(by, hotel_id, invitation_id)
        _take_hotels(invitation, [hotel_id])
        audit_log.act_on_person(Act.WITHDRAWN, by, [hotel_id], invitation.address)
    return invitation


def open_invitations(hotel_id: int) -> list[Invitation]:
    """Return a hotel's invitations that were neither accepted nor withdrawn, expired ones too."""
    found = _not_closed().filter(hotels__contains=str(hotel_id))
    return [row for row in found if hotel_id in parse_stored_hotels(row.hotels)]


def link_token(invitation: Invitation) -> str:
    """Return what an invitation's link ends with."""
    return signing.dumps([invitation.pk, invitation.secret], salt=SALT)


def invitation_of(token: str) -> Invitation | None:
    """Return the invitation of a link that can be accepted; None for any other text."""
    try:
        key, secret = signing.loads(token, salt=SALT, max_age=VALID_FOR)
    except (signing.BadSignature, ValueError):
        return None
    invitation = _not_closed().filter(pk=key, secret=secret).first()
    return invitation if invitation and invitation.is_open and offered(invitation) else None


def offered(invitation: Invitation) -> frozenset[int]:
    """Return the hotels that an invitation still gives: those that its sender manages."""
    sender = invitation.invited_by
    if sender is None or not sender.is_active:
        return frozenset()
    access = user_access(sender)
    hotels = parse_stored_hotels(invitation.hotels)
    return frozenset(hotel for hotel in hotels if access.may_manage_people(hotel))


def accept_as_new_user(token: str, *, name: str, password: str) -> Any:
    """Make the user that an invitation is for, with its hotels; return the user.

    Raises: PeopleError.
    """
    try:
        with transaction.atomic(using=router.db_for_write(Invitation)):
            invitation = _lock_valid(token)
            if find_user(invitation.address):
                raise PeopleError(HAS_LOGIN)
            user = get_user_model()._default_manager.create_user(
                invitation.address, invitation.address, password, first_name=name
            )
            _join(invitation, user)
    except IntegrityError as error:  # another login took the name meanwhile
        raise PeopleError(HAS_LOGIN) from error
    return user


def accept_as_user(token: str, user: Any) -> None:
    """Give a logged-in user what an invitation to their address offers. Raises: PeopleError."""
    with transaction.atomic(using=router.db_for_write(Invitation)):
        invitation = _lock_valid(token)
        if find_user(invitation.address) != user:
            raise PeopleError(_("This invitation is for somebody else."))
        _join(invitation, user)


def _join(invitation: Invitation, user: Any) -> None:
    role, roles, hotels = Role(invitation.role), roles_of(user), offered(invitation)
    # Whoever got a higher role meanwhile keeps it.
    raised = [
        hotel
        for hotel in hotels
        if hotel not in roles or ROLES_IN_ORDER.index(roles[hotel]) < ROLES_IN_ORDER.index(role)
    ]
    try:
        give_role(user, raised, role)
    except ValidationError as error:
        raise PeopleError(error.messages[0]) from error
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    details = f"{role.value}, invited by {invitation.invited_by_name}"
    audit_log.act_on_person(Act.JOINED, user, hotels, str(user), subject=user, details=details)


def _lock_valid(token: str) -> Invitation:
    found = invitation_of(token)
    locked: Invitation | None = (
        _not_closed().select_for_update().filter(pk=found.pk).first() if found else None
    )
    if found is None or locked is None or locked.secret != found.secret:
        raise PeopleError(NOT_VALID)
    return locked


def _lock_open(by: Any, hotel_id: int, invitation_id: int) -> Invitation:
    invitation: Invitation | None = (
        _not_closed().select_for_update().filter(pk=invitation_id).first()
    )
    is_of_hotel = invitation and hotel_id in parse_stored_hotels(invitation.hotels)
    if not user_access(by).may_manage_people(hotel_id) or not invitation or not is_of_hotel:
        raise PeopleError(_("This invitation is not open any more."))
    return invitation


def _take_hotels(invitation: Invitation, hotels: Collection[int]) -> None:
    left = parse_stored_hotels(invitation.hotels) - set(hotels)
    if left:
        invitation.hotels = ", ".join(map(str, sorted(left)))
    else:
        invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["hotels", "withdrawn_at"])


def _not_closed() -> Any:
    return Invitation.objects.filter(accepted_at=None, withdrawn_at=None)
