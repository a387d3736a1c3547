"""When all prices are sent: to a new address, by "send all", and after the upgrade to this version."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone

from pricing_service.delivery import due_deliveries, told_prices, webhook_delivery
from pricing_service.delivery.webhook_models import ToldPrice, WebhookDelivery, WebhookReceiver
from pricing_service.models import NightPrice, PricingRules
from pricing_service.tests.hotels import DATABASES, HOTEL, create_rules, night, put_price
from pricing_service.tests.receivers import Receiver

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=DATABASES),
]
PATH = f"/prices/hotels/{HOTEL}/"
SEND_ALL = f"{PATH}send-all/"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """The receiver of a hotel with three prices, which it knows."""
    settings.API_AUTH = "open"
    settings.WEBHOOK_INTERNAL_HOSTS = ["127.0.0.1"]
    server = Receiver()
    create_rules(webhook_url=server.url, webhook_secret="a secret")
    for ahead in (1, 2, 3):
        put_price(ahead, 100)
    assert webhook_delivery.deliver_due() == 1
    yield server
    server.close()


def call(method: str, path: str, body: Any = None) -> Any:
    data = b"" if body is None else orjson.dumps(body)
    return Client().generic(method, path, data, content_type="application/json")


def test_a_new_address_is_sent_everything_at_once(receiver: Receiver) -> None:
    receiver.status = 500
    put_price(2, 120)
    webhook_delivery.deliver_due()
    other = Receiver()
    rules = PricingRules.objects.get()
    rules.webhook_url = other.url
    rules.save()
    assert webhook_delivery.deliver_due() == 1, "without the pause of the address before"
    assert {key: value[0] for key, value in other.known.items()} == {
        night(1).isoformat(): "100.00",
        night(2).isoformat(): "120.00",
        night(3).isoformat(): "100.00",
    }
    assert set(other.ids()).isdisjoint(receiver.ids())
    state = WebhookReceiver.objects.get()
    assert (state.failing_since, state.answer) == (None, "answered 204")
    rules.webhook_url, receiver.status = receiver.url, 200
    rules.save()
    assert webhook_delivery.deliver_due() == 1, "back again: nobody told it meanwhile"
    assert len(receiver.prices()[-1]) == 3
    other.close()


def test_other_rules_send_nothing_again(receiver: Receiver) -> None:
    rules = PricingRules.objects.get()
    rules.webhook_secret = "another secret"
    rules.save()
    assert webhook_delivery.deliver_due() == 0
    assert WebhookReceiver.objects.get().changed_at is None


def test_a_post_to_the_address_before_does_not_count_for_the_new_one(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address changes while a post is under way."""
    other, start_next, addresses = Receiver(), webhook_delivery._start_next, []
    addresses.append(other.url)

    def start_and_change(*args: Any) -> Any:
        sending = start_next(*args)
        if sending and addresses:
            rules = PricingRules.objects.get()
            rules.webhook_url = addresses.pop()
            rules.save()
            told_prices.see_rules(rules)
        return sending

    monkeypatch.setattr(webhook_delivery, "_start_next", start_and_change)
    put_price(2, 120)
    webhook_delivery.deliver_due()
    webhook_delivery.deliver_due()
    assert len(other.known) == 3
    other.close()


def test_send_all_sends_all(receiver: Receiver) -> None:
    response = call("POST", SEND_ALL)
    assert (response.status_code, response.json()) == (200, {"hotel_id": HOTEL, "nights": 3})
    status = call("GET", PATH).json()["webhook_status"]
    assert (status["told_nights"], status["waiting_nights"]) == (0, 3)
    assert webhook_delivery.deliver_due() == 1
    assert [len(prices) for prices in receiver.prices()] == [3, 3]
    assert len(set(receiver.ids())) == 2, "a receiver must not take it for a repetition"
    status = call("GET", PATH).json()["webhook_status"]
    assert (status["told_nights"], status["waiting_nights"]) == (3, 0)
    assert (status["last_answer"], status["next_try_at"]) == ("answered 204", None)


def test_send_all_does_not_wait_for_a_pause(receiver: Receiver) -> None:
    receiver.status = 500
    put_price(2, 120)
    webhook_delivery.deliver_due()
    receiver.status = 200
    assert webhook_delivery.deliver_due() == 0
    call("POST", SEND_ALL)
    assert webhook_delivery.deliver_due() == 1
    assert len(receiver.prices()[-1]) == 3


def test_send_all_is_no_repetition_of_a_post_whose_answer_was_lost(receiver: Receiver) -> None:
    call("POST", SEND_ALL)
    receiver.status = 500
    webhook_delivery.deliver_due()
    receiver.status = 200
    call("POST", SEND_ALL)
    assert webhook_delivery.deliver_due() == 1
    assert receiver.prices()[1] == receiver.prices()[2]
    assert receiver.ids()[1] != receiver.ids()[2]


def test_what_was_under_way_before_send_all_is_sent_again(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_next, requests = webhook_delivery._start_next, [SEND_ALL]

    def start_and_ask(*args: Any) -> Any:
        sending = start_next(*args)
        if sending and requests:
            call("POST", requests.pop())
        return sending

    monkeypatch.setattr(webhook_delivery, "_start_next", start_and_ask)
    put_price(2, 120)
    assert webhook_delivery.deliver_due() == 2
    assert [len(prices) for prices in receiver.prices()] == [3, 1, 3]


def test_send_all_needs_rules_and_an_address(receiver: Receiver) -> None:
    PricingRules.objects.update(webhook_url="")
    response = call("POST", SEND_ALL)
    assert response.status_code == 400
    assert response.json() == {
        "webhook_url": [f"hotel {HOTEL} has none to send prices to: PATCH it first"]
    }
    assert call("GET", PATH).json()["webhook_status"] is None
    assert call("POST", "/prices/hotels/99/send-all/").status_code == 404
    assert call("POST", f"{SEND_ALL}?hotel_id=1").status_code == 400
    assert ToldPrice.objects.count() == 3, "nothing was changed"


def test_a_hotel_without_an_address_costs_nothing(receiver: Receiver) -> None:
    put_price(2, 120)
    PricingRules.objects.update(webhook_url="", updated_at=timezone.now())
    assert webhook_delivery.deliver_due() == 0
    assert WebhookReceiver.objects.get().changed_at is None
    assert len(receiver.posts) == 1


def test_posts_that_the_version_before_queued_become_one_of_what_is_so_now(
    receiver: Receiver,
) -> None:
    """Its processes may still queue some while the upgrade lasts; it sends them itself, or not."""
    for price in ("110.00", "120.00"):
        prices = [{"night": night(2).isoformat(), "price": price}]
        WebhookDelivery.objects.create(hotel_id=HOTEL, prices=prices)
        NightPrice.objects.filter(night=night(2)).update(price=price)
    WebhookDelivery.objects.filter(currency="", delivered_at=None).update(
        next_try_at=timezone.now() - timedelta(minutes=5)
    )
    assert due_deliveries.oldest_due_seconds() >= 299
    assert due_deliveries.count_waiting() == 1
    assert webhook_delivery.deliver_due() == 1
    assert receiver.prices()[1:] == [
        [
            {
                "night": night(2).isoformat(),
                "price": "120.00",
                "state": "in force",
                "minimum_stay": None,
            }
        ]
    ]
    old = WebhookDelivery.objects.filter(currency="")
    assert {delivery.answer for delivery in old} == {"sent with all that differs, by version 0.4"}
    assert not old.filter(given_up_at=None)
    assert due_deliveries.count_waiting() == 0


def test_the_version_before_does_not_send_what_this_one_queues(receiver: Receiver) -> None:
    receiver.status = 500
    put_price(2, 120)
    webhook_delivery.deliver_due()
    # What the version before takes for due:
    assert not WebhookDelivery.objects.filter(
        delivered_at=None, given_up_at=None, next_try_at__lte=timezone.now() + timedelta(days=9999)
    )


@pytest.mark.django_db(databases=DATABASES, transaction=True)
def test_after_the_upgrade_everything_is_sent_once(settings: Any) -> None:
    settings.WEBHOOK_INTERNAL_HOSTS = ["127.0.0.1"]
    connection = connections["pricing_service"]
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes("pricing_service")
    server = Receiver()
    try:
        executor.migrate([("pricing_service", "0008_stale_hotels")])
        apps = executor.loader.project_state([("pricing_service", "0008_stale_hotels")]).apps
        apps.get_model("pricing_service", "PricingRules").objects.using("pricing_service").create(
            hotel_id=HOTEL, base_price=100, minimum_price=60, maximum_price=250, currency="CHF",
            webhook_url=server.url, webhook_secret="s",
        )  # fmt: skip
        apps.get_model("pricing_service", "NightPrice").objects.using("pricing_service").create(
            hotel_id=HOTEL, night=night(2), price=100, recommended=100, days_before=2, rooms=5,
            on_the_books=0, expected_on_the_books=0, forecast=0, forecast_low=0, forecast_high=0,
            factors={}, sentence="", priced_at=timezone.now(),
        )  # fmt: skip
        apps.get_model("pricing_service", "WebhookDelivery").objects.using(
            "pricing_service"
        ).create(
            id=uuid.uuid4(), hotel_id=HOTEL, prices=[{"night": str(night(2)), "price": "90.00"}]
        )
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(newest)
    assert NightPrice.objects.get().currency == "CHF"
    assert webhook_delivery.deliver_due() == 1
    assert webhook_delivery.deliver_due() == 0
    assert server.known == {night(2).isoformat(): ("100.00", "in force", "CHF")}
    server.close()
