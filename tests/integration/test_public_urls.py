"""Every URL of the resolver, with and without its last slash: who gets a 200.

Promise: in a closed system nobody sees more than PUBLIC; the admin opens to staff only, and to
staff without permissions it shows no more than its empty frame.
"""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from accounts.models import HotelAccess
from tests.integration.access_clients import RIGHTS, create_key
from tests.resolver_paths import EMPTY_ADMIN, PUBLIC, TRANSLATIONS, resolver_paths

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]


@pytest.fixture(autouse=True)
def closed_system(settings: Any, tmp_path: Path) -> None:
    settings.API_AUTH = "required"
    settings.SERVICE_API_KEY_FILE = str(tmp_path / "service_api_key")


def client_of(who: str) -> Client:
    client = Client(raise_request_exception=False)
    if who == "key":
        _, key = create_key(RIGHTS["key for all hotels"])
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    elif who != "nobody":
        user = get_user_model().objects.create_user("mia", is_staff=who == "staff")
        HotelAccess.objects.create(user=user, hotels="1")
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def answering(who: str) -> set[str]:
    """Return the paths that answer 200, with or without the last slash."""
    client = client_of(who)
    return {
        path
        for path in set(resolver_paths())
        if 200 in (client.get(path).status_code, client.get(f"{path}/").status_code)
    }


def test_the_paths_are_those_of_the_system() -> None:
    found = set(resolver_paths())
    assert found >= PUBLIC | EMPTY_ADMIN | {"/", "/events/feed", "/prices/hotels/1/proposal"}
    assert "/admin/auth/user/1/change" in found


def test_nobody_gets_what_is_public_only() -> None:
    assert answering("nobody") - PUBLIC - {TRANSLATIONS} == set()


@pytest.mark.parametrize("who", ["plain user", "key"])
def test_the_admin_is_for_staff(who: str) -> None:
    answers = answering(who)
    assert {path for path in answers if path.startswith("/admin")} <= {"/admin/login", TRANSLATIONS}


def test_staff_without_permissions_see_an_empty_admin() -> None:
    answers = {path for path in answering("staff") if path.startswith("/admin")}
    assert "/admin" in answers
    assert answers - PUBLIC <= EMPTY_ADMIN
