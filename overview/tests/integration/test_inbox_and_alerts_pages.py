"""The pages of messages and alerts: one's own, of hotels that one may see now, without script."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import HotelAccess
from overview.alerts.alert_models import AlertCheck, AlertKind, AlertRule
from overview.messages.message_models import Message, MessageSending, MessageWebhook
from overview.messages.new_messages import Draft, record
from overview.morning_mail.subscription_models import MorningSubscription
from overview.tests.people import create_user
from pricing_service.tests.hotels import DATABASES, HOTEL, create_hotel, night

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
OTHER = 8


@pytest.fixture
def user(settings: Any) -> Any:
    settings.API_AUTH = "required"
    create_hotel()
    create_hotel(OTHER)
    return create_user(hotels=f"{HOTEL}, {OTHER}")


def logged_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def tell(user: Any, title: str, hotel_id: int = HOTEL) -> Message:
    draft = Draft(
        user_id=user.pk, hotel_id=hotel_id, kind="occupancy",
        occasions={f"occupancy/{title}": night(5)}, title=title, text=f"text of {title}",
        link=f"/morning?hotel_id={hotel_id}",
    )  # fmt: skip
    message = record(draft)
    assert message is not None
    return message


def rules_form(**changes: str) -> dict[str, str]:
    form = {"part": "rules"}
    for kind, threshold in (("night-pickup", 3), ("house-pickup", 9), ("cancellations", 5),
                            ("occupancy", 85), ("bound", 4), ("deliveries", 2)):  # fmt: skip
        form[f"{kind}-threshold"] = str(threshold)
    return {
        **form,
        **{name.replace("__", "-").replace("_", "-"): text for name, text in changes.items()},
    }


def test_the_inbox_shows_one_s_own_messages_and_counts_them(user: Any) -> None:
    bert = create_user("bert")
    tell(user, "first <b>")
    tell(user, "second", OTHER)
    tell(bert, "of bert")
    page = logged_in(user).get("/inbox/").text
    assert "first &lt;b&gt;" in page
    assert "second" in page
    assert "of bert" not in page
    assert re.search(r'id="inbox-link".*<b>2<span', page)
    of_one = logged_in(user).get(f"/inbox/?hotel_id={OTHER}").text
    assert "second" in of_one
    assert "first" not in of_one
    assert "No messages" in logged_in(create_user("clara")).get("/inbox/").text


def test_marking_as_read_is_for_one_s_own_messages(user: Any) -> None:
    mine, second, other = tell(user, "one"), tell(user, "two"), tell(create_user("bert"), "three")
    client = logged_in(user)
    assert client.post("/inbox/read/", {"message": mine.pk, "hotel_id": HOTEL})["Location"] == (
        f"/inbox?hotel_id={HOTEL}"
    )
    client.post("/inbox/read/", {"message": other.pk})
    assert list(Message.objects.filter(read_at=None)) == [other, second]
    late = tell(user, "late")  # came after the page was opened
    client.post("/inbox/read/", {"newest": second.pk})
    assert set(Message.objects.filter(read_at=None)) == {other, late}
    for wrong in ({"message": "x"}, {"hotel_id": "0"}, {"unknown": "1"}):
        assert client.post("/inbox/read/", wrong).status_code == 400
    assert Client().post("/inbox/read/", {}).status_code == 302


def test_a_lost_hotel_s_messages_are_gone_at_once(user: Any) -> None:
    tell(user, "here")
    tell(user, "lost", OTHER)
    HotelAccess.objects.update(hotels=str(HOTEL))
    page = logged_in(user).get("/inbox/").text
    assert "lost" not in page
    assert re.search(r'id="inbox-link".*<b>1<span', page)
    assert logged_in(user).get(f"/inbox/?hotel_id={OTHER}").status_code == 403
    assert logged_in(user).get(f"/alerts/?hotel_id={OTHER}").status_code == 403
    assert logged_in(user).post(f"/alerts/?hotel_id={OTHER}", rules_form()).status_code == 403
    assert not AlertRule.objects.exists()


def test_a_new_message_renews_a_page_that_is_open(user: Any) -> None:
    client = logged_in(user)
    address = f"/?hotel_id={HOTEL}"
    client.get(address)  # gets the cookie of the page's forms
    tag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    tell(user, "news")
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_how_a_message_was_sent_is_said(user: Any) -> None:
    now = timezone.now()
    states: list[dict[str, Any]] = [
        {"sent_at": now, "next_try_at": None},
        {"given_up_at": now, "next_try_at": None, "answer": "550 no such user"},
        {"tries": 2, "next_try_at": now + timedelta(minutes=2), "answer": "450 later"},
    ]
    for number, fields in enumerate(states):
        MessageSending.objects.create(message=tell(user, str(number)), channel="mail", **fields)
    page = logged_in(user).get("/inbox/").text
    assert "Sent by mail" in page
    assert "not tried again: <bdi>550 no such user</bdi>" in page
    assert "450 later" in page


def test_pages_have_fifty_messages(user: Any) -> None:
    for number in range(51):
        tell(user, f"number {number}")
    client = logged_in(user)
    first, second = client.get("/inbox/").text, client.get("/inbox/?page=2").text
    assert (first.count('id="message-'), second.count('id="message-')) == (50, 1)
    assert 'rel="next"' in first
    assert 'rel="prev"' in second
    assert client.get("/inbox/?page=0").status_code == 400
    assert client.get("/inbox/?unknown=1").status_code == 400


def test_without_a_mail_server_or_address_the_pages_say_so(user: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    for path in ("/inbox/", f"/alerts/?hotel_id={HOTEL}"):
        assert 'id="no-mail-server"' in logged_in(user).get(path).text
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        assert "no-mail-" not in logged_in(user).get(path).text
        homeless = create_user(f"bert{path}"[:9], email="")
        assert 'id="no-mail-address"' in logged_in(homeless).get(path).text
        settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"


def test_rules_are_proposed_saved_and_one_s_own(user: Any) -> None:
    client = logged_in(user)
    page = client.get(f"/alerts/?hotel_id={HOTEL}").text
    assert (
        'name="house-pickup-threshold" id="threshold-house-pickup" inputmode="numeric" value="8"'
        in page
    )
    assert "checked> Tell me" not in page
    AlertCheck.objects.create(hotel_id=HOTEL, checked_at=timezone.now())
    form = rules_form(occupancy_on="on", occupancy_webhook="on", bound_on="on", bound_mail="on")
    assert client.post(f"/alerts/?hotel_id={HOTEL}", form).status_code == 302
    on = AlertRule.objects.exclude(on_since=None).order_by("kind")
    assert [(rule.kind, rule.threshold, rule.by_mail, rule.by_webhook) for rule in on] == [
        ("bound", 4, True, False),
        ("occupancy", 85, False, True),
    ]
    assert not AlertCheck.objects.exists()  # looked at again at once
    since = on[0].on_since
    client.post(f"/alerts/?hotel_id={HOTEL}", {**form, "bound-threshold": "5"})
    assert AlertRule.objects.get(kind="bound").on_since == since
    assert "The alerts are saved." in client.get(f"/alerts/?hotel_id={HOTEL}").text
    assert 'value="85"' not in logged_in(create_user("bert")).get(f"/alerts/?hotel_id={HOTEL}").text


@pytest.mark.parametrize("text", ["", "0", "-3", "1.5", "x" * 9, "201", "٣", "9" * 30])
def test_a_wrong_threshold_changes_nothing_and_is_said(user: Any, text: str) -> None:
    answer = logged_in(user).post(
        f"/alerts/?hotel_id={HOTEL}", rules_form(occupancy_threshold=text, bound_on="on")
    )
    assert answer.status_code == 400
    assert 'id="wrong-occupancy"' in answer.text
    assert 'name="bound-on" value="on" checked' in answer.text  # what was typed stays
    assert not AlertRule.objects.exists()


@pytest.mark.parametrize(
    "form",
    [
        {"part": "unknown"}, {}, {"part": "morning", "hour": "24"}, {"part": "morning", "hour": "x"},
        {"part": "morning", "hour": "7", "on": "yes"}, {"part": "morning", "hour": "7", "x": "1"},
        {"part": "webhook", "url": "ftp://example.com"}, {"part": "webhook", "url": "http://10.0.0.1"},
        {"part": "webhook", "url": "https://user:secret@example.com/"},
        {"part": "webhook", "url": "https://example.com/" + "x" * 500},
        {"part": "webhook", "url": "http://localhost/"}, {"part": "rules"},
    ],
)  # fmt: skip
def test_wrong_forms_change_nothing(user: Any, form: dict[str, str]) -> None:
    answer = logged_in(user).post(f"/alerts/?hotel_id={HOTEL}", form)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    for model in (AlertRule, MorningSubscription, MessageWebhook):
        assert not model._default_manager.exists()


def test_the_morning_mail_is_switched_on_at_an_hour(user: Any) -> None:
    client = logged_in(user)
    form = {"part": "morning", "on": "on", "hour": "6"}
    client.post(f"/alerts/?hotel_id={HOTEL}", form)
    subscription = MorningSubscription.objects.get()
    assert (subscription.is_on, subscription.hour) == (True, 6)
    assert timedelta(0) < subscription.next_at - timezone.now() <= timedelta(hours=24)
    client.post(f"/alerts/?hotel_id={HOTEL}", {"part": "morning", "hour": "6"})
    assert not MorningSubscription.objects.get().is_on


def test_a_webhook_s_address_and_secret_are_not_shown_again(user: Any) -> None:
    client, url = logged_in(user), "https://hooks.example.com/services/token"
    answer = client.post(f"/alerts/?hotel_id={HOTEL}", {"part": "webhook", "url": url})
    secret = MessageWebhook.objects.get().secret
    assert secret in answer.text
    page = client.get(f"/alerts/?hotel_id={HOTEL}").text
    assert secret not in page
    assert "token" not in page.replace("csrfmiddlewaretoken", "")
    client.post(
        f"/alerts/?hotel_id={HOTEL}", {"part": "webhook", "url": "https://hooks.example.com/…"}
    )
    assert MessageWebhook.objects.get().url == url
    client.post(f"/alerts/?hotel_id={HOTEL}", {"part": "webhook", "url": ""})
    assert not MessageWebhook.objects.exists()


def test_who_is_not_logged_in_logs_in_and_keys_have_no_inbox(user: Any, settings: Any) -> None:
    for path in ("/inbox/", "/alerts/"):
        assert Client().get(path)["Location"].startswith("/login/?next=")
    settings.API_AUTH = "open"
    for path in ("/inbox/", "/alerts/"):
        assert "Messages are for people who log in" in Client().get(path).text
        assert logged_in(user).get(path).status_code == 200


def test_forms_need_their_token(user: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    assert client.post(f"/alerts/?hotel_id={HOTEL}", rules_form()).status_code == 403
    assert client.post("/inbox/read/", {}).status_code == 403


def test_every_kind_has_its_line(user: Any) -> None:
    page = logged_in(user).get(f"/alerts/?hotel_id={HOTEL}").text
    assert [kind for kind in AlertKind if f'id="rule-{kind}"' not in page] == []
