"""The admin: keys are created and revoked, users get hotels, and every page opens."""

import logging
import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import ApiKey
from accounts.tests.integration.conftest import create_key, get

pytestmark = pytest.mark.django_db(
    databases=["default", "data_provider", "dashboard_service", "pricing_service"]
)


@pytest.fixture
def admin() -> Client:
    user = get_user_model().objects.create_superuser("root", password=None)
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def test_a_key_is_created_and_revoked(admin: Client, caplog: pytest.LogCaptureFixture) -> None:
    fields = {"name": "pms", "hotels": "1 2", "read_dashboard": "on"}
    with caplog.at_level(logging.INFO, "access"):
        page = admin.post("/admin/accounts/apikey/add/", fields, follow=True)
        match = re.search(r"shown only once: ([\w.]+)", page.content.decode())
        assert match
        assert get(match[1]).status_code == 200
        key = ApiKey.objects.get()
        admin.post(
            "/admin/accounts/apikey/",
            {"action": "revoke", "_selected_action": [key.pk]},
        )
        assert get(match[1]).status_code == 401
    log = [record.getMessage() for record in caplog.records]
    assert f"key {key.prefix} ('pms') created by root: hotels 1 2, read_dashboard" in log
    assert f"key {key.prefix} ('pms') revoked by root" in log
    assert match[1] not in "".join(log)
    assert match[1] not in admin.get(f"/admin/accounts/apikey/{key.pk}/change/").content.decode()


def test_a_user_who_may_only_view_keys_cannot_revoke_them() -> None:
    create_key("pms", "--all-hotels", "--may", "read_dashboard")
    user = get_user_model().objects.create_user("mia", is_staff=True)
    user.user_permissions.add(
        Permission.objects.get(codename="view_apikey", content_type__app_label="accounts")
    )
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    key = ApiKey.objects.get()
    client.post("/admin/accounts/apikey/", {"action": "revoke", "_selected_action": [key.pk]})
    assert not ApiKey.objects.get().revoked


def test_a_user_gets_hotels(admin: Client) -> None:
    mia = get_user_model().objects.create_user("mia")
    page = admin.get(f"/admin/auth/user/{mia.pk}/change/").content.decode()
    assert "hotel_access-0-hotels" in page


def test_every_page_of_the_admin_opens(admin: Client) -> None:
    index = admin.get("/admin/").content.decode()
    for path in set(re.findall(r'href="(/admin/\w+/\w+/)"', index)):
        assert admin.get(path).status_code == 200, path
    assert "/admin/accounts/apikey/" in index
    assert "rest_framework_api_key" not in index
