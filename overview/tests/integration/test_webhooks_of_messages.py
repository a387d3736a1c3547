"""Messages by webhook, against a real HTTP receiver: signed, tried again, and never posted inside."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import HotelAccess
from overview.alerts.alert_models import AlertKind
from overview.alerts.raise_alerts import raise_alerts
from overview.messages.message_models import MessageSending, MessageWebhook
from overview.messages.webhook_sending import send_due_webhooks
from overview.tests.people import create_user, end_pauses, switch_on
from pricing_service.delivery.webhook_secret import new_secret
from pricing_service.tests.hotels import DATABASES, HOTEL, book, create_hotel, night
from pricing_service.tests.receivers import Receiver

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.API_AUTH = "required"
    settings.WEBHOOK_INTERNAL_HOSTS = ["127.0.0.1"]
    settings.PUBLIC_URL = "https://rpg.example"
    create_hotel()
    server = Receiver()
    server.take = lambda body: None  # type: ignore[method-assign]  # no prices
    yield server
    server.close()


def told(receiver: Receiver, name: str = "anna") -> Any:
    """Create a user who is told of a pickup by webhook."""
    user = create_user(name)
    MessageWebhook.objects.create(user=user, hotel_id=HOTEL, url=receiver.url, secret=new_secret())
    switch_on(user, AlertKind.NIGHT_PICKUP, by_mail=False, by_webhook=True)
    return user


def test_a_message_is_posted_once_and_signed(receiver: Receiver) -> None:
    told(receiver)
    book(night(5), 3)
    raise_alerts()
    assert [send_due_webhooks(), send_due_webhooks()] == [1, 0]
    [(headers, body)] = receiver.posts
    posted = json.loads(body)
    assert posted["type"] == "message.made"
    assert posted["data"]["kind"] == "night-pickup"
    assert (
        posted["data"]["link"] == f"https://rpg.example/pricing?hotel_id={HOTEL}&night={night(5)}"
    )
    assert posted["data"]["facts"]["occasions"][0]["room_nights"] == 3
    secret = MessageWebhook.objects.get().secret
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"


def test_a_receiver_that_fails_is_tried_again_with_the_same_post(receiver: Receiver) -> None:
    told(receiver)
    book(night(5), 3)
    raise_alerts()
    receiver.status = 503
    assert send_due_webhooks() == 0
    assert MessageSending.objects.get().answer == "answered 503"
    assert send_due_webhooks() == 0
    receiver.status = 204
    end_pauses()
    assert send_due_webhooks() == 1
    (first, body), (second, again) = receiver.posts
    assert first["webhook-id"] == second["webhook-id"]
    assert body == again


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x", "http://169.254.169.254/latest", "http://localhost/x"]
)
def test_nothing_is_posted_inside(receiver: Receiver, settings: Any, url: str) -> None:
    settings.WEBHOOK_INTERNAL_HOSTS = []
    told(receiver)
    MessageWebhook.objects.update(url=url)
    book(night(5), 3)
    raise_alerts()
    assert send_due_webhooks() == 0
    assert "not a public address" in MessageSending.objects.get().answer


def test_each_user_s_messages_go_to_the_user_s_own_address(receiver: Receiver) -> None:
    other = Receiver()
    other.take = lambda body: None  # type: ignore[method-assign]
    anna, bert = told(receiver), told(other, "bert")
    HotelAccess.objects.filter(user=bert).update(hotels="8")
    book(night(5), 3)
    raise_alerts()
    assert send_due_webhooks() == 1
    assert (len(receiver.posts), len(other.posts)) == (1, 0)
    HotelAccess.objects.filter(user=bert).update(hotels=str(HOTEL))
    book(night(6), 3)
    raise_alerts()
    HotelAccess.objects.filter(user=anna).update(hotels="")
    assert send_due_webhooks() == 1
    assert (len(receiver.posts), len(other.posts)) == (1, 1)
    other.close()


def test_an_address_that_was_taken_away_gets_nothing(receiver: Receiver) -> None:
    told(receiver)
    book(night(5), 3)
    raise_alerts()
    MessageWebhook.objects.all().delete()
    assert send_due_webhooks() == 0
    assert receiver.posts == []
    assert MessageSending.objects.get().next_try_at is None
