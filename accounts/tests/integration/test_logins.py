"""Logins on the page: redirects, lock-out after wrong passwords, and the audit log."""

import logging
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

pytestmark = pytest.mark.django_db(
    databases=["default", "data_provider", "dashboard_service", "pricing_service"]
)


@pytest.fixture(autouse=True)
def user() -> None:
    get_user_model().objects.create_user("mia", password="right-and-long")


def log_in(password: str, address: str = "1.1.1.1", next_url: str = "/") -> Any:
    client = Client(REMOTE_ADDR=address)
    return client.post(
        f"/login/?next={next_url}", {"username": "mia", "password": password, "next": next_url}
    )


def test_the_page_redirects_to_the_login_and_back() -> None:
    response = Client().get("/?hotel_id=1&year=2025")
    assert response.headers["Location"] == "/login/?next=/%3Fhotel_id%3D1%26year%3D2025"
    assert log_in("right-and-long").headers["Location"] == "/"


def test_no_redirect_to_another_site() -> None:
    response = log_in("right-and-long", next_url="https://evil.example/")
    assert response.headers["Location"] == "/"


def test_too_many_attempts_lock_that_name_from_that_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "access"):
        attempts = [log_in("wrong").status_code for _ in range(6)]
        assert attempts == [200, 200, 200, 200, 429, 429]
        assert log_in("right-and-long").status_code == 429
        assert log_in("right-and-long", address="2.2.2.2").status_code == 302
    log = [record.getMessage() for record in caplog.records]
    assert "login failed for 'mia' from 1.1.1.1" in log
    assert "login of 'mia' is locked from 1.1.1.1" in log
    assert "mia logged in from 2.2.2.2" in log
    assert not any("wrong" in line or "right-and-long" in line for line in log)


def test_ipv4_clients_of_a_socket_for_both_protocols_are_locked_one_by_one() -> None:
    for _ in range(5):
        log_in("wrong", address="::ffff:1.1.1.1")
    assert log_in("right-and-long", address="::ffff:1.1.1.1").status_code == 429
    assert log_in("right-and-long", address="1.1.1.1").status_code == 429
    assert log_in("right-and-long", address="::ffff:2.2.2.2").status_code == 302


def test_a_user_agent_or_name_cannot_forge_the_log(caplog: pytest.LogCaptureFixture) -> None:
    forged = 'x", ip_address: "6.6.6.6'
    client = Client(REMOTE_ADDR="1.1.1.1", headers={"User-Agent": forged})
    with caplog.at_level(logging.INFO):
        for _ in range(6):
            client.post("/login/", {"username": forged, "password": "wrong"})
    lines = [record.getMessage() for record in caplog.records]
    assert lines, "a failed login leaves a line"
    for line in lines:
        assert "6.6.6.6" not in line or repr(forged) in line, line
        assert line.endswith(" from 1.1.1.1"), line
