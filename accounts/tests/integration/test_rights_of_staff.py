"""Nobody gives more rights than they have by the admin's pages of keys, users and groups."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import ApiKey
from accounts.tests.integration.conftest import create_key

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]

User = get_user_model()


@pytest.fixture
def mia() -> Any:
    """Staff who may edit keys, users and groups, and have no other right than to read."""
    user = User.objects.create_user("mia", is_staff=True)
    for app, model in (("accounts", "apikey"), ("auth", "user"), ("auth", "group")):
        user.user_permissions.add(
            *Permission.objects.filter(content_type__app_label=app, content_type__model=model)
        )
    return user


@pytest.fixture
def client(mia: Any) -> Client:
    client = Client()
    client.force_login(mia, "django.contrib.auth.backends.ModelBackend")
    return client


def add_key(client: Client, **fields: str) -> Any:
    return client.post("/admin/accounts/apikey/add/", {"name": "pms", "hotels": "1", **fields})


def test_a_key_with_own_rights_is_made(client: Client) -> None:
    assert add_key(client, read_dashboard="on", read_prices="on").status_code == 302
    assert ApiKey.objects.get().abilities == {"read_dashboard", "read_prices"}


@pytest.mark.parametrize("ability", ["write_events", "change_hotels", "set_prices"])
def test_a_key_with_more_rights_is_refused(client: Client, ability: str) -> None:
    page = add_key(client, read_dashboard="on", **{ability: "on"})
    assert "you do not have this right" in page.content.decode()
    assert not ApiKey.objects.exists()


def test_a_permission_makes_it_a_right_to_give(client: Client, mia: Any) -> None:
    mia.user_permissions.add(Permission.objects.get(codename="change_nightprice"))
    assert add_key(client, set_prices="on").status_code == 302


def test_a_key_gets_no_more_rights_later_and_a_stronger_one_is_only_revoked(client: Client) -> None:
    create_key("pms", "--hotels", "1", "--may", "read_dashboard")
    key = ApiKey.objects.get()
    path = f"/admin/accounts/apikey/{key.pk}/change/"
    fields = {"name": "pms", "hotels": "1", "read_dashboard": "on"}
    client.post(path, {**fields, "write_events": "on"})
    assert ApiKey.objects.get().abilities == {"read_dashboard"}
    ApiKey.objects.update(write_events=True)
    client.post(path, {**fields, "write_events": "on", "hotels": "1 2"})
    assert ApiKey.objects.get().hotels == "1"
    client.post(path, {**fields, "write_events": "on", "revoked": "on"})
    assert ApiKey.objects.get().revoked


def test_nobody_makes_themselves_a_superuser(client: Client, mia: Any) -> None:
    fields = {
        "username": "mia", "is_active": "on", "is_staff": "on", "is_superuser": "on",
        "user_permissions": [str(pk) for pk in Permission.objects.values_list("pk", flat=True)],
        "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00", "email": "mia@hotel.test",
        "hotel_access-TOTAL_FORMS": "0", "hotel_access-INITIAL_FORMS": "0",
    }  # fmt: skip
    before = mia.get_all_permissions()
    client.post(f"/admin/auth/user/{mia.pk}/change/", fields)
    after = User.objects.get(pk=mia.pk)
    assert after.email == "mia@hotel.test"
    assert not after.is_superuser
    assert after.get_all_permissions() == before


def test_nobody_sets_the_password_of_somebody_with_more_rights(client: Client) -> None:
    root = User.objects.create_superuser("root", password="right-and-long")
    colleague = User.objects.create_user("lea", password="right-and-long")
    new = {"password1": "other-and-long", "password2": "other-and-long"}
    stronger = User.objects.create_user("ada", password="right-and-long")
    stronger.user_permissions.add(Permission.objects.get(codename="change_nightprice"))
    for user in (root, colleague, stronger):
        client.post(f"/admin/auth/user/{user.pk}/password/", {**new, "usable_password": "true"})
        user.refresh_from_db()
    assert root.check_password("right-and-long")
    assert stronger.check_password("right-and-long")
    assert colleague.check_password("other-and-long")
    for user in (root, stronger):
        path = f"/admin/auth/user/{user.pk}/delete/"
        assert client.post(path, {"post": "yes"}).status_code == 403


def test_groups_are_edited_by_superusers_only(client: Client) -> None:
    assert client.post("/admin/auth/group/add/", {"name": "all"}).status_code == 403
    assert not Group.objects.exists()
    group = Group.objects.create(name="buyers")
    for action in ("change", "delete"):
        path = f"/admin/auth/group/{group.pk}/{action}/"
        assert client.post(path, {"name": "all", "post": "yes"}).status_code == 403
    assert Group.objects.get().name == "buyers"
    client.force_login(
        User.objects.create_superuser("root", password=None),
        "django.contrib.auth.backends.ModelBackend",
    )
    assert client.post("/admin/auth/group/add/", {"name": "all"}).status_code == 302
