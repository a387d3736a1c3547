"""Access rights of a request: what its sender may do, and with which hotels.

The accounts' middleware sets `request.access` and `request.refusal` for every request, REST or
page; this module defines them and checks them for views. A REST view's `needs` names the ability
that each method requires. A view without `needs` fails, so that a forgotten line denies access.

A person may have more abilities with one hotel than with another. A REST view needs no thought of
it: its request's rights are narrowed to the hotels of the ability that it needs. Whatever else asks
for an ability asks for it with a hotel (`Access.may`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

NAMED_HOTELS = 10  # in an error message


class Ability(StrEnum):
    """What a key or user may do with its hotels."""

    WRITE_EVENTS = "write_events"
    READ_EVENTS = "read_events"
    READ_DASHBOARD = "read_dashboard"
    CHANGE_HOTELS = "change_hotels"
    READ_PRICES = "read_prices"
    SET_PRICES = "set_prices"
    READ_METRICS = "read_metrics"  # of the whole system, not of a hotel


# In the words of an error message.
ACTS = {
    Ability.WRITE_EVENTS: gettext_lazy("write events"),
    Ability.READ_EVENTS: gettext_lazy("read events"),
    Ability.READ_DASHBOARD: gettext_lazy("read dashboard"),
    Ability.CHANGE_HOTELS: gettext_lazy("change hotels"),
    Ability.READ_PRICES: gettext_lazy("read prices"),
    Ability.SET_PRICES: gettext_lazy("set prices"),
    Ability.READ_METRICS: gettext_lazy("read metrics"),
}


@dataclass(frozen=True)
class Access:
    """The rights of a request's sender. `hotels` are hotel ids, None for all hotels.

    `abilities` are those with any hotel; `limited` names the hotels of each ability that is not for
    all of `hotels`.
    """

    name: str = ""  # of the key or user, for messages
    number: str = ""  # unique, unlike the name
    abilities: frozenset[Ability] = field(default_factory=frozenset)
    hotels: frozenset[int] | None = field(default_factory=frozenset)
    is_known: bool = False  # a valid key, a logged-in user, or an open system
    by_session: bool = False  # by a browser's cookie, so that CSRF must be checked
    refused: str = ""  # why the key in the request is not valid
    limited: tuple[tuple[Ability, frozenset[int]], ...] = ()
    manages: frozenset[int] | None = frozenset()  # hotels whose people they manage; None for all
    narrowed_to: Ability | None = None  # `hotels` are those of this ability only

    def hotels_for(self, ability: Ability) -> frozenset[int] | None:
        """Return the hotels with which the sender has an ability; None for all hotels."""
        if ability not in self.abilities:
            return frozenset()
        return dict(self.limited).get(ability, self.hotels)

    def may(self, ability: Ability, hotel_id: int) -> bool:
        """Return whether the sender has an ability with a hotel."""
        hotels = self.hotels_for(ability)
        return self.may_see(hotel_id) and (hotels is None or hotel_id in hotels)

    def may_manage_people(self, hotel_id: int) -> bool:
        """Return whether the sender invites and removes the hotel's people."""
        return self.manages is None or hotel_id in self.manages

    def narrowed(self, ability: Ability) -> "Access":
        """Return the same rights for the hotels of an ability only."""
        if not any(limited == ability for limited, _ in self.limited):
            return self
        return replace(self, hotels=self.hotels_for(ability), narrowed_to=ability)

    def may_see(self, hotel_id: int) -> bool:
        """Return whether the hotel is one of the sender's."""
        return self.hotels is None or hotel_id in self.hotels

    def must_see(self, hotels: Iterable[int]) -> None:
        """Check hotel ids. Raises: PermissionDenied naming those that are not the sender's."""
        foreign = sorted({hotel for hotel in hotels if not self.may_see(hotel)})
        if foreign:
            named = ", ".join(map(str, foreign[:NAMED_HOTELS]))
            if len(foreign) > NAMED_HOTELS:
                values = {"hotels": named, "number": len(foreign) - NAMED_HOTELS}
                named = _("%(hotels)s and %(number)d more") % values
            raise PermissionDenied(self._not_for(named))

    def must_see_all(self) -> None:
        """Raises: PermissionDenied unless the sender has access to all hotels."""
        if self.hotels is not None:
            raise PermissionDenied(
                _("%(name)s is for some hotels only; this needs all") % {"name": self.name}
            )

    def _not_for(self, hotels: str) -> str:
        values = {"name": self.name, "hotels": hotels}
        if not self.narrowed_to:
            return _("%(name)s is not for hotel %(hotels)s") % values
        values["act"] = str(ACTS[self.narrowed_to])
        return _("%(name)s may not %(act)s of hotel %(hotels)s") % values


EVERYTHING = frozenset(Ability)
OPEN = Access("anybody", "anybody", EVERYTHING, None, is_known=True, manages=None)


def access_of(request: Any) -> Access:
    """Return the rights of a request's sender; the request is Django's or REST framework's."""
    access: Access = getattr(request, "_request", request).access
    return access


def is_refused(request: Any) -> bool:
    """Return whether the accounts' middleware answers the request instead of its view."""
    return request.refusal is not None


class Authentication(BaseAuthentication):
    """Refuse invalid keys and, for logins, requests from other sites (CSRF).

    The accounts' middleware has already determined the sender.
    """

    def authenticate(self, request: Request) -> tuple[Any, Access] | None:
        access = access_of(request)
        if access.refused:
            raise AuthenticationFailed(access.refused)
        if not access.is_known:
            return None
        if access.by_session:
            SessionAuthentication().enforce_csrf(request)
        return access, access

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasAbility(BasePermission):
    """Require the ability that the view's `needs` names for the method."""

    message = "not allowed"

    def has_permission(self, request: Request, view: Any) -> bool:
        access = access_of(request)
        if not access.is_known:
            return False  # REST framework answers 401
        method = "GET" if request.method in SAFE_METHODS else request.method
        if method not in view.needs:
            return True  # the view answers 405
        needed: Ability = view.needs[method]
        self.message = _("%(name)s may not %(act)s") % {"name": access.name, "act": ACTS[needed]}
        request._request.access = access.narrowed(needed)  # type: ignore[attr-defined]
        return needed in access.abilities
