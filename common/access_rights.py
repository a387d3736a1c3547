"""Who asks, and what they may: the part that both services know.

`request.access` and `request.refusal` are set by the accounts' middleware for every request, REST
or page; this module says what they are and how a view asks them. A view names in `needs` what each
method needs; one that forgot it fails, so that a forgotten line closes a door instead of opening
one.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from requests import PreparedRequest
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

logger = logging.getLogger(__name__)

SHOWN_HOTELS = 10


class Ability(StrEnum):
    """What somebody may do with the hotels that they are for."""

    WRITE_EVENTS = "write_events"
    READ_EVENTS = "read_events"
    READ_DASHBOARD = "read_dashboard"
    CHANGE_HOTELS = "change_hotels"
    READ_PRICES = "read_prices"
    SET_PRICES = "set_prices"
    READ_METRICS = "read_metrics"  # of the whole system, not of a hotel


@dataclass(frozen=True)
class Access:
    """Somebody's rights. `hotels` are their numbers, None for all."""

    name: str = ""  # as messages name it
    number: str = ""  # what tells it from others of that name
    abilities: frozenset[Ability] = field(default_factory=frozenset)
    hotels: frozenset[int] | None = field(default_factory=frozenset)
    is_known: bool = False  # a valid key, a logged-in user, or an open system
    by_session: bool = False  # a browser sent a cookie, perhaps for somebody else's page
    refused: str = ""  # why a key that was given is not taken

    def may_see(self, hotel_id: int) -> bool:
        return self.hotels is None or hotel_id in self.hotels

    def must_see(self, hotels: Iterable[int]) -> None:
        """Raises: PermissionDenied naming the hotels that are not theirs."""
        foreign = sorted({hotel for hotel in hotels if not self.may_see(hotel)})
        if foreign:
            named = ", ".join(map(str, foreign[:SHOWN_HOTELS]))
            more = f" and {len(foreign) - SHOWN_HOTELS} more" if len(foreign) > SHOWN_HOTELS else ""
            raise PermissionDenied(f"{self.name} is not for hotel {named}{more}")

    def must_see_all(self) -> None:
        """Raises: PermissionDenied for whoever is for some hotels only."""
        if self.hotels is not None:
            raise PermissionDenied(f"{self.name} is for some hotels only; this needs all")


EVERYTHING = frozenset(Ability)
OPEN = Access("anybody", "anybody", EVERYTHING, None, is_known=True)


def access_of(request: Any) -> Access:
    """The rights of whoever sent a request, Django's or REST framework's."""
    found: Access = getattr(request, "_request", request).access
    return found


def is_refused(request: Any) -> bool:
    """Whether a request does not go on to its view, whosever it is."""
    return request.refusal is not None


class Authentication(BaseAuthentication):
    """Who asks is known already; this refuses bad keys and what another site's page sent."""

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
    """The view's `needs` says which ability each method needs."""

    message = "not allowed"

    def has_permission(self, request: Request, view: Any) -> bool:
        access = access_of(request)
        if not access.is_known:
            return False  # a 401
        method = "GET" if request.method in SAFE_METHODS else request.method
        if method not in view.needs:
            return True  # there is no such method: a 405
        needed: Ability = view.needs[method]
        self.message = f"{access.name} may not {needed.replace('_', ' ')}"
        return needed in access.abilities


def service_headers() -> dict[str, str]:
    """With what the two services show each other who they are.

    The key is SERVICE_API_KEY, or stands in the file that `manage.py create_api_key --service`
    made; an open system needs none.
    """
    key = settings.SERVICE_API_KEY or _kept_key(Path(settings.SERVICE_API_KEY_FILE))
    return {"Authorization": f"Bearer {key}"} if key else {}


def _kept_key(file: Path) -> str:
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        logger.error("the services' key cannot be read: %s", error)
        return ""


def show_service_key(request: PreparedRequest) -> PreparedRequest:
    """For `auth=` of the requests library, which else may take a name from a .netrc file."""
    request.headers.update(service_headers())
    return request
