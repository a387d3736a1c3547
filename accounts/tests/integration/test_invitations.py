"""Invitations by mail: who may send them, what a link is worth, and for how long."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from accounts.audit_entry_model import Act
from accounts.hotel_roles import roles_of, take_role
from accounts.models import AuditEntry, HotelAccess, Invitation, Role
from accounts.people.invitations import link_token
from accounts.tests.integration.conftest import PASSWORD, log_in, make_user
from tests.mailbox import Mailbox, text_of

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]

ADDRESS, NEW = "lea@hotel.test", "new-and-long-1"


@pytest.fixture
def manager() -> Any:
    return make_user("mia", manages="1,2", sees="3")


def invite(by: Any, hotels: list[int], role: str = "decide", **fields: Any) -> Any:
    data = {"hotel_id": 1, "address": ADDRESS, "role": role, "hotels": hotels, **fields}
    return log_in(by).post("/people/invite/", data)


def follow(link: str, client: Client | None = None) -> Client:
    """Open a link; return the browser with its session."""
    client = client or Client()
    client.get(link, follow=True)
    return client


def accept_new(client: Client, name: str = "Lea Lauer", password: str = NEW) -> Any:
    fields = {"name": name, "password": password, "password_again": password}
    return client.post("/invitation/", fields)


def test_a_colleague_is_invited_and_accepts(manager: Any, mailbox: Mailbox) -> None:
    response = invite(manager, [1, 2])
    assert response.headers["Location"] == "/people?hotel_id=1"
    [mail] = mailbox.mails
    assert mail["To"] == ADDRESS
    assert mail["Subject"] == "mia invites you to RoomPriceGenie"
    assert "- Hotel 1\r\n- Hotel 2" in text_of(mail)
    assert mailbox.last_link() in text_of(mail, "html")
    client = follow(mailbox.last_link())
    page = client.get("/invitation/").content.decode()
    assert "Hotel 2" in page
    assert ADDRESS in page
    assert accept_new(client).headers["Location"] == "/"
    user = get_user_model().objects.get(username=ADDRESS)
    assert (user.first_name, user.email, user.check_password(NEW)) == ("Lea Lauer", ADDRESS, True)
    assert roles_of(user) == {1: Role.DECIDE, 2: Role.DECIDE}
    assert client.get("/dashboard/?hotel_id=1").status_code == 200, "logged in"
    acts = AuditEntry.objects.filter(hotel_id=1).values_list("who", "act", "details")
    assert list(acts) == [
        (ADDRESS, Act.JOINED, f"{ADDRESS} (decide, invited by mia)"),
        ("mia", Act.INVITED, f"{ADDRESS} (decide)"),
    ]


def test_the_address_is_in_small_letters_and_logs_in_in_any(manager: Any, mailbox: Mailbox) -> None:
    invite(manager, [1], address="Lea@Hotel.TEST")
    accept_new(follow(mailbox.last_link()))
    client = Client()
    client.post("/login/", {"username": "LEA@hotel.test", "password": NEW})
    assert client.get("/dashboard/?hotel_id=1").status_code == 200


@pytest.mark.parametrize(
    ("role", "hotels"),
    [("see", {1: "see"}), ("decide", {1: "decide"}), ("manage", {1: "manage"})],
)
def test_a_role_is_given(manager: Any, mailbox: Mailbox, role: str, hotels: Any) -> None:
    invite(manager, [1], role=role)
    accept_new(follow(mailbox.last_link()))
    assert roles_of(get_user_model().objects.get(username=ADDRESS)) == hotels


@pytest.mark.parametrize("hotels", [[3], [1, 3], [99]])
def test_nobody_invites_to_hotels_that_they_do_not_manage(
    manager: Any, mailbox: Mailbox, hotels: list[int]
) -> None:
    assert invite(manager, hotels).status_code == 400
    numbers = " ".join(map(str, hotels))
    assert invite(manager, [], hotel_numbers=numbers).status_code == 400
    assert not Invitation.objects.exists()
    assert not mailbox.mails


@pytest.mark.parametrize("rights", [{"decides": "1"}, {"sees": "1"}, {"manages": "2"}])
def test_only_managers_of_the_hotel_invite(mailbox: Mailbox, rights: Any) -> None:
    response = invite(make_user("tom", **rights), [1], role="manage")
    assert response.status_code == 403
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"address": "no address"}, {"address": '"a\nb"@hotel.test'}, {"address": ""},
        {"address": "x" * 145 + "@h.test"}, {"role": "owner"}, {"hotels": []}, {"hotels": ["x"]},
        {"hotel_numbers": "1 two"}, {"hotel_numbers": "9" * 1300},
    ],
)  # fmt: skip
def test_wrong_fields_are_said_and_invite_nobody(
    manager: Any, mailbox: Mailbox, fields: Any
) -> None:
    response = invite(manager, **{"hotels": [1], **fields})
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert not Invitation.objects.exists()


def test_a_member_is_not_invited_again(manager: Any, mailbox: Mailbox) -> None:
    make_user(ADDRESS, sees="1")
    response = invite(manager, [1], role="manage", address="LEA@hotel.test")
    assert "is one of the people of hotel 1 already" in response.content.decode()
    assert not mailbox.mails


def test_the_answer_does_not_tell_whether_an_address_has_a_login(
    manager: Any, mailbox: Mailbox
) -> None:
    make_user("known@hotel.test", sees="7")
    for address in (ADDRESS, "known@hotel.test"):
        client = log_in(manager)
        fields = {"hotel_id": 1, "role": "see", "hotels": [1], "address": address}
        client.post("/people/invite/", fields)
        page = client.get("/people/?hotel_id=1").content.decode()
        assert f"The invitation is on its way to {address}." in page
    assert len({text_of(mail).replace(mailbox.last_link(), "")[:80] for mail in mailbox.mails}) == 1


def test_a_link_works_once(manager: Any, mailbox: Mailbox) -> None:
    invite(manager, [1])
    link = mailbox.last_link()
    accept_new(follow(link))
    assert Client().get(link).status_code == 410
    client = Client()
    session = client.session
    session["invitation_token"] = link.rsplit("/", 1)[1]
    session.save()
    client.cookies["sessionid"] = str(session.session_key)
    assert accept_new(client).status_code == 410


def test_a_link_is_valid_for_seven_days(manager: Any, mailbox: Mailbox) -> None:
    invite(manager, [1])
    sent = timezone.now() - timedelta(days=7, seconds=1)
    Invitation.objects.update(sent_at=sent)
    assert Client().get(mailbox.last_link()).status_code == 410
    page = log_in(manager).get("/people/?hotel_id=1").content.decode()
    assert "<strong>Expired</strong>" in page
    Invitation.objects.update(sent_at=sent + timedelta(minutes=1))
    assert Client().get(mailbox.last_link()).status_code == 302


@pytest.mark.parametrize("part", range(3))
def test_an_altered_link_is_not_valid(manager: Any, mailbox: Mailbox, part: int) -> None:
    invite(manager, [1])
    start, token = mailbox.last_link().rsplit("/", 1)
    parts = token.split(":")
    parts[part] = parts[part][:-1] + ("A" if parts[part][-1] != "A" else "B")
    assert Client().get(f"{start}/{':'.join(parts)}").status_code == 410


def test_a_link_of_another_system_is_not_valid(
    manager: Any, mailbox: Mailbox, settings: Any
) -> None:
    invite(manager, [1])
    with override_settings(SECRET_KEY="another key of another system"):
        foreign = link_token(Invitation.objects.get())
    assert Client().get(f"/invitation/{foreign}").status_code == 410


def test_sending_again_replaces_the_link(manager: Any, mailbox: Mailbox) -> None:
    invite(manager, [1])
    first, made = mailbox.last_link(), Invitation.objects.get()
    fields = {"hotel_id": 1, "invitation": made.pk}
    log_in(manager).post("/people/resend/", fields)
    assert first != mailbox.last_link()
    assert Client().get(first).status_code == 410
    assert Client().get(mailbox.last_link()).status_code == 302


def test_a_withdrawn_invitation_is_not_valid(manager: Any, mailbox: Mailbox) -> None:
    invite(manager, [1])
    client = follow(mailbox.last_link())
    fields = {"hotel_id": 1, "invitation": Invitation.objects.get().pk}
    page = log_in(manager).post("/people/withdraw/", fields, follow=True).content.decode()
    assert f"The invitation of {ADDRESS} to this hotel is withdrawn." in page
    assert accept_new(client).status_code == 410
    assert not get_user_model().objects.filter(username=ADDRESS).exists()


def test_a_withdrawn_hotel_is_taken_out_of_the_invitation(manager: Any, mailbox: Mailbox) -> None:
    invite(manager, [1, 2])
    fields = {"hotel_id": 1, "invitation": Invitation.objects.get().pk}
    log_in(make_user("eva", manages="1")).post("/people/withdraw/", fields)
    accept_new(follow(mailbox.last_link()))
    assert roles_of(get_user_model().objects.get(username=ADDRESS)) == {2: Role.DECIDE}


@pytest.mark.parametrize("path", ["/people/resend/", "/people/withdraw/"])
def test_another_hotel_s_manager_touches_no_invitation(
    manager: Any, mailbox: Mailbox, path: str
) -> None:
    invite(manager, [1])
    before = Invitation.objects.values().get()
    other = log_in(make_user("eva", manages="9"))
    for hotel, status in ((1, 403), (9, 302)):
        fields = {"hotel_id": hotel, "invitation": before["id"]}
        assert other.post(path, fields).status_code == status
    assert Invitation.objects.values().get() == before
    assert len(mailbox.mails) == 1


def test_an_invitation_is_worth_what_its_sender_may_give_when_it_is_accepted(
    manager: Any, mailbox: Mailbox
) -> None:
    invite(manager, [1, 2])
    client = follow(mailbox.last_link())
    with transaction.atomic():
        take_role(manager, 1)
    accept_new(client)
    assert roles_of(get_user_model().objects.get(username=ADDRESS)) == {2: Role.DECIDE}


@pytest.mark.parametrize("gone", ["deleted", "disabled", "demoted"])
def test_an_invitation_of_somebody_who_has_gone_is_not_valid(
    manager: Any, mailbox: Mailbox, gone: str
) -> None:
    invite(manager, [1])
    if gone == "deleted":
        manager.delete()
    elif gone == "disabled":
        get_user_model().objects.update(is_active=False)
    else:
        HotelAccess.objects.update(manages="", decides="1,2")
    assert Client().get(mailbox.last_link()).status_code == 410


def test_whoever_has_a_login_logs_in_and_confirms(manager: Any, mailbox: Mailbox) -> None:
    lea = make_user(ADDRESS, sees="7")
    invite(manager, [1])
    client = follow(mailbox.last_link())
    assert "You have a login already" in client.get("/invitation/").content.decode()
    accept_new(client)
    assert roles_of(lea) == {7: Role.SEE}, "the link alone gives nothing"
    assert lea.check_password(PASSWORD)
    sent = {"username": ADDRESS, "password": PASSWORD, "next": "/invitation"}
    assert client.post("/login/", sent).headers["Location"] == "/invitation"
    assert client.post("/invitation/").headers["Location"] == "/"
    assert roles_of(lea) == {1: Role.DECIDE, 7: Role.SEE}


def test_somebody_else_cannot_accept(manager: Any, mailbox: Mailbox) -> None:
    invite(manager, [1])
    tom = make_user("tom", sees="1")
    client = follow(mailbox.last_link(), log_in(tom))
    assert "You are logged in as tom" in client.post("/invitation/").content.decode()
    assert roles_of(tom) == {1: Role.SEE}
    assert Invitation.objects.get().is_open


def test_a_higher_role_is_kept(manager: Any, mailbox: Mailbox) -> None:
    invite(manager, [1, 2], role="decide")
    lea = make_user(ADDRESS, manages="1")
    client = follow(mailbox.last_link(), log_in(lea))
    client.post("/invitation/")
    assert roles_of(lea) == {1: Role.MANAGE, 2: Role.DECIDE}


@pytest.mark.parametrize(
    ("name", "password", "again"),
    [("", NEW, NEW), ("Lea", NEW, "other"), ("Lea", "short", "short"), ("Lea", ADDRESS, ADDRESS),
     ("Lea", "12345678901", "12345678901"), ("L" * 151, NEW, NEW), ("L\u202e", NEW, NEW)],
)  # fmt: skip
def test_a_wrong_name_or_password_makes_no_login(
    manager: Any, mailbox: Mailbox, name: str, password: str, again: str
) -> None:
    invite(manager, [1])
    client = follow(mailbox.last_link())
    fields = {"name": name, "password": password, "password_again": again}
    response = client.post("/invitation/", fields)
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert not get_user_model().objects.filter(username=ADDRESS).exists()
    assert accept_new(client).status_code == 302, "the link is not used up"


def test_without_a_mail_server_the_link_is_shown_once(manager: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    client = log_in(manager)
    fields = {"hotel_id": 1, "address": ADDRESS, "role": "see", "hotels": [1]}
    page = client.post("/people/invite/", fields, follow=True).content.decode()
    found = re.search(r'value="http://testserver(/invitation/[^"]+)"', page)
    assert found
    assert "no mail server" in page
    assert "/invitation/" not in client.get("/people/?hotel_id=1").content.decode()
    assert accept_new(follow(found[1])).status_code == 302


def test_a_mail_that_is_refused_is_said(manager: Any, mailbox: Mailbox) -> None:
    mailbox.refusal = "550 no such mailbox"
    invite(manager, [1])
    page = log_in(manager).get("/people/?hotel_id=1").content.decode()
    assert "The mail was not sent" in page
    assert "no such mailbox" in page


def test_an_address_gets_a_few_mails_an_hour(manager: Any, mailbox: Mailbox) -> None:
    invite(manager, [1])
    fields = {"hotel_id": 1, "invitation": Invitation.objects.get().pk}
    for _ in range(7):
        log_in(manager).post("/people/resend/", fields)
    assert len(mailbox.mails) == 5
    page = log_in(manager).get("/people/?hotel_id=1").content.decode()
    assert "got five mails within an hour" in page


def test_no_link_or_password_is_logged(
    manager: Any, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        invite(manager, [1])
        token = mailbox.last_link().rsplit("/", 1)[1]
        accept_new(follow(mailbox.last_link()))
    own = [record for record in caplog.records if record.name != "mail.log"]  # without the server's
    lines = "\n".join(record.getMessage() for record in own)
    assert f"mia invited: '{ADDRESS}', hotels 1 (decide)" in lines
    assert token not in lines
    assert NEW not in lines
