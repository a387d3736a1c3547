"""The kinds of clients of the access matrix: API keys and users, and what each may do."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import ApiKey, HotelAccess
from common.access_rights import Ability

OWN_HOTEL, OTHER_HOTEL = 1, 2
ALL_ABILITIES = set(Ability)


@dataclass(frozen=True)
class Rights:
    """The rights of a client.

    Args:
        abilities: None for a client that is not authenticated.
        hotels: None for all hotels.
    """

    abilities: frozenset[str] | None = None
    hotels: frozenset[int] | None = frozenset()


def rights(*abilities: str, hotels: frozenset[int] | None = frozenset({OWN_HOTEL})) -> Rights:
    return Rights(frozenset(abilities), hotels)


READ_ALL = ("read_events", "read_dashboard", "read_prices")
RIGHTS = {
    "no key": Rights(),
    "wrong key": Rights(),
    "no key but another scheme": Rights(),
    "expired key": Rights(),
    "revoked key": Rights(),
    "inactive user": Rights(),
    "key of another hotel": rights(*ALL_ABILITIES, hotels=frozenset({OTHER_HOTEL})),
    "key of the hotel": rights(*ALL_ABILITIES),
    "key that reads": rights("read_events", "read_dashboard"),
    "key that writes": rights("write_events"),
    "key that reads events": rights("read_events"),
    "key for all hotels": rights(*ALL_ABILITIES, hotels=None),
    "key that reads prices": rights("read_prices"),
    "key that reads metrics": rights("read_metrics", hotels=None),
    "the services' key": rights("read_events", "read_dashboard", hotels=None),
    "staff": rights(*READ_ALL, "read_metrics", hotels=None),
    "staff that may change hotels": rights(*READ_ALL, "read_metrics", "change_hotels", hotels=None),
    "superuser": rights(*ALL_ABILITIES, hotels=None),
    "plain user": rights(*READ_ALL),
    "user that sets prices": rights(*READ_ALL, "set_prices"),
    "user that decides": rights(*READ_ALL, "set_prices"),
    "manager": rights(*READ_ALL, "set_prices", "change_hotels", "write_events"),
    "user without hotels": rights(*READ_ALL, hotels=frozenset()),
}


def create_key(key_rights: Rights, **fields: Any) -> tuple[ApiKey, str]:
    """Create an API key; return it and the key's text."""
    created: tuple[ApiKey, str] = ApiKey.objects.create_key(
        name="test", all_hotels=key_rights.hotels is None,
        hotels=", ".join(map(str, key_rights.hotels or ())),
        **dict.fromkeys(key_rights.abilities or (), True), **fields,
    )  # type: ignore[assignment]  # fmt: skip  # the library declares AbstractAPIKey
    return created


def client_of(kind: str) -> Client:
    """Create a client of one of the kinds in RIGHTS."""

    def with_key(key: str, scheme: str = "Bearer") -> Client:
        return Client(headers={"Authorization": f"{scheme} {key}"})

    def logged_in(**fields: Any) -> Client:
        user = get_user_model().objects.create_user(f"user {uuid.uuid4()}", **fields)
        hotels = RIGHTS[kind].hotels
        if hotels:
            HotelAccess.objects.create(user=user, hotels=", ".join(map(str, hotels)))
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return client

    def with_role(field: str) -> Client:
        client = logged_in()
        HotelAccess.objects.update(**{field: str(OWN_HOTEL)})
        return client

    def inactive() -> Client:
        client = logged_in(is_staff=True)
        get_user_model().objects.update(is_active=False)
        return client

    def with_permission(codename: str, **fields: Any) -> Client:
        client = logged_in(**fields)
        user = get_user_model().objects.get()
        user.user_permissions.add(Permission.objects.get(codename=codename))
        return client

    def revoked() -> Client:
        api_key, key = create_key(everything)
        api_key.revoked = True
        api_key.save()
        return with_key(key)

    everything = rights(*ALL_ABILITIES, hotels=None)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    special: dict[str, Callable[[], Client]] = {
        "no key": Client,
        "wrong key": lambda: with_key(create_key(everything)[1][:-1] + "~"),
        "no key but another scheme": lambda: with_key("YWRtaW46YWRtaW4=", "Basic"),
        "expired key": lambda: with_key(create_key(everything, expiry_date=yesterday)[1]),
        "revoked key": revoked,
        "inactive user": inactive,
        "staff": lambda: logged_in(is_staff=True),
        "staff that may change hotels": lambda: with_permission(
            "change_hotelprofile", is_staff=True
        ),
        "user that sets prices": lambda: with_permission("change_nightprice"),
        "superuser": lambda: logged_in(is_staff=True, is_superuser=True),
        "user that decides": lambda: with_role("decides"),
        "manager": lambda: with_role("manages"),
        "plain user": logged_in,
        "user without hotels": logged_in,
    }
    return special[kind]() if kind in special else with_key(create_key(RIGHTS[kind])[1])
