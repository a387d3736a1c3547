"""Access rights of a request: what its sender may do, and with which hotels.

The accounts' middleware sets `request.access` and `request.refusal` for every request, REST or
page; this module defines them and checks them for views. A REST view's `needs` names the ability
that each method requires. A view without `needs` fails, so that a forgotten line denies access.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

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


@dataclass(frozen=True)
class Access:
    """The rights of a request's sender. `hotels` are hotel ids, None for all hotels."""

    name: str = ""  # of the key or user, for messages
    number: str = ""  # unique, unlike the name
    abilities: frozenset[Ability] = field(default_factory=frozenset)
    hotels: frozenset[int] | None = field(default_factory=frozenset)
    is_known: bool = False  # a valid key, a logged-in user, or an open system
    by_session: bool = False  # by a browser's cookie, so that CSRF must be checked
    refused: str = ""  # why the key in the request is not valid

    def may_see(self, hotel_id: int) -> bool:
        """Return whether the hotel is one of the sender's."""
        return self.hotels is None or hotel_id in self.hotels

    def must_see(self, hotels: Iterable[int]) -> None:
        """Check hotel ids. Raises: PermissionDenied naming those that are not the sender's."""
        foreign = sorted({hotel for hotel in hotels if not self.may_see(hotel)})
        if foreign:
            named = ", ".join(map(str, foreign[:NAMED_HOTELS]))
            more = f" and {len(foreign) - NAMED_HOTELS} more" if len(foreign) > NAMED_HOTELS else ""
            raise PermissionDenied(f"{self.name} is not for hotel {named}{more}")

    def must_see_all(self) -> None:
        """Raises: PermissionDenied unless the sender has access to all hotels."""
        if self.hotels is not None:
            raise PermissionDenied(f"{self.name} is for some hotels only; this needs all")


EVERYTHING = frozenset(Ability)
OPEN = Access("anybody", "anybody", EVERYTHING, None, is_known=True)


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
        self.message = f"{access.name} may not {needed.replace('_', ' ')}"
        return needed in access.abilities
