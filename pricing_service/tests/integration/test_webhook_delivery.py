"""Webhook delivery of new prices: signed, in order, retried until it succeeds."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from pricing_service.decisions import automatic_pricing
from pricing_service.delivery import webhook_delivery
from pricing_service.models import NightPrice, WebhookDelivery
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    night,
)
from pricing_service.tests.receivers import Receiver

pytestmark = pytest.mark.django_db(databases=DATABASES)
SECRET = "a secret"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def prices(receiver: Receiver, settings: Any) -> None:
    settings.WEBHOOK_INTERNAL_HOSTS = ["127.0.0.1"]
    create_hotel()
    create_rules(mode="automatic", webhook_url=receiver.url, webhook_secret=SECRET)
    automatic_pricing.reprice(HOTEL)


def make_due() -> None:
    """End the pause before the next attempt."""
    WebhookDelivery.objects.update(next_try_at=timezone.now())


def test_a_year_of_prices_arrives_and_is_signed(receiver: Receiver) -> None:
    assert webhook_delivery.deliver_due() == 1
    [(headers, body)] = receiver.posts
    rows = NightPrice.objects.order_by("night")
    assert receiver.prices()[0] == [
        {"night": row.night.isoformat(), "price": f"{row.price:.2f}"} for row in rows
    ]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_a_delivered_post_is_not_sent_again(receiver: Receiver) -> None:
    webhook_delivery.deliver_due()
    make_due()
    assert webhook_delivery.deliver_due() == 0
    assert len(receiver.posts) == 1


@pytest.mark.parametrize("status", [302, 400, 500])
def test_a_refused_post_is_retried_later_with_the_same_id(receiver: Receiver, status: int) -> None:
    receiver.status = status
    assert webhook_delivery.deliver_due() == 0
    assert webhook_delivery.deliver_due() == 0, "not before the pause is over"
    receiver.status = 200
    make_due()
    assert webhook_delivery.deliver_due() == 1
    assert len(receiver.posts) == 2
    assert len({headers["webhook-id"] for headers, _ in receiver.posts}) == 1


def test_a_later_price_waits_for_the_earlier_one(receiver: Receiver) -> None:
    receiver.status = 500
    webhook_delivery.deliver_due()
    book(night(5), ROOMS)
    automatic_pricing.reprice(HOTEL)
    assert WebhookDelivery.objects.count() == 2
    assert webhook_delivery.deliver_due() == 0
    assert len(receiver.posts) == 1
    receiver.status = 200
    make_due()
    assert webhook_delivery.deliver_due() == 2
    assert [len(prices) for prices in receiver.prices()] == [365, 365, 1]


def test_an_unreachable_receiver_is_a_failed_attempt(receiver: Receiver) -> None:
    receiver.close()
    assert webhook_delivery.deliver_due() == 0
    delivery = WebhookDelivery.objects.get()
    assert delivery.tries == 1
    assert "refused" in delivery.answer
    assert delivery.next_try_at > timezone.now()


def test_after_days_a_delivery_is_given_up(receiver: Receiver) -> None:
    receiver.status = 500
    WebhookDelivery.objects.update(made_at=timezone.now() - timedelta(days=4))
    webhook_delivery.deliver_due()
    assert WebhookDelivery.objects.get().given_up_at is not None
    make_due()
    webhook_delivery.deliver_due()
    assert len(receiver.posts) == 1
