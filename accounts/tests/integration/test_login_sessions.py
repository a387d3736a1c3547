"""Sessions: listed with browser and address, ended one by one or all but this one."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import LoginSession
from accounts.own_account import login_sessions
from accounts.own_account.browser_names import browser_name
from accounts.tasks import delete_expired_logins
from accounts.tests.integration.conftest import PASSWORD, make_user

pytestmark = pytest.mark.django_db(
    databases=["default", "data_provider", "dashboard_service", "pricing_service"]
)

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0"


@pytest.fixture(autouse=True)
def mia() -> Any:
    return make_user("mia", sees="1")


def log_in(browser: str = FIREFOX, address: str = "1.1.1.1", name: str = "mia") -> Client:
    client = Client(REMOTE_ADDR=address, headers={"User-Agent": browser})
    response = client.post("/login/", {"username": name, "password": PASSWORD})
    assert response.status_code == 302
    return client


def is_logged_in(client: Client) -> bool:
    return bool(client.get("/dashboard/?hotel_id=1").status_code == 200)


def end(client: Client, which: Any) -> Any:
    return client.post("/account/sessions/", {"session": which}, follow=True)


def number_of(client: Client) -> int:
    return LoginSession.objects.get(session=client.cookies["sessionid"].value).pk


def test_the_page_lists_the_user_s_own_sessions() -> None:
    make_user("eva", sees="1")
    log_in(EDGE, "9.9.9.9", "eva")
    log_in(IPHONE, "2.2.2.2")
    here = log_in()
    html = here.get("/account/").content.decode()
    assert "Firefox on Linux" in html
    assert "from 1.1.1.1" in html
    assert "Safari on iPhone" in html
    assert "from 2.2.2.2" in html
    assert html.count("this one") == 1
    assert "Edge" not in html
    assert here.cookies["sessionid"].value not in html, "a session's key is its password"


def test_one_session_is_ended_at_once() -> None:
    phone, here = log_in(IPHONE, "2.2.2.2"), log_in()
    assert "That login has ended." in end(here, number_of(phone)).content.decode()
    assert not is_logged_in(phone)
    assert is_logged_in(here)


def test_all_others_are_ended_also_those_from_before_the_rows() -> None:
    others = [log_in(), log_in()]
    here = log_in()
    LoginSession.objects.filter(pk=number_of(others[0])).delete()
    end(here, "others")
    assert not any(map(is_logged_in, others))
    assert is_logged_in(here)


def test_nobody_ends_somebody_else_s_session() -> None:
    make_user("eva", sees="1")
    eva = log_in(name="eva")
    html = end(log_in(), number_of(eva)).content.decode()
    assert "had ended already" in html
    end(log_in(), "others")
    assert is_logged_in(eva)


@pytest.mark.parametrize("which", ["", "x", "-1", "1.5", "٣", "9" * 30])
def test_a_wrong_number_ends_nothing(which: str) -> None:
    other, here = log_in(), log_in()
    assert end(here, which).status_code == 400
    assert is_logged_in(other)


def test_a_session_from_before_the_rows_is_listed_with_its_next_request() -> None:
    client = log_in()
    LoginSession.objects.all().delete()
    login_sessions._last_saved.clear()
    is_logged_in(client)
    [session] = LoginSession.objects.all()
    assert session.address == "1.1.1.1"


def test_the_last_use_is_saved_every_few_minutes_only() -> None:
    client = log_in()
    long_ago = timezone.now() - timedelta(hours=1)

    def used_after(request: Any) -> bool:
        LoginSession.objects.update(last_used_at=long_ago)
        request()
        return LoginSession.objects.get().last_used_at > long_ago

    login_sessions._last_saved.clear()
    assert used_after(lambda: is_logged_in(client))
    assert not used_after(lambda: is_logged_in(client))
    login_sessions._last_saved.clear()
    assert used_after(lambda: is_logged_in(client))


def test_a_new_password_ends_the_others_and_keeps_this_one() -> None:
    other, here = log_in(), log_in()
    new = "another-and-long-1"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    here.post("/password/", fields)
    assert is_logged_in(here)
    assert not is_logged_in(other)
    assert Session.objects.count() == 1


def test_a_logout_takes_the_row_with_it() -> None:
    client = log_in()
    client.post("/logout/")
    assert not LoginSession.objects.exists()


def test_expired_sessions_and_rows_without_one_are_deleted() -> None:
    client, gone = log_in(), log_in()
    Session.objects.filter(pk=client.cookies["sessionid"].value).update(
        expire_date=timezone.now() - timedelta(days=1)
    )
    lost = LoginSession.objects.filter(session=gone.cookies["sessionid"].value)
    Session.objects.filter(pk=lost.get().session_id)._raw_delete("default")
    log_in()
    assert delete_expired_logins() > 0
    assert LoginSession.objects.count() == Session.objects.count() == 1


def test_nobody_is_sent_to_the_login() -> None:
    for path in ("/account/", "/account/second-factor/"):
        assert Client().get(path).headers["Location"] == f"/login/?next={path}"
    for path in ("sessions", "second-factor/off", "recovery-codes"):
        assert Client().post(f"/account/{path}/").status_code == 302


def test_a_browser_cannot_forge_the_page() -> None:
    client = log_in("<b>\x01\u202e" + "x" * 500)
    assert "<b>" not in client.get("/account/").content.decode().partition("<main")[2]


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [(FIREFOX, "Firefox on Linux"), (IPHONE, "Safari on iPhone"), (EDGE, "Edge on Windows"),
     ("curl/8.9", "curl/8.9"), ("", "Unknown browser")],
)  # fmt: skip
def test_a_browser_has_the_name_that_people_know(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
