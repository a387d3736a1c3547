"""Secrets and addresses of webhooks: made for the user, changed without a gap, shown to few."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from pricing_service.delivery import webhook_delivery, webhook_secret
from pricing_service.models import PricingRules
from pricing_service.tests.hotels import DATABASES, HOTEL, create_hotel, create_rules
from pricing_service.tests.receivers import Receiver

pytestmark = pytest.mark.django_db(databases=DATABASES)
TOKEN_URL = "https://pms.example.com/hook/token-7f3a"
PATH = f"/prices/hotels/{HOTEL}/"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.API_AUTH = "open"
    settings.WEBHOOK_INTERNAL_HOSTS = ["127.0.0.1"]
    create_hotel()
    server = Receiver()
    yield server
    server.close()


def send(method: str, path: str, body: Any = None) -> Any:
    data = b"" if body is None else orjson.dumps(body)
    return Client().generic(method, path, data, content_type="application/json")


def new_post(receiver: Receiver) -> tuple[dict[str, str], bytes]:
    send("POST", f"{PATH}send-all/")
    assert webhook_delivery.deliver_due() == 1
    return receiver.posts[-1]


def is_verified(secret: str, post: tuple[dict[str, str], bytes]) -> bool:
    try:
        Webhook(secret).verify(post[1], post[0])
    except WebhookVerificationError:
        return False
    return True


def test_a_secret_is_made_shown_once_and_verifies_posts(receiver: Receiver) -> None:
    made = send("PATCH", PATH, {"base_price": 80, "webhook_url": receiver.url}).json()
    secret = made["webhook_secret"]
    assert secret.startswith("whsec_")
    assert is_verified(secret, new_post(receiver))
    assert secret not in send("GET", PATH).content.decode()
    assert "webhook_secret" not in send("PATCH", PATH, {"base_price": 81}).json()


def test_an_old_secret_stays_valid_for_a_day(receiver: Receiver) -> None:
    old = send("PATCH", PATH, {"base_price": 80, "webhook_url": receiver.url}).json()[
        "webhook_secret"
    ]
    answer = send("POST", f"{PATH}webhook-secret/").json()
    new = answer["webhook_secret"]
    assert new != old
    assert answer["old_secret_until"] > timezone.now().isoformat()
    post = new_post(receiver)
    assert is_verified(old, post)
    assert is_verified(new, post)
    assert len(post[0]["webhook-signature"].split()) == 2
    PricingRules.objects.update(webhook_old_secret_until=timezone.now() - timedelta(seconds=1))
    post = new_post(receiver)
    assert (is_verified(old, post), is_verified(new, post)) == (False, True)


@pytest.mark.one_database
def test_a_secret_that_was_removed_signs_nothing_more() -> None:
    rules = PricingRules(hotel_id=HOTEL, webhook_secret=webhook_secret.new_secret())
    webhook_secret.change_secret(rules, "")
    assert webhook_secret.valid_secrets(rules) == [""]


@pytest.mark.one_database
@pytest.mark.parametrize("size", [24, 64])
def test_a_secret_of_your_own_is_used(receiver: Receiver, size: int) -> None:
    own = "whsec_" + base64.b64encode(bytes(range(size))).decode()
    body = {"base_price": 80, "webhook_url": receiver.url, "webhook_secret": own}
    assert "webhook_secret" not in send("PATCH", PATH, body).json()
    assert is_verified(own, new_post(receiver))


@pytest.mark.one_database
@pytest.mark.parametrize(
    "secret",
    ["a secret", "whsec_", "whsec_a secret", *(
        "whsec_" + base64.b64encode(bytes(size)).decode() for size in (23, 65)
    )],
)  # fmt: skip
def test_a_secret_of_another_form_is_refused(receiver: Receiver, secret: str) -> None:
    body = {"base_price": 80, "webhook_url": receiver.url, "webhook_secret": secret}
    response = send("PATCH", PATH, body)
    assert (response.status_code, list(response.json())) == (400, ["webhook_secret"])
    assert "24 to 64" in response.content.decode()


@pytest.mark.one_database
def test_a_stored_secret_of_the_old_form_blocks_no_other_change(receiver: Receiver) -> None:
    create_rules(webhook_url="http://user:password@127.0.0.1/x", webhook_secret="a secret")
    assert send("PATCH", PATH, {"base_price": 90}).status_code == 200


def client_with(*permissions: str, **fields: Any) -> Client:
    user = get_user_model().objects.create_user("somebody", **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


VIEWS = [PATH, f"/pricing/?hotel_id={HOTEL}", f"/admin/pricing_service/pricingrules/{HOTEL}/change/",
         "/admin/pricing_service/pricingrules/"]  # fmt: skip


@pytest.mark.one_database
@pytest.mark.parametrize("path", VIEWS)
def test_who_may_only_look_sees_neither_address_nor_secret(path: str, settings: Any) -> None:
    settings.API_AUTH = "required"
    create_hotel()
    create_rules(webhook_url=TOKEN_URL, webhook_secret="stored-secret")
    client = client_with("view_pricingrules", "view_webhookdelivery", is_staff=True)
    response = client.get(path)
    assert response.status_code == 200
    text = response.content.decode()
    assert "token-7f3a" not in text
    assert "stored-secret" not in text
    if "change" in path or path == PATH:
        assert "https://pms.example.com/…" in text


@pytest.mark.one_database
@pytest.mark.parametrize("path", VIEWS[:3])
def test_who_may_change_it_sees_the_address_and_never_the_secret(path: str, settings: Any) -> None:
    settings.API_AUTH = "required"
    create_hotel()
    create_rules(webhook_url=TOKEN_URL, webhook_secret="stored-secret")
    client = client_with(is_staff=True, is_superuser=True)
    text = client.get(path).content.decode()
    assert TOKEN_URL in text
    assert "stored-secret" not in text
