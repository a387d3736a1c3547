"""`/password/`: every user changes their own password; guesses of the old one are limited."""

import logging
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]

OLD, NEW = "right-and-long", "another-and-long-1"


@pytest.fixture(params=[False, True], ids=["plain user", "staff"])
def client(request: Any) -> Client:
    user = get_user_model().objects.create_user("mia", password=OLD, is_staff=request.param)
    client = Client(REMOTE_ADDR="1.1.1.1")
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def change(client: Client, old: str, new: str = NEW) -> Any:
    fields = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/password/", fields)


def test_nobody_is_sent_to_the_login() -> None:
    assert Client().get("/password/").headers["Location"] == "/login/?next=/password/"


def test_the_password_is_changed_and_said_in_the_audit_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "access"):
        response = change(client, OLD)
    assert response.headers["Location"] == "/password?changed"
    assert "The password is changed" in client.get("/password/?changed").content.decode()
    assert get_user_model().objects.get().check_password(NEW)
    assert "mia changed the password from 1.1.1.1" in [r.getMessage() for r in caplog.records]
    assert NEW not in caplog.text


def test_a_wrong_old_password_changes_nothing(client: Client) -> None:
    assert "incorrect" in change(client, "wrong").content.decode()
    assert get_user_model().objects.get().check_password(OLD)


def test_guesses_are_limited_as_logins_are(client: Client) -> None:
    for _ in range(5):
        change(client, "wrong")
    change(client, OLD)
    assert get_user_model().objects.get().check_password(OLD), "the sixth try is not looked at"


def test_the_admins_own_page_is_this_one(client: Client) -> None:
    response = client.post("/admin/password_change/", {"old_password": "wrong"})
    assert response.headers["Location"] == "/password"
