"""Webhook delivery: what differs from what the receiver knows is posted, signed, until it knows it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from pricing_service.decisions import automatic_pricing
from pricing_service.delivery import webhook_delivery
from pricing_service.delivery.webhook_models import ToldPrice, WebhookDelivery, WebhookReceiver
from pricing_service.models import Action, NightPrice, PricingRules
from pricing_service.rules.rule_list_models import MinimumStay
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    night,
    put_price,
)
from pricing_service.tests.receivers import Receiver

pytestmark = pytest.mark.django_db(databases=DATABASES)
SECRET = "a secret"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """The receiver of a hotel with three prices."""
    settings.WEBHOOK_INTERNAL_HOSTS = ["127.0.0.1"]
    server = Receiver()
    create_rules(mode="automatic", webhook_url=server.url, webhook_secret=SECRET)
    for ahead in (1, 2, 3):
        put_price(ahead, 100 + ahead)
    yield server
    server.close()


def end_pause() -> None:
    """End the pause before the next try."""
    WebhookReceiver.objects.update(next_try_at=timezone.now())


def sent(ahead: int, price: str) -> dict[str, Any]:
    at = night(ahead).isoformat()
    return {"night": at, "price": price, "state": "in force", "minimum_stay": None}


@pytest.mark.usefixtures("a_year_of_nights")
def test_a_year_of_prices_arrives_and_is_signed(settings: Any) -> None:
    settings.WEBHOOK_INTERNAL_HOSTS = ["127.0.0.1"]
    receiver = Receiver()
    create_hotel()
    create_rules(mode="automatic", webhook_url=receiver.url, webhook_secret=SECRET)
    automatic_pricing.reprice(HOTEL)
    assert webhook_delivery.deliver_due() == 1
    [(headers, body)] = receiver.posts
    assert receiver.prices()[0] == [
        sent((row.night - night(0)).days, f"{row.price:.2f}")
        for row in NightPrice.objects.order_by("night")
    ]
    assert len(receiver.known) == 365
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    book(night(5), ROOMS)
    automatic_pricing.reprice(HOTEL)
    assert webhook_delivery.deliver_due() == 1
    assert [price["night"] for price in receiver.prices()[1]] == [night(5).isoformat()]
    receiver.close()


def test_the_body_says_when_it_was_made_and_in_which_currency(receiver: Receiver) -> None:
    webhook_delivery.deliver_due()
    body = json.loads(receiver.posts[0][1])
    age = timezone.now() - datetime.fromisoformat(body.pop("timestamp"))
    assert timedelta(0) < age < timedelta(minutes=1)
    assert body == {
        "type": "prices.changed",
        "data": {
            "hotel_id": HOTEL,
            "currency": "EUR",
            "prices": [sent(1, "101.00"), sent(2, "102.00"), sent(3, "103.00")],
        },
    }


def test_what_arrived_is_not_sent_again(receiver: Receiver) -> None:
    webhook_delivery.deliver_due()
    end_pause()
    assert webhook_delivery.deliver_due() == 0
    put_price(2, 102)  # decided again, and the same
    assert webhook_delivery.deliver_due() == 0
    assert len(receiver.posts) == 1
    assert WebhookReceiver.objects.get().changed_at is None
    assert WebhookDelivery.objects.get().delivered_at is not None


@pytest.mark.parametrize("status", [302, 400, 500])
def test_a_refused_post_is_repeated_later_as_it_was(receiver: Receiver, status: int) -> None:
    receiver.status = status
    assert webhook_delivery.deliver_due() == 0
    assert webhook_delivery.deliver_due() == 0, "not before the pause is over"
    receiver.status = 200
    end_pause()
    assert webhook_delivery.deliver_due() == 1
    first, second = receiver.posts
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert first[1] == second[1]
    delivery = WebhookDelivery.objects.get()
    assert (delivery.tries, delivery.answer) == (2, "answered 200")


def test_after_an_outage_the_newest_prices_are_sent_once(receiver: Receiver) -> None:
    receiver.status = 500
    for price in (110, 120, 130):
        put_price(2, price)
        end_pause()
        assert webhook_delivery.deliver_due() == 0
    put_price(2, 140)
    put_price(3, 150)
    receiver.status = 200
    end_pause()
    assert webhook_delivery.deliver_due() == 1
    assert receiver.prices()[-1] == [sent(1, "101.00"), sent(2, "140.00"), sent(3, "150.00")]
    end_pause()
    assert webhook_delivery.deliver_due() == 0
    assert len(set(receiver.ids())) == 4, "other prices have another id"
    unarrived = WebhookDelivery.objects.filter(delivered_at=None)
    assert unarrived.count() == 3
    assert not unarrived.filter(given_up_at=None), "nothing old is kept to be sent"


def test_prices_that_went_back_during_an_outage_are_not_sent(receiver: Receiver) -> None:
    webhook_delivery.deliver_due()
    receiver.status = 500
    put_price(2, 120)
    webhook_delivery.deliver_due()
    put_price(2, 102)
    receiver.status = 200
    end_pause()
    assert webhook_delivery.deliver_due() == 0
    assert len(receiver.posts) == 2
    put_price(3, 133)
    assert webhook_delivery.deliver_due() == 1, "at once"
    assert receiver.prices()[-1] == [sent(3, "133.00")]


def test_an_unreachable_receiver_is_a_failed_try(receiver: Receiver) -> None:
    receiver.close()
    assert webhook_delivery.deliver_due() == 0
    state = WebhookReceiver.objects.get()
    assert state.tries == 1
    assert "refused" in state.answer == WebhookDelivery.objects.get().answer
    assert state.next_try_at > timezone.now()


def test_pauses_are_doubled_up_to_an_hour(receiver: Receiver) -> None:
    receiver.status = 500
    pauses = []
    for _ in range(9):
        webhook_delivery.deliver_due()
        pause = WebhookReceiver.objects.get().next_try_at - timezone.now()
        pauses.append(round(pause.total_seconds() / 60))
        end_pause()
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_after_days_it_is_an_error_once_a_day_and_tried_on(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.status = 503
    webhook_delivery.deliver_due()
    assert "ERROR" not in {record.levelname for record in caplog.records}
    for days, errors in ((2.5, 0), (3.1, 1), (3.5, 1), (4.1, 2), (60.1, 3)):
        failing_since = timezone.now() - timedelta(days=days)
        WebhookReceiver.objects.update(failing_since=failing_since, next_try_at=timezone.now())
        last_try_at = timezone.now() - timedelta(hours=6)
        WebhookReceiver.objects.update(last_try_at=last_try_at)
        webhook_delivery.deliver_due()
        assert sum(record.levelname == "ERROR" for record in caplog.records) == errors, days
    assert "hotel 7: its booking system has taken no prices for 3 days" in caplog.text
    put_price(1, 199)
    receiver.status = 200
    end_pause()
    assert webhook_delivery.deliver_due() == 1, "also after 60 days"
    assert receiver.known[night(1).isoformat()][0] == "199.00"
    state = WebhookReceiver.objects.get()
    assert (state.failing_since, state.tries) == (None, 0)


def test_many_prices_are_sent_in_posts_of_a_bounded_size(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_delivery, "PRICES_IN_A_POST", 2)
    assert webhook_delivery.deliver_due() == 2
    assert [len(prices) for prices in receiver.prices()] == [2, 1]
    assert len(receiver.known) == 3
    assert webhook_delivery.deliver_due() == 0


def test_a_change_while_a_post_is_under_way_is_sent_after_it(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The price changes after it was read, before the answer: the receiver does not know it yet."""
    start_next, prices = webhook_delivery._start_next, [222]

    def start_and_change(*args: Any) -> Any:
        sending = start_next(*args)
        if sending and prices:
            put_price(2, prices.pop())
        return sending

    monkeypatch.setattr(webhook_delivery, "_start_next", start_and_change)
    assert webhook_delivery.deliver_due() == 2
    assert receiver.prices()[1] == [sent(2, "222.00")]


def test_a_hotel_without_prices_in_force_is_sent_nothing(receiver: Receiver) -> None:
    rules = PricingRules.objects.get()
    rules.mode = "off"
    rules.save()
    assert webhook_delivery.deliver_due() == 0
    assert receiver.posts == []
    rules.mode = "suggest"
    rules.save()
    assert webhook_delivery.deliver_due() == 1


def test_told_prices_of_the_past_are_deleted(receiver: Receiver) -> None:
    ToldPrice.objects.create(
        hotel_id=HOTEL, night=night(-3), price=1, state="in force", told_at=timezone.now()
    )
    webhook_delivery.deliver_due()
    assert ToldPrice.objects.count() == 3


STEPS = st.one_of(
    st.tuples(st.just("price"), st.integers(1, 3), st.integers(60, 63)),
    st.tuples(st.just("hold"), st.integers(1, 3), st.booleans()),
    st.tuples(st.just("rooms"), st.integers(1, 3), st.sampled_from([0, ROOMS])),
    st.tuples(st.just("status"), st.sampled_from([200, 500]), st.none()),
    st.tuples(st.just("stay"), st.integers(1, 3), st.integers(1, 3)),
    st.tuples(st.just("currency"), st.sampled_from(["EUR", "USD"]), st.none()),
    st.tuples(st.just("deliver"), st.none(), st.none()),
)


class TestAnyOrder(TestCase):
    databases = set(DATABASES)

    @given(st.lists(STEPS, min_size=1, max_size=20))
    def test_a_receiver_that_answers_knows_the_present_state(
        self, steps: list[tuple[str, Any, Any]]
    ) -> None:
        with self.settings(WEBHOOK_INTERNAL_HOSTS=["127.0.0.1"]):
            receiver = Receiver()
            try:
                self._check(receiver, steps)
            finally:
                receiver.close()

    def _check(self, receiver: Receiver, steps: list[tuple[str, Any, Any]]) -> None:
        rules = create_rules(webhook_url=receiver.url, webhook_secret=SECRET)
        for ahead in (1, 2, 3):
            put_price(ahead, 100)
        made_in = dict.fromkeys((1, 2, 3), "EUR")
        for name, first, second in [*steps, ("status", 200, None), ("deliver", None, None)]:
            if name == "price":
                put_price(first, second)
                made_in[first] = rules.currency
            elif name == "hold":
                put_price(first, self._row(first).price, is_held=second)
                made_in[first] = rules.currency
            elif name == "rooms":
                action = Action.OPEN if second else Action.CLOSE
                put_price(first, self._row(first).price, action=action, rooms=second)
            elif name == "stay":
                MinimumStay.objects.all().delete()
                MinimumStay.objects.create(
                    profile=rules, first=night(first), last=night(3), nights=second
                )
                rules.save()
            elif name == "currency":
                rules.currency = first
                rules.save()
            elif name == "status":
                receiver.status = first
            else:
                WebhookReceiver.objects.update(next_try_at=timezone.now())
                webhook_delivery.deliver_due()
                if receiver.status == 200:
                    self._compare(receiver, rules, made_in)
        posts = len(receiver.posts)
        assert webhook_delivery.deliver_due() == 0
        assert len(receiver.posts) == posts

    def _compare(self, receiver: Receiver, rules: PricingRules, made_in: dict[int, str]) -> None:
        for ahead, currency in made_in.items():
            row, known = self._row(ahead), receiver.known.get(night(ahead).isoformat())
            if row.rooms == 0:
                assert known is not None
                assert known[:2] == (None, "closed")
                assert receiver.minimum_stays[night(ahead).isoformat()] is None
            elif currency == rules.currency:
                state = "held" if row.is_held else "in force"
                rule = MinimumStay.objects.filter(first__lte=night(ahead), nights__gt=1).first()
                stay = rule.nights if rule else None
                assert known == (f"{row.price:.2f}", state, currency)
                assert receiver.minimum_stays[night(ahead).isoformat()] == stay

    def _row(self, ahead: int) -> NightPrice:
        return NightPrice.objects.get(hotel_id=HOTEL, night=night(ahead))
