"""A forgotten password: a mail with a link, the same answer for everybody, other sessions end."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from accounts import rate_limits
from accounts.models import AuditEntry, LoginSession
from accounts.own_account import second_factor
from accounts.tests.integration.conftest import PASSWORD, log_in, make_user
from accounts.tests.integration.test_second_factor import code_of
from tests.mailbox import Mailbox, text_of

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]

ADDRESS, NEW = "mia@hotel.test", "another-and-long-1"


@pytest.fixture
def mia() -> Any:
    user = make_user("mia", sees="1")
    get_user_model().objects.update(email=ADDRESS)
    return user


def ask(address: str, **meta: Any) -> Any:
    return Client(**meta).post("/password/forgotten/", {"address": address})


def set_new(link: str, password: str = NEW) -> Any:
    client = Client()
    page = client.get(link)
    if page.status_code != 302:
        return page
    fields = {"new_password1": password, "new_password2": password}
    return client.post(page.headers["Location"], fields)


def is_right(password: str) -> bool:
    return bool(get_user_model().objects.get(username="mia").check_password(password))


@pytest.mark.usefixtures("mia")
@pytest.mark.parametrize("address", [ADDRESS, "MIA@Hotel.Test"])
def test_a_mailed_link_sets_a_new_password(mailbox: Mailbox, address: str) -> None:
    assert ask(address).headers["Location"] == "/password/forgotten?sent"
    [mail] = mailbox.mails
    assert mail["To"] == ADDRESS
    assert "the login mia" in text_of(mail)
    assert mailbox.last_link() in text_of(mail, "html")
    assert set_new(mailbox.last_link()).headers["Location"] == "/login?reset"
    assert is_right(NEW)
    assert "The new password is set" in Client().get("/login/?reset").content.decode()


@pytest.mark.usefixtures("mia")
def test_the_answer_does_not_tell_whether_an_address_has_a_login(mailbox: Mailbox) -> None:
    known, unknown = ask(ADDRESS), ask("nobody@hotel.test")
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code, unknown.headers["Location"],
    )  # fmt: skip
    assert known.content == unknown.content
    assert len(mailbox.mails) == 1


def test_all_sessions_end(mia: Any, mailbox: Mailbox) -> None:
    session = log_in(mia)
    ask(ADDRESS)
    set_new(mailbox.last_link())
    assert not LoginSession.objects.exists()
    assert session.get("/dashboard/?hotel_id=1").status_code == 401
    assert AuditEntry.objects.filter(user=mia, act="password-reset").exists()


def test_the_second_factor_stays(mia: Any, mailbox: Mailbox) -> None:
    second_factor.confirm(mia, code_of(second_factor.device_to_enrol(mia)))
    ask(ADDRESS)
    set_new(mailbox.last_link())
    client = Client()
    response = client.post("/login/", {"username": "mia", "password": NEW})
    assert response.headers["Location"] == "/login/code"


@pytest.mark.usefixtures("mia")
def test_a_link_works_once(mailbox: Mailbox) -> None:
    ask(ADDRESS)
    set_new(mailbox.last_link())
    page = set_new(mailbox.last_link(), "yet-another-long-1")
    assert "not valid any more" in page.content.decode()
    assert is_right(NEW)


@pytest.mark.usefixtures("mia")
@pytest.mark.parametrize("alter", ["token", "user"])
def test_an_altered_link_is_not_valid(mailbox: Mailbox, alter: str) -> None:
    make_user("eva")
    ask(ADDRESS)
    *start, uid, token = mailbox.last_link().split("/")
    if alter == "token":
        token = token[:-1] + ("a" if token[-1] != "a" else "b")
    else:
        uid = "AAAA"
    assert "not valid any more" in set_new("/".join([*start, uid, token])).content.decode()
    assert is_right(PASSWORD)


@pytest.mark.usefixtures("mia")
def test_a_link_is_valid_for_two_hours(mailbox: Mailbox, settings: Any) -> None:
    assert settings.PASSWORD_RESET_TIMEOUT == 7200
    ask(ADDRESS)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "not valid any more" in set_new(mailbox.last_link()).content.decode()


@pytest.mark.usefixtures("mia")
def test_a_weak_password_is_refused(mailbox: Mailbox) -> None:
    ask(ADDRESS)
    assert "too short" in set_new(mailbox.last_link(), "short").content.decode()
    assert is_right(PASSWORD)


@pytest.mark.usefixtures("mia")
@pytest.mark.parametrize("state", ["disabled", "without password"])
def test_a_login_that_may_not_log_in_gets_no_mail(mailbox: Mailbox, state: str) -> None:
    user = get_user_model().objects.get()
    user.is_active = state != "disabled"
    if state == "without password":
        user.set_unusable_password()
    user.save()
    ask(ADDRESS)
    assert not mailbox.mails


@pytest.mark.usefixtures("mia")
def test_an_address_gets_a_few_mails_an_hour(mailbox: Mailbox) -> None:
    for number in range(8):
        ask(ADDRESS, REMOTE_ADDR=f"1.1.1.{number}")
    assert len(mailbox.mails) == 5


@pytest.mark.usefixtures("mia")
def test_asking_is_limited_by_address(
    mailbox: Mailbox, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_OF_LOGINS = 3
    monkeypatch.setattr(rate_limits, "WINDOW_SECONDS", 10**6)  # no window ends in the test
    statuses = [ask(f"{n}@hotel.test").status_code for n in range(5)]
    assert statuses == [302, 302, 302, 429, 429]
    link = "/password/new/MQ/set"
    assert Client().post(link, {}).status_code == 429


@pytest.mark.parametrize("address", ["", "no address", "x" * 300 + "@hotel.test"])
def test_what_is_no_address_is_said(mailbox: Mailbox, address: str) -> None:
    assert ask(address).status_code == 400


@pytest.mark.usefixtures("mia")
def test_without_a_mail_server_nothing_is_sent_or_logged(
    settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "no mail server" in ask(ADDRESS).content.decode()
    assert "/password/new/" not in capsys.readouterr().out


@pytest.mark.usefixtures("mia")
def test_without_the_queue_it_says_so(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OSError("no route to the broker")

    monkeypatch.setattr("accounts.tasks.send_password_links.apply_async", away)
    for address in (ADDRESS, "nobody@hotel.test"):
        assert ask(address).status_code == 503
