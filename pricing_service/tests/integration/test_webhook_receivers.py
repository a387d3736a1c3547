"""Receivers that are slow or hostile: a deadline for the whole exchange, and turns among hotels."""

import socket
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pricing_service.delivery import due_deliveries, http_exchange, webhook_delivery
from pricing_service.delivery.webhook_models import WebhookDelivery, WebhookReceiver
from pricing_service.tests import receivers
from pricing_service.tests.hotels import DATABASES, create_rules, put_price
from pricing_service.tests.receivers import Receiver, hostile

pytestmark = pytest.mark.django_db(databases=DATABASES)
EXCHANGE_SECONDS = 1.0


@pytest.fixture(autouse=True)
def short_deadline(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.WEBHOOK_INTERNAL_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(webhook_delivery, "EXCHANGE_SECONDS", EXCHANGE_SECONDS)


def waiting_for(hotel_id: int, url: str, **fields: Any) -> WebhookReceiver:
    """Create a hotel with a price that its receiver was not told."""
    create_rules(hotel_id, webhook_url=url, webhook_secret="s")
    put_price(1, 100, hotel_id=hotel_id)
    due_deliveries.find_changes()
    WebhookReceiver.objects.filter(pk=hotel_id).update(**fields)
    return WebhookReceiver.objects.get(pk=hotel_id)


@pytest.mark.one_database
@pytest.mark.parametrize(
    "behave",
    [
        receivers.stall,
        receivers.drip_headers,
        receivers.send_interim_answers_without_end,
        receivers.send_no_http,
        receivers.close_at_once,
    ],
)
def test_whatever_a_receiver_does_a_try_ends(
    behave: receivers.Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    with hostile(behave) as receiver:
        waiting = waiting_for(1, receiver.url)
        began = time.monotonic()
        assert webhook_delivery.deliver_due() == 0
        assert time.monotonic() - began < EXCHANGE_SECONDS + 2
    waiting.refresh_from_db()
    assert waiting.tries == 1
    assert waiting.answer in (
        "did not answer within 1 s",
        "no valid HTTP answer",
        "connection reset by peer",
    )
    assert "hidden-token" not in caplog.text + waiting.answer


@pytest.mark.one_database
@pytest.mark.parametrize("behave", [receivers.drip_body, receivers.send_100_mb])
def test_a_body_is_not_waited_for(behave: receivers.Behaviour) -> None:
    with hostile(behave) as receiver:
        waiting_for(1, receiver.url)
        began = time.monotonic()
        assert webhook_delivery.deliver_due() == 1, "the status says that it arrived"
        assert time.monotonic() - began < EXCHANGE_SECONDS + 2


@pytest.mark.one_database
def test_a_body_that_drips_is_given_up_before_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webhook_delivery, "EXCHANGE_SECONDS", 20.0)
    monkeypatch.setattr(http_exchange, "BODY_SECONDS", 0.2)
    with hostile(receivers.drip_body) as receiver:
        waiting_for(1, receiver.url)
        began = time.monotonic()
        assert webhook_delivery.deliver_due() == 1
        assert time.monotonic() - began < 10


@pytest.mark.one_database
def test_of_a_large_body_little_is_read() -> None:
    sent: list[int] = []

    def send(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        for _ in range(100):
            connection.sendall(bytes(1_000_000))
            sent.append(1_000_000)

    with hostile(send) as receiver:
        waiting_for(1, receiver.url)
        assert webhook_delivery.deliver_due() == 1
    assert sum(sent) < 30_000_000, "no more than the buffers of a connection take"


def test_a_hotel_is_claimed_by_one_worker_and_has_one_post_in_flight() -> None:
    waiting = waiting_for(1, "http://127.0.0.1:1/x")
    assert due_deliveries.claim_next([1], fresh_only=False) is None
    claims = [due_deliveries.claim_next([], fresh_only=False) for _ in range(2)]
    assert [claim is not None for claim in claims] == [True, False]
    waiting.refresh_from_db()
    assert waiting.tries == 1
    WebhookReceiver.objects.update(next_try_at=timezone.now())  # as a person who has all sent again
    assert due_deliveries.claim_next([], fresh_only=False) is None, "until the post has ended"
    WebhookReceiver.objects.update(busy_until=timezone.now())
    assert due_deliveries.claim_next([], fresh_only=False) is not None, "its worker is gone"


def test_what_changes_during_a_pause_waits_for_its_end() -> None:
    waiting = waiting_for(1, "http://127.0.0.1:1/x")
    assert webhook_delivery.deliver_due() == 0
    waiting.refresh_from_db()
    next_try_at = waiting.next_try_at
    assert next_try_at > timezone.now() + timedelta(seconds=30)
    put_price(1, 120, hotel_id=1)
    assert webhook_delivery.deliver_due() == 0
    waiting.refresh_from_db()
    assert (waiting.tries, waiting.next_try_at) == (1, next_try_at)


def test_slow_receivers_delay_nobody_and_are_tried_at_the_same_time() -> None:
    healthy = Receiver()
    with hostile(receivers.drip_headers) as slow:
        for hotel_id in range(1, 13):
            waiting_for(hotel_id, slow.url)
        waiting_for(13, healthy.url)
        began = time.monotonic()
        assert webhook_delivery.deliver_due() == 1
        assert time.monotonic() - began < 2 * EXCHANGE_SECONDS + 2, "not 12 deadlines"
        assert slow.count_connections() == 12
    healthy.close()


def test_retries_take_half_of_the_places_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_delivery, "HOTELS_IN_FLIGHT", 2)
    healthy = Receiver()
    with hostile(receivers.stall) as slow:
        for hotel_id in range(1, 5):
            waiting_for(
                hotel_id, slow.url, tries=1, next_try_at=timezone.now() - timedelta(hours=1)
            )
        waiting_for(5, healthy.url)
        ends = time.monotonic() + EXCHANGE_SECONDS / 2
        assert webhook_delivery.deliver_due(lambda: time.monotonic() < ends) == 1
        assert slow.count_connections() == 1
    healthy.close()


def test_a_try_is_counted_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that does not survive a try leaves it counted, with the pause after it."""
    waiting = waiting_for(1, "http://127.0.0.1:9/", tries=3)

    def die(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(http_exchange, "post_outcome", die)
    with pytest.raises(KeyboardInterrupt):
        webhook_delivery.deliver_due()
    waiting.refresh_from_db()
    assert waiting.tries == 4
    assert waiting.next_try_at > timezone.now() + timedelta(minutes=7)


def test_what_is_due_is_found_without_walking_other_hotels() -> None:
    later = timezone.now() + timedelta(hours=1)
    healthy = Receiver()
    for hotel_id in range(100, 150):
        waiting_for(hotel_id, "http://127.0.0.1:1/x", tries=2, next_try_at=later)
    with CaptureQueriesContext(connections["pricing_service"]) as queries:
        assert webhook_delivery.deliver_due() == 0
    assert len(queries) < 6, [query["sql"][:80] for query in queries]
    waiting_for(1, healthy.url)
    with CaptureQueriesContext(connections["pricing_service"]) as queries:
        assert webhook_delivery.deliver_due() == 1
    assert len(queries) < 35, [query["sql"][:80] for query in queries]
    healthy.close()


def test_a_hotel_that_was_served_goes_behind_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many posts of one hotel do not hold up another hotel's first."""
    monkeypatch.setattr(webhook_delivery, "PRICES_IN_A_POST", 1)
    healthy = Receiver()
    waiting_for(1, healthy.url)
    for ahead in (2, 3, 4):
        put_price(ahead, 100, hotel_id=1)
    waiting_for(2, healthy.url)
    for _ in range(2):
        ends = iter([True, False])
        webhook_delivery.deliver_due(lambda ends=ends: next(ends, False))  # type: ignore[misc]
    delivered = WebhookDelivery.objects.exclude(delivered_at=None)
    assert sorted(delivered.values_list("hotel_id", flat=True)) == [1, 2]
    assert webhook_delivery.deliver_due() == 3
    healthy.close()
