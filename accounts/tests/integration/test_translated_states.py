"""Every state of the pages of accounts goes through the catalogs, not only what they first show."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.audit_entry_model import ALL_HOTELS, Act
from accounts.models import AuditEntry, Invitation
from accounts.own_account import second_factor
from accounts.people.invitations import link_token
from accounts.people.mail_or_link import TOO_MANY
from accounts.tests.integration.conftest import PASSWORD, log_in, make_user
from accounts.tests.integration.test_second_factor import code_of, forget_use, right_code
from tests.untranslated_texts import marked_language, untranslated

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]

DATA = ("Hotel 1", "Hotel 2", "mia", "lea@hotel.test", "tom", "Firefox", "Windows")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def marked() -> Iterator[None]:
    with marked_language():
        yield


@pytest.fixture
def mia() -> Any:
    return make_user("mia", manages="1,2")


@pytest.fixture
def invitation(mia: Any) -> Invitation:
    return Invitation.objects.create(
        address="lea@hotel.test", hotels="1, 2", role="decide", invited_by=mia,
        invited_by_name="mia",
    )  # fmt: skip


def without_mail_server(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"


def check(response: Any, status: int = 200, *said: str) -> None:
    """Check that a page says these texts, marked, and nothing that is not translated."""
    assert response.status_code == status
    html = response.content.decode()
    assert untranslated(html, *DATA) == []
    for text in said:
        assert f"⟦{text}" in html, text


def test_the_login() -> None:
    make_user("mia")
    check(Client().get("/login/"), 200, "Forgotten password")
    check(Client().get("/login/?reset"), 200, "The new password is set")
    wrong = {"username": "mia", "password": "wrong"}
    check(Client().post("/login/", wrong), 200, "That name and password do not match")
    for _ in range(5):
        last = Client().post("/login/", wrong)
    check(last, 429, "Too many attempts")


def test_the_code_of_the_login() -> None:
    mia = make_user("mia")
    second_factor.confirm(mia, code_of(second_factor.device_to_enrol(mia)))
    client = Client()
    client.post("/login/", {"username": "mia", "password": PASSWORD})
    check(client.get("/login/code/"), 200, "Code of your authenticator app")
    check(client.post("/login/code/", {"code": "x"}), 400, "That code is not right")


def test_the_password(mia: Any) -> None:
    client = log_in(mia)
    check(client.get("/password/"), 200, "Old password")
    fields = {"old_password": "wrong", "new_password1": "123", "new_password2": "1234"}
    check(client.post("/password/", fields))
    fields = {"old_password": PASSWORD, "new_password1": "123", "new_password2": "123"}
    check(client.post("/password/", fields))
    fields |= {"new_password1": "new-and-long-1", "new_password2": "new-and-long-1"}
    check(client.post("/password/", fields, follow=True), 200, "The password is changed")


def test_a_forgotten_password(settings: Any) -> None:
    check(Client().get("/password/forgotten/"), 200, "We send a link")
    check(Client().get("/password/forgotten/?sent"), 200, "If that address has a login")
    check(Client().post("/password/forgotten/", {"address": "x"}), 400, "Give a mail address")
    unsent = Client().post("/password/forgotten/", {"address": "mia@hotel.test"})
    check(unsent, 503)
    without_mail_server(settings)
    check(Client().get("/password/forgotten/"), 200, "This system has no mail server")


def test_a_new_password(mia: Any) -> None:
    check(Client().get("/password/new/1/1/"), 200, "A link is valid for two hours")
    token = default_token_generator.make_token(mia)
    client = Client()
    link = client.get(f"/password/new/{urlsafe_base64_encode(force_bytes(mia.pk))}/{token}/")
    path = link.headers["Location"]
    check(client.get(path), 200, "All your logins end")
    check(client.post(path, {"new_password1": "12", "new_password2": "13"}))


def test_the_own_login_and_the_second_factor(mia: Any) -> None:
    client = log_in(mia)
    client.post("/login/", {"username": "mia", "password": PASSWORD})
    Client(HTTP_USER_AGENT=FIREFOX).post("/login/", {"username": "mia", "password": PASSWORD})
    check(client.get("/account/"), 200, "Off: whoever knows", "End all others", "Language")
    check(client.post("/account/sessions/", {"session": "x"}), 400, "is no number")
    check(client.post("/account/sessions/", {"session": "others"}, follow=True), 200, "All your")
    check(client.post("/account/sessions/", {"session": "9"}, follow=True), 200, "That login had")
    check(client.get("/account/second-factor/"), 200, "Scan this")
    check(client.post("/account/second-factor/", {}), 400, "Give the code")
    wrong = {"code": "000000", "password": "wrong"}
    check(client.post("/account/second-factor/", wrong), 400, "That is not your password")
    wrong = {"code": "x", "password": PASSWORD}
    check(client.post("/account/second-factor/", wrong), 400, "That code is not right")
    forget_use()
    right = {"code": right_code(), "password": PASSWORD}
    check(client.post("/account/second-factor/", right), 200, "The second factor is on")
    forget_use()
    check(client.get("/account/"), 200, "On: you log in", "New recovery codes")
    check(client.post("/account/recovery-codes/", {"password": PASSWORD}), 200, "If you lose")
    off = client.post("/account/second-factor/off/", {"password": PASSWORD}, follow=True)
    check(off, 200, "The second factor is off")


def test_the_people_of_a_hotel(mia: Any, invitation: Invitation, settings: Any) -> None:
    make_user("tom", sees="1")
    client = log_in(mia)
    check(client.get("/people/?hotel_id=1"), 200, "Has not logged in yet", "Valid until", "you")
    Invitation.objects.update(mail_error=TOO_MANY)
    check(client.get("/people/?hotel_id=1"), 200, "The mail was not sent", TOO_MANY)
    Invitation.objects.update(sent_at="2020-01-01T00:00Z", mail_error="", is_mailed=True)
    check(client.get("/people/?hotel_id=1"), 200, "<strong>Expired</strong>", "mailed")
    wrong = {"hotel_id": "1", "address": "x", "role": "owner", "hotel_numbers": "a"}
    check(client.post("/people/invite/", wrong), 400)
    check(client.post("/people/invite/", {"hotel_id": "x"}), 400, "The address is wrong")
    check(client.get("/people/?hotel_id=9"), 403, "No access")
    without_mail_server(settings)
    check(client.get("/people/?hotel_id=1"), 200, "This system has no mail server", "New link")
    staff = get_user_model().objects.create_superuser("tom2")
    check(log_in(staff).get("/people/"), 200, "No hotels yet")


def test_what_was_done_for_people(mia: Any, invitation: Invitation, settings: Any) -> None:
    without_mail_server(settings)
    tom = make_user("tom", sees="1")
    client = log_in(mia)

    def do(path: str, **fields: Any) -> Any:
        return client.post(f"/people/{path}/", {"hotel_id": 1, **fields}, follow=True)

    check(do("role", user=tom.pk, role="decide"), 200)
    check(do("role", user=mia.pk, role="see"), 200, "Nobody changes their own role")
    check(do("remove", user=tom.pk), 200)
    check(do("remove", user=tom.pk), 200, "This person is not one of")
    check(do("resend", invitation=invitation.pk), 200, "The link")
    check(do("withdraw", invitation=invitation.pk), 200)
    check(do("withdraw", invitation=invitation.pk), 200, "This invitation is not open any more")
    invite = {"address": "tom3@hotel.test", "role": "see", "hotels": [1]}
    page = do("invite", **invite)
    assert untranslated(page.content.decode(), *DATA, "tom3@hotel.test") == []


def test_the_audit_log_has_every_act(mia: Any) -> None:
    for act in Act:
        AuditEntry.objects.create(who="mia", act=act, hotel_id=ALL_HOTELS, details="x")
    client = log_in(mia)
    check(client.get("/people/audit/?hotel_id=1"), 200, "What was done, newest first")
    check(client.get("/people/audit/?hotel_id=1&who=tom"), 200, "Nothing yet")
    check(client.get("/people/audit/?hotel_id=1&format=pdf"), 400, "known is: ")


def test_an_invitation(mia: Any, invitation: Invitation) -> None:
    link = f"/invitation/{link_token(invitation)}/"

    def opened(client: Client) -> Client:
        client.get(link)
        return client

    check(Client().get("/invitation/"), 410, "This link is not valid any more")
    client = opened(Client())
    check(client.get("/invitation/"), 200, "You are invited", "You will see figures, and decide")
    wrong = {"name": "<1>", "password": "12", "password_again": "13"}
    check(client.post("/invitation/", wrong), 400)
    check(opened(log_in(mia)).get("/invitation/"), 200, "You are logged in as")
    lea = make_user("lea@hotel.test")
    check(opened(Client()).get("/invitation/"), 200, "You have a login already")
    check(opened(log_in(lea)).get("/invitation/"), 200, "Accept the invitation")
