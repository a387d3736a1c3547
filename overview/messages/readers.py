"""Who may be told of a hotel: asked anew whenever something is recorded, sent or shown.

A user who loses a hotel, or is made inactive, gets nothing more of it from that moment on.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest

from accounts.hotel_roles import user_access
from accounts.language.language_choice import language_of_user
from common.access_rights import OPEN, Ability, Access, access_of
from common.unread_messages import has_inbox

NEEDED = frozenset({Ability.READ_DASHBOARD, Ability.READ_PRICES})


class Readers:
    """The rights of users, read once for each user while one run lasts.

    Raises: django.db.Error, as do its methods.
    """

    def __init__(self) -> None:
        self._access: dict[int, Access] = {}
        self._users: dict[int, Any] = {}
        self._languages: dict[tuple[int, str], str] = {}

    def may_read(self, user_id: int, hotel_id: int) -> bool:
        """Return whether a user may be told of a hotel."""
        return may_read(self.access(user_id), hotel_id)

    def access(self, user_id: int) -> Access:
        """Return a user's rights; none for a user who is inactive or gone."""
        if user_id not in self._access:
            user = self.user(user_id)
            self._access[user_id] = Access("nobody") if user is None else _access(user)
        return self._access[user_id]

    def user(self, user_id: int) -> Any | None:
        """Return an active user."""
        if user_id not in self._users:
            users = get_user_model()._default_manager
            self._users[user_id] = users.filter(pk=user_id, is_active=True).first()
        return self._users[user_id]

    def language(self, user_id: int, hotels_own: str) -> str:
        """Return the code of the language in which a user is told of a hotel.

        Args:
            hotels_own: of the hotel, for users who have not chosen; empty for none.
        """
        key = user_id, hotels_own
        if key not in self._languages:
            self._languages[key] = language_of_user(self.user(user_id), hotels_own)
        return self._languages[key]


def _access(user: Any) -> Access:
    return OPEN if settings.API_AUTH == "open" else user_access(user)


def may_read(access: Access, hotel_id: int) -> bool:
    """Return whether somebody with these rights may be told of a hotel."""
    return access.abilities >= NEEDED and access.may_see(hotel_id)


def inbox_access(request: HttpRequest) -> Access | None:
    """Return the rights of the user who is logged in; None for anybody else.

    In an open system a user has what every visitor has.
    """
    return access_of(request) if has_inbox(request) else None


def reader_id(request: HttpRequest) -> int:
    """Return the number of the user who is logged in."""
    number: int | None = request.user.pk
    assert number is not None  # `inbox_access` answered for a user
    return number
