"""Messages by mail, against a real SMTP server: taken once, tried again, given up, for the user only."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import HotelAccess
from dashboard_service.models import HotelProfile
from overview.alerts.alert_models import AlertKind, AlertRule
from overview.alerts.raise_alerts import raise_alerts
from overview.messages import due_sendings, mail_sending
from overview.messages.due_sendings import MOST_TRIES
from overview.messages.mail_sending import send_due_mails
from overview.messages.message_models import Message, MessageSending
from overview.morning_mail.due_mornings import make_due_mornings
from overview.morning_mail.subscription_models import MorningSubscription
from overview.tests.mail_server import MailServer, part, running_mail_server
from overview.tests.people import create_user, end_pauses, subscribe, switch_on
from pricing_service.tests.hotels import DATABASES, HOTEL, book, create_hotel, night

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
EVIL_NAME = 'שלום 🏔 "Lodge" <b>\r\nBcc: all@example.com'


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with running_mail_server(settings) as server:
        create_hotel()
        yield server


def alert(user: Any) -> None:
    """Have a user told of a pickup."""
    switch_on(user, AlertKind.NIGHT_PICKUP)
    book(night(5), 3)
    assert raise_alerts() == 1


def test_an_alert_arrives_once_with_text_and_html(server: MailServer) -> None:
    alert(create_user())
    assert [send_due_mails(), send_due_mails()] == [1, 0]
    [mail] = server.mails
    assert server.recipients == ["anna@hotel.example"]
    assert mail["Subject"].startswith(f"Hotel {HOTEL}: +3 room-nights for")
    assert mail["From"] == "RoomPriceGenie <mails@rpg.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [sub.get_content_type() for sub in mail.iter_parts()] == ["text/plain", "text/html"]
    link = f"https://rpg.example/pricing?hotel_id={HOTEL}&night={night(5)}"
    assert link in part(mail, "plain")
    assert link.replace("&", "&amp;") in part(mail, "html")
    assert MessageSending.objects.get().sent_at is not None


def test_a_hotel_s_name_adds_no_header_and_no_html(server: MailServer) -> None:
    HotelProfile.objects.filter(pk=HOTEL).update(name=EVIL_NAME)
    user = create_user()
    subscribe(user)
    alert(user)
    assert make_due_mornings() == 1
    assert send_due_mails() == 2
    for mail in server.mails:
        assert mail["Bcc"] is None
        assert mail["Subject"].lstrip().startswith('שלום 🏔 "Lodge" <b> Bcc: all@example.com')
        assert "<b>" not in part(mail, "html")
        assert "&lt;b&gt;" in part(mail, "html")
        assert "&lt;" not in part(mail, "plain")
    assert server.recipients == ["anna@hotel.example"] * 2


def test_one_click_ends_one_kind_of_mails_without_a_login(server: MailServer) -> None:
    user = create_user()
    switch_on(user, AlertKind.DELIVERIES)
    subscribe(user)
    alert_rules = AlertRule.objects.order_by("kind").values_list("kind", "by_mail")
    alert(user)
    send_due_mails()
    mail = server.mails[0]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = mail["List-Unsubscribe"].strip(" <>")
    assert address in part(mail, "plain")
    path = address.removeprefix("https://rpg.example")
    stranger = Client(enforce_csrf_checks=True)
    assert "Get no more of these mails?" in stranger.get(path).text
    assert list(alert_rules.all()) == [("deliveries", True), ("night-pickup", True)]
    for _ in range(2):
        answer = stranger.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert list(alert_rules.all()) == [("deliveries", True), ("night-pickup", False)]
    assert MorningSubscription.objects.get().is_on
    assert AlertRule.objects.exclude(on_since=None).count() == 2  # they stay in the inbox


def test_one_click_ends_the_morning_mail(server: MailServer) -> None:
    subscribe(create_user())
    make_due_mornings()
    send_due_mails()
    path = server.mails[0]["List-Unsubscribe"].strip(" <>").removeprefix("https://rpg.example")
    assert Client().post(path).status_code == 200
    assert not MorningSubscription.objects.get().is_on


@pytest.mark.parametrize("change", [lambda t: t[:-1] + "~", lambda t: "x" + t, lambda t: "1:2:3"])
def test_a_link_that_was_not_made_here_ends_nothing(server: MailServer, change: Any) -> None:
    alert(create_user())
    send_due_mails()
    token = re.search(r"/unsubscribe/([^/>]+)", server.mails[0]["List-Unsubscribe"])
    assert token
    answer = Client().post(f"/unsubscribe/{change(token[1])}/")
    assert answer.status_code == 404
    assert AlertRule.objects.get().by_mail


def test_a_refused_address_stops_nobody_else(server: MailServer) -> None:
    anna, bert, clara = (create_user(name) for name in ("anna", "bert", "clara"))
    server.refused = {anna.email: "550 no such user", bert.email: "450 greylisted"}
    for user in (anna, bert, clara):
        switch_on(user, AlertKind.NIGHT_PICKUP)
    book(night(5), 3)
    assert raise_alerts() == 3
    assert send_due_mails() == 1
    assert server.recipients == [clara.email]
    sending = {one.message.user_id: one for one in MessageSending.objects.all()}
    assert sending[anna.pk].given_up_at is not None
    assert sending[anna.pk].answer == "550 no such user"
    next_try_at = sending[bert.pk].next_try_at
    assert next_try_at is not None
    assert next_try_at > timezone.now()
    server.refused = {}
    assert send_due_mails() == 0  # its pause is not over
    end_pauses()
    assert send_due_mails() == 1
    assert server.recipients == [clara.email, bert.email]


def test_a_server_that_is_away_gets_it_later_and_is_given_up_in_the_end(
    server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    alert(create_user())
    server.stop()
    pauses = []
    for _ in range(MOST_TRIES - 1):
        end_pauses()
        now = timezone.now()
        assert send_due_mails() == 0
        sending = MessageSending.objects.get()
        assert sending.next_try_at is not None
        pauses.append(round((sending.next_try_at - now).total_seconds() / 60))
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 120, 120, 120, 120]
    assert "ConnectionRefusedError" in sending.answer
    server.start()
    server.answer = "451 try later"
    end_pauses()
    assert send_due_mails() == 0
    assert MessageSending.objects.get().given_up_at is not None
    assert "given up" in caplog.text
    end_pauses()
    assert send_due_mails() == 0
    assert Message.objects.count() == 1


def test_a_server_that_does_not_answer_ends_the_run(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each of many mails would wait for its time limit."""
    for name in ("anna", "bert", "clara"):
        switch_on(create_user(name), AlertKind.NIGHT_PICKUP)
    book(night(5), 3)
    raise_alerts()
    server.stop()
    assert send_due_mails() == 0
    assert sorted(MessageSending.objects.values_list("tries", flat=True)) == [0, 0, 1]
    server.start()
    assert send_due_mails() == 2
    end_pauses()
    assert send_due_mails() == 1


def test_a_process_that_dies_while_sending_sends_again_and_not_without_end(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert(create_user())

    class Died(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Died

    with monkeypatch.context() as dying:
        dying.setattr(due_sendings, "note_arrived", die)
        for _ in range(MOST_TRIES):
            end_pauses()
            with pytest.raises(Died):
                mail_sending.send_due_mails()
    end_pauses()
    assert send_due_mails() == 0
    assert len(server.mails) == MOST_TRIES
    assert len({mail["Message-ID"] for mail in server.mails}) == 1
    assert MessageSending.objects.get().given_up_at is not None


def test_a_lost_hotel_is_mailed_no_more_at_once(server: MailServer) -> None:
    user = create_user()
    subscribe(user)
    alert(user)
    HotelAccess.objects.update(hotels="8")
    assert make_due_mornings() == 0
    assert send_due_mails() == 0
    assert server.asked == []
    assert MessageSending.objects.get().next_try_at is None


def test_without_a_mail_server_or_address_messages_stay_in_the_inbox(
    server: MailServer, settings: Any
) -> None:
    alert(create_user())
    user = create_user("bert", email="")
    subscribe(user)
    make_due_mornings()
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    subscribe(create_user("clara"))
    assert make_due_mornings() == 1
    assert Message.objects.count() == 3
    assert MessageSending.objects.count() == 2  # none was made without a server
    assert send_due_mails() == 0
    assert server.asked == []
    assert not MessageSending.objects.exclude(next_try_at=None).exists()


def test_an_address_that_no_server_can_be_told_is_given_up(server: MailServer) -> None:
    alert(create_user(email="no address at all <"))
    assert send_due_mails() == 0
    assert MessageSending.objects.get().given_up_at is not None


def test_an_old_message_is_deleted_and_not_told_again(server: MailServer) -> None:
    from overview.messages.old_messages import KEPT_DAYS, delete_old_messages

    alert(create_user())
    Message.objects.update(made_at=timezone.now() - timedelta(days=KEPT_DAYS + 1))
    assert delete_old_messages() == 2  # and its way out
    book(night(5), 1)
    assert raise_alerts() == 0
