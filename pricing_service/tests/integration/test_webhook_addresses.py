"""Webhooks reach no address inside: refused when told, and again when sent, by what is connected to."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import Client

from pricing_service.delivery import http_exchange
from pricing_service.delivery.http_exchange import ExchangeFailed, post
from pricing_service.tests.hotels import DATABASES, HOTEL, create_hotel
from pricing_service.tests.receivers import Receiver

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
SECONDS = 2.0
TLS_SECONDS = 20.0  # reading the authorities alone takes seconds on a busy machine


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_INTERNAL_HOSTS = []
    server = Receiver()
    yield server
    server.close()


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0.0.0.0", "[::1]", "[::]",
     "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"],
)  # fmt: skip
def test_nothing_is_sent_inside(receiver: Receiver, host: str) -> None:
    with pytest.raises(ExchangeFailed, match=r"is not a public address|is not known"):
        post(f"http://{host}:{receiver.port}/x", b"{}", {}, SECONDS)
    assert receiver.posts == []


def test_a_name_is_looked_up_once_and_its_address_is_what_counts(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name whose second lookup gives another address: the post goes where the check looked."""
    answers = iter(["93.184.215.14", "127.0.0.1", "127.0.0.1"])
    asked: list[Any] = []
    real = socket.getaddrinfo

    def lookup(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        asked.append(host)
        return real(next(answers), port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(ExchangeFailed):
        post(f"http://rebind.example.com:{receiver.port}/x", b"{}", {}, 0.5)
    assert asked == ["rebind.example.com"]
    assert receiver.posts == []
    with pytest.raises(ExchangeFailed, match="not a public address"):
        post(f"http://rebind.example.com:{receiver.port}/x", b"{}", {}, 0.5)


def test_one_address_inside_refuses_all_of_a_name(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo

    def lookup(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        both = ("93.184.215.14", "127.0.0.1")
        return [found for text in both for found in real(text, port, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(ExchangeFailed, match="not a public address"):
        post(f"http://both.example.com:{receiver.port}/x", b"{}", {}, 0.5)
    assert receiver.posts == []


def test_a_slow_lookup_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def lookup(*_: Any, **__: Any) -> Any:
        answered.wait(5)
        raise socket.gaierror("no answer")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(ExchangeFailed, match="was not found in time"):
        post("http://slow.example.com/x", b"{}", {}, 0.3)
    answered.set()


def test_a_named_receiver_is_reached(receiver: Receiver, settings: Any) -> None:
    settings.WEBHOOK_INTERNAL_HOSTS = [f"LOCALHOST:{receiver.port}"]
    assert (
        post(f"http://localhost:{receiver.port}/x", b"{}", {"Content-Length": "2"}, SECONDS) == 204
    )
    with pytest.raises(ExchangeFailed):
        post(f"http://127.0.0.1:{receiver.port}/x", b"{}", {}, SECONDS)


def test_redirects_are_not_followed_and_the_environment_is_not_read(
    receiver: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.WEBHOOK_INTERNAL_HOSTS = ["127.0.0.1"]
    receiver.status = 302
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert post(receiver.url, b"{}", {}, SECONDS) == 302
    [(headers, _)] = receiver.posts
    assert "authorization" not in headers


@pytest.fixture
def tls_receiver(tmp_path: Path, settings: Any) -> Iterator[Receiver]:
    """A receiver with a certificate for `localhost`, which is the only authority trusted."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
        "-keyout", str(key), "-out", str(certificate),
    ]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed: NOT checked that certificates are checked by name")
    settings.WEBHOOK_INTERNAL_HOSTS = ["127.0.0.1", "localhost"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    http_exchange._tls().load_verify_locations(certificate)
    server = Receiver(context)
    yield server
    server.close()
    http_exchange._tls.cache_clear()


def test_certificates_are_checked_by_the_name_in_the_address(tls_receiver: Receiver) -> None:
    assert post(f"https://localhost:{tls_receiver.port}/x", b"{}", {}, TLS_SECONDS) == 204
    with pytest.raises(ExchangeFailed, match="certificate is not valid"):
        post(f"https://127.0.0.1:{tls_receiver.port}/x", b"{}", {}, TLS_SECONDS)
    http_exchange._tls.cache_clear()  # the authority is a stranger's now
    with pytest.raises(ExchangeFailed, match="certificate is not valid"):
        post(f"https://localhost:{tls_receiver.port}/x", b"{}", {}, TLS_SECONDS)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/x", "http://[::ffff:10.0.0.1]/x", "http://localhost:8000/x",
     "http://localhost./x", "http://169.254.169.254/latest/meta-data/", "https://user:password@pms.example.com/x",
     "https://user@pms.example.com/x", "https://pms.example.com/…"],
)  # fmt: skip
def test_an_address_inside_or_with_a_password_is_refused_when_told(url: str, settings: Any) -> None:
    settings.API_AUTH = "open"
    settings.WEBHOOK_INTERNAL_HOSTS = []
    create_hotel()
    body = orjson.dumps({"base_price": 80, "webhook_url": url})
    response = Client().patch(f"/prices/hotels/{HOTEL}/", body, content_type="application/json")
    assert (response.status_code, list(response.json())) == (400, ["webhook_url"])
    assert "password@" not in response.content.decode()
