"""Webhooks as nudges, and secrets at rest: stored encrypted, keys replaced, deleted at the end."""

import hashlib
import hmac
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from connections import connection_setup
from connections.models import Connection, ConnectionState
from connections.reading.due_connections import read_due
from connections.secret_encryption import SecretsUnreadable, decrypt, encrypt
from connections.tests.connected_hotels import (
    MEWS_SECRETS,
    WEBHOOK_TOKEN,
    connect_generic,
    connect_mews,
)
from connections.tests.mews_emulator import ACCESS_TOKEN, ENTERPRISE

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]
NOWHERE = "http://127.0.0.1:1"
PATH = f"/connections/webhook/{WEBHOOK_TOKEN}"


@pytest.fixture(autouse=True)
def closed_system(settings: Any) -> None:
    settings.API_AUTH = "required"


def post(path: str, body: Any = None, **headers: str) -> int:
    response = Client().post(path, body or {}, content_type="application/json", headers=headers)
    return response.status_code


def later() -> None:
    Connection.objects.update(next_read_at=timezone.now() + timedelta(hours=1))


def is_soon() -> bool:
    return Connection.objects.get().next_read_at < timezone.now() + timedelta(seconds=6)


def test_a_webhook_has_the_connection_read_soon(settings: Any) -> None:
    connect_mews(NOWHERE, settings, timezone.now())
    later()
    assert post(PATH, {"EnterpriseId": ENTERPRISE, "Events": []}) == 204
    assert is_soon()
    assert post(PATH + "/", {"EnterpriseId": "another's"}) == 204


def test_doubled_webhooks_do_not_put_off_a_reading(settings: Any) -> None:
    connect_mews(NOWHERE, settings, timezone.now())
    assert post(PATH) == 204
    first = Connection.objects.get().next_read_at
    for _ in range(5):
        assert post(PATH) == 204
    assert Connection.objects.get().next_read_at == first


def test_a_webhook_does_not_shorten_what_the_vendor_asked_us_to_wait(settings: Any) -> None:
    connect_mews(NOWHERE, settings, timezone.now(), failure="too_often")
    later()
    assert post(PATH) == 204
    assert not is_soon()


@pytest.mark.parametrize("body", ["", "[]", "{", '{"EnterpriseId": 5}', '"text"', "\x00"])
def test_any_body_is_only_a_nudge(settings: Any, body: str) -> None:
    connect_mews(NOWHERE, settings, timezone.now())
    response = Client().post(PATH, body, content_type="application/json")
    assert response.status_code == 204


def test_an_unknown_token_is_a_404(settings: Any) -> None:
    connection = connect_mews(NOWHERE, settings, timezone.now())
    assert post(f"/connections/webhook/{'x' * 43}/") == 404
    connection_setup.disconnect(connection, "a test")
    assert post(PATH) == 404
    assert Client().get(PATH).status_code == 405


def test_a_vendor_that_signs_must_sign(settings: Any) -> None:
    connect_generic(NOWHERE, settings, timezone.now())
    later()
    assert post(PATH, {}) == 401
    assert not is_soon()
    signature = hmac.new(b"signing-key-5EC2E7", b"{}", hashlib.sha256).hexdigest()
    assert post(PATH, {}, **{"X-Signature": signature}) == 204
    assert is_soon()


def test_secrets_are_stored_encrypted_and_deleted_at_the_end(settings: Any) -> None:
    connection = connect_mews(NOWHERE, settings, timezone.now())
    assert ACCESS_TOKEN not in repr(Connection.objects.values().get())
    connection_setup.disconnect(connection, "a test")
    ended = Connection.objects.get()
    assert (ended.secrets, ended.webhook_hash, ended.state) == ("", "", "disconnected")


def test_a_key_is_replaced_without_a_pause(settings: Any) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    settings.CONNECTION_KEYS = [old]
    connect_mews(NOWHERE, settings, timezone.now())
    settings.CONNECTION_KEYS = [new, old]
    assert decrypt(Connection.objects.get().secrets) == MEWS_SECRETS
    call_command("reencrypt_connection_secrets", stdout=StringIO())
    settings.CONNECTION_KEYS = [new]
    assert decrypt(Connection.objects.get().secrets) == MEWS_SECRETS
    settings.CONNECTION_KEYS = [old]
    with pytest.raises(SecretsUnreadable):
        decrypt(Connection.objects.get().secrets)


def test_a_lost_key_is_said_and_nothing_is_called(settings: Any) -> None:
    connect_mews(NOWHERE, settings, timezone.now())
    settings.CONNECTION_KEYS = [Fernet.generate_key().decode()]
    assert read_due(float("inf")) == 0
    connection = Connection.objects.get()
    assert connection.failure == "credentials"
    assert "CONNECTION_KEYS" in connection.failure_text


def test_an_address_that_nobody_named_is_not_called(settings: Any) -> None:
    connect_mews(NOWHERE, settings, timezone.now())
    settings.CONNECTION_ADDRESSES = []
    assert read_due(float("inf")) == 0
    assert "CONNECTION_ADDRESSES" in Connection.objects.get().failure_text


def test_a_stopped_connection_is_not_read(settings: Any) -> None:
    connection = connect_mews(NOWHERE, settings, timezone.now())
    connection_setup.stop(connection, "a test")
    assert read_due(float("inf")) == 0
    assert Connection.objects.get().failures == 0
    connection_setup.resume(connection, "a test")
    assert Connection.objects.get().state == ConnectionState.IMPORTING
    read_due(float("inf"))
    assert Connection.objects.get().failure == "unreachable"


def test_one_connection_of_a_hotel(settings: Any) -> None:
    connection = connect_mews(NOWHERE, settings, timezone.now())
    assert connection_setup.connection_of(connection.hotel_id) == connection
    assert encrypt({}) != encrypt({})  # each text is encrypted anew
