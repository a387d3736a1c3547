"""Who is written to in which language: a user's own, else the hotel's, else English; programs in the
hotel's. Nothing of a mail stays in another one."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.language.language_choice import store_user_language
from dashboard_service.hotel_profiles import update_profile
from overview.alerts.alert_models import AlertKind
from overview.alerts.raise_alerts import raise_alerts
from overview.messages.mail_sending import send_due_mails
from overview.messages.message_models import Message, MessageSending, MessageWebhook
from overview.messages.unsubscribe_link import Subscription, unsubscribe_address
from overview.messages.webhook_sending import send_due_webhooks
from overview.morning_mail.due_mornings import make_due_mornings
from overview.morning_mail.subscription_models import MORNING
from overview.tests.mail_server import MailServer, part, running_mail_server
from overview.tests.people import create_user, subscribe, switch_on
from pricing_service.delivery.webhook_secret import new_secret
from pricing_service.models import NightPrice
from pricing_service.tests.hotels import DATABASES, HOTEL, book, create_hotel, night
from pricing_service.tests.receivers import Receiver
from tests.untranslated_texts import marked_language, page_texts_left, untranslated

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
NAME = "Zum Rössl"
# As English has them: dates are written by the formats, and not by the catalogs.
DATES = re.compile(r"\b(?:[A-Z][a-z]{2} )?\d{1,2} [A-Z][a-z]{2}(?: \d{4})?\b")


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with running_mail_server(settings) as server:
        create_hotel()
        update_profile(HOTEL, name=NAME)
        yield server


def reader(language: str, name: str = "anna") -> Any:
    """Create a user who chose a language, if any, and is told of pickup and the morning."""
    user = create_user(name)
    if language:
        store_user_language(user, language)
    switch_on(user, AlertKind.NIGHT_PICKUP)
    subscribe(user)
    return user


@pytest.mark.parametrize(
    ("chosen", "hotels_own", "subjects", "words", "written_in"),
    [
        ("de", "fr", ("Zimmernächte für", "gebucht"), "Diese Mails nicht mehr erhalten", "de"),
        ("", "fr", ("nuitées pour le", "réservée"), "Ne plus recevoir ces e-mails", "fr"),
        ("", "", ("room-nights for", "booked"), "Get no more of these mails", "en"),
    ],
)
def test_mails_and_inbox_are_in_the_language_of_the_user_else_of_the_hotel(
    server: MailServer,
    chosen: str,
    hotels_own: str,
    subjects: tuple[str, str],
    words: str,
    written_in: str,
) -> None:
    update_profile(HOTEL, language=hotels_own or None)
    reader(chosen)
    book(night(5), 3)
    assert raise_alerts() + make_due_mornings() == 2
    assert send_due_mails() == 2
    titles = dict(Message.objects.values_list("kind", "title"))
    assert subjects[0] in titles[AlertKind.NIGHT_PICKUP]
    assert subjects[1] in titles[MORNING]
    for mail in server.mails:
        assert f'<html lang="{written_in}">' in part(mail, "html")
        assert words in part(mail, "html")


def test_readers_of_one_hotel_get_the_morning_each_in_their_language(server: MailServer) -> None:
    for language in ("de", "it", "es"):
        reader(language, f"reader-{language}")
    assert make_due_mornings() == 3
    texts = {message.user.username: message.text for message in Message.objects.all()}
    assert "DIE NÄCHSTEN SIEBEN NÄCHTE" in texts["reader-de"]
    assert "LE PROSSIME SETTE NOTTI" in texts["reader-it"]
    assert "LAS PRÓXIMAS SIETE NOCHES" in texts["reader-es"]


def test_a_webhook_has_the_words_of_the_hotel_s_language(settings: Any) -> None:
    settings.API_AUTH = "required"
    settings.WEBHOOK_INTERNAL_HOSTS = ["127.0.0.1"]
    create_hotel()
    update_profile(HOTEL, language="it")
    receiver = Receiver()
    receiver.take = lambda body: None  # type: ignore[method-assign]  # no prices
    user = create_user()
    store_user_language(user, "de")
    MessageWebhook.objects.create(user=user, hotel_id=HOTEL, url=receiver.url, secret=new_secret())
    switch_on(user, AlertKind.NIGHT_PICKUP, by_mail=False, by_webhook=True)
    book(night(5), 3)
    try:
        assert raise_alerts() == send_due_webhooks() == 1
    finally:
        receiver.close()
    [(_, body)] = receiver.posts
    data = json.loads(body)["data"]
    assert "camere-notte" in data["title"]
    assert "ha guadagnato" in data["text"]
    assert data["kind"] == "night-pickup"
    assert set(data["facts"]) == {"threshold", "occasions"}
    assert "Zimmernächte" in Message.objects.get().title


@pytest.mark.parametrize("kind", [MORNING, AlertKind.OCCUPANCY.value])
def test_the_page_that_ends_mails_is_in_the_language_of_the_mail(
    server: MailServer, client: Client, kind: str
) -> None:
    user = reader("es")
    address = unsubscribe_address(Subscription(user.pk, HOTEL, kind))
    path = address.removeprefix("https://rpg.example")
    page = client.get(path, headers={"Accept-Language": "de"})
    assert '<html lang="es">' in page.text
    assert "¿No recibir más estos correos?" in page.text
    assert page["Content-Language"] == "es"
    assert "Ya no recibe estos correos" in client.post(path).text


def test_no_text_of_a_mail_and_of_the_inbox_is_outside_of_the_catalogs(server: MailServer) -> None:
    user = reader("")
    for kind in AlertKind:
        if kind != AlertKind.NIGHT_PICKUP:
            switch_on(user, kind, 1)
    book(night(5), 3)
    with marked_language():
        assert raise_alerts() + make_due_mornings() >= 3
        send_due_mails()
    assert len(server.mails) >= 3
    for mail in server.mails:
        assert untranslated(DATES.sub("", part(mail, "html")), NAME) == []
        text = DATES.sub("", part(mail, "plain")).replace("\n", "<p>")
        assert untranslated(f"<p>{text}", NAME) == []
    message = Message.objects.filter(kind=MORNING).get()
    sendings = [
        {"given_up_at": timezone.now(), "answer": "550 no such user"},
        {"tries": 2, "next_try_at": timezone.now(), "answer": "450 later"},
    ]
    for sending in sendings:
        MessageSending.objects.filter(message=message).update(**sending)
        client = Client()
        client.force_login(user)
        assert page_texts_left(client, "/inbox/", NAME, "anna") == []


def test_the_pages_of_the_overview_have_no_text_outside_of_the_catalogs(
    server: MailServer, settings: Any
) -> None:
    """With a morning that has something in each of its parts."""
    settings.API_AUTH = "open"
    book(night(5), 9)
    reasons = list(NightPrice.objects.values_list("sentence", flat=True))
    for path in (f"/morning/?hotel_id={HOTEL}", f"/first-steps/?hotel_id={HOTEL}"):
        assert page_texts_left(Client(), path, NAME, *reasons) == [], path
