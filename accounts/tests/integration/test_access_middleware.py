"""Requests that are malformed, or come while the database is locked or not reachable."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiKey
from accounts.tests.integration.conftest import create_key, get

pytestmark = pytest.mark.django_db(
    databases=["default", "data_provider", "dashboard_service", "pricing_service"]
)


def test_a_large_upload_is_refused_before_it_is_read() -> None:
    for path in ("/login/", "/admin/login/", "/"):
        response = Client().generic("POST", path, b"x", CONTENT_LENGTH="9000000")
        assert response.status_code == 413, path


@pytest.mark.parametrize("key", ['"\\000aaaa"', "x;y", "\u00e9", "a b"])
def test_a_malformed_session_key_is_ignored(key: str) -> None:
    client = Client()
    client.cookies["sessionid"] = key
    for path in ("/", "/events/", "/admin/"):
        assert client.get(path).status_code in (302, 401), path


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer .", "Bearer \u00fc.x", "Bearer " + "x" * 5000, " ", "x"],
)
def test_a_malformed_api_key_is_refused(header: str) -> None:
    response = Client().get("/events/", headers={"Authorization": header})
    assert response.status_code == 401


def test_a_proxy_s_own_scheme_does_not_hide_a_login() -> None:
    client = Client(headers={"Authorization": "Basic eDp5"})
    user = get_user_model().objects.create_user("mia", is_staff=True)
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    assert client.get("/events/").status_code == 200


def test_a_locked_table_of_keys_delays_no_request() -> None:
    """Checks the lock timeout that is set; the lock itself is SQLite's."""
    key_text = create_key("pms", "--all-hotels", "--may", "read_dashboard")
    with CaptureQueriesContext(connection) as queries:
        get(key_text)
    statements = [query["sql"] for query in queries]
    if connection.vendor == "sqlite":
        assert "PRAGMA busy_timeout = 20" in statements
        assert statements[-1] == "PRAGMA busy_timeout = 60000"


def test_another_login_gets_another_etag() -> None:
    get_user_model().objects.create_user("mia", password="right-and-long", is_staff=True)
    client = Client()
    tags = []
    for _ in range(2):
        client.post("/login/", {"username": "mia", "password": "right-and-long"})
        client.get("/")
        tags.append(client.get("/").headers["ETag"])
        client.post("/logout/")
    assert tags[0] != tags[1]


def test_an_unreachable_database_of_users_is_a_503(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: Any, **__: Any) -> None:
        raise OperationalError("no route to host")

    monkeypatch.setattr("django.contrib.auth.views.LoginView.form_valid", unreachable)
    monkeypatch.setattr(ApiKey.objects, "get_from_key", unreachable)
    get_user_model().objects.create_user("mia", password="right-and-long")
    response = Client().post("/login/", {"username": "mia", "password": "right-and-long"})
    assert response.status_code == 503
    assert get("any.key").status_code == 503
    html = Client().get("/", headers={"Authorization": "Bearer a.b", "Accept": "text/html"})
    assert "Not now" in html.content.decode()
