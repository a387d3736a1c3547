"""What reaches no view (a foreign Host, an unknown path, a redirect) is limited and logged too, and
a key that was sent without TLS is refused."""

import logging
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.module_loading import import_string

from accounts import rate_limits
from accounts.tests.integration.conftest import create_key

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]

STRANGER = "203.0.113.7"


@pytest.fixture(autouse=True)
def production(settings: Any, valkey_socket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS is on, behind one proxy, with three requests a minute for each address."""
    settings.CELERY_BROKER_URL = f"redis+socket://{valkey_socket}"
    settings.RATE_PER_ADDRESS = 3
    settings.TLS = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_REDIRECT_EXEMPT = [r"^(events|dashboard|healthz|readyz|metrics)"]
    settings.PROXIES = 1
    monkeypatch.setattr(rate_limits, "_retry_at", 0.0)
    monkeypatch.setattr(rate_limits, "WINDOW_SECONDS", 10**6)  # no window ends in the test
    rate_limits._redis(settings.CELERY_BROKER_URL).flushall()


def stranger(scheme: str = "https", **headers: str) -> Client:
    return Client(
        REMOTE_ADDR="10.0.0.1",
        headers={"X-Forwarded-For": STRANGER, "X-Forwarded-Proto": scheme, **headers},
    )


@pytest.mark.parametrize(
    ("path", "scheme", "host", "status"),
    [
        ("/nothing", "https", "localhost", 404),
        ("/healthz/more", "https", "localhost", 404),
        ("/static/nothing.js", "https", "localhost", 404),
        ("/favicon.ico", "https", "localhost", 302),
        ("/", "http", "localhost", 301),
        ("/", "https", "evil.example", 400),
        ("/nothing", "http", "evil.example", 400),
        ("/login/", "https", "localhost", 200),
    ],
)
def test_every_request_of_an_address_is_counted(
    path: str, scheme: str, host: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    client = stranger(scheme, Host=host)
    with caplog.at_level(logging.INFO):
        assert [client.get(path).status_code for _ in range(6)] == [status] * 3 + [429] * 3
    response = client.get(path)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src" in response.headers["Content-Security-Policy"]
    lines = [record.getMessage() for record in caplog.records]
    limited = [line for line in lines if "more than 3 requests in a minute" in line]
    assert len(limited) == 1, "one line for an address and minute, not one for each request"
    assert STRANGER in limited[0]


def test_health_checks_are_never_limited() -> None:
    assert {stranger().get("/healthz").status_code for _ in range(10)} == {200}
    assert {stranger().get("/static/common/icon.svg").status_code for _ in range(10)} == {200}


@pytest.mark.parametrize(
    ("path", "scheme", "host", "line"),
    [
        ("/nothing", "https", "localhost", f"GET /nothing from {STRANGER}: 404"),
        ("/a b\nERROR%0a", "https", "localhost", f"from {STRANGER}: 404"),
        ("/" + "x" * 5000, "https", "localhost", f"from {STRANGER}: 404"),
        ("/pricing/", "http", "localhost", f"GET /pricing/ from {STRANGER}: redirected to TLS"),
        ("/", "https", "evil.example", f"(from {STRANGER})"),
    ],
)
def test_it_leaves_one_line(
    path: str, scheme: str, host: str, line: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        stranger(scheme, Host=host).get(path)
    # The filter of the handler completes Django's own line; caplog has a handler of its own.
    one_line = import_string("roompricegenie.monitoring.refused_requests.OneLineFilter")()
    for record in caplog.records:
        one_line.filter(record)
    lines = [record.getMessage() for record in caplog.records]
    [written] = [text for text in lines if STRANGER in text]
    assert written.endswith(line)
    assert written.isprintable()
    assert len(written) < 300


def key_header() -> dict[str, str]:
    key_text = create_key("pms", "--all-hotels", "--may", "read_dashboard")
    return {"Authorization": f"Bearer {key_text}"}


@pytest.mark.parametrize("path", ["/dashboard/hotels/", "/events/", "/prices/", "/nothing"])
def test_a_key_over_plain_http_is_refused(
    path: str, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    headers = key_header()
    with caplog.at_level(logging.INFO):
        response = stranger("http").get(path, headers=headers)
    assert response.status_code == 403, "not a redirect that would send it on"
    assert "without TLS" in response.json()["detail"]
    lines = [record.getMessage() for record in caplog.records]
    prefix, secret = headers["Authorization"].removeprefix("Bearer ").split(".")
    assert f"key {prefix!r} was sent without TLS from {STRANGER}: replace it" in lines
    assert not any(secret in line for line in lines)


def test_keys_over_plain_http_are_limited_and_not_logged_without_end() -> None:
    client, headers = stranger("http"), key_header()
    statuses = [client.get("/events/", headers=headers).status_code for _ in range(6)]
    assert statuses == [403] * 3 + [429] * 3


@pytest.mark.parametrize("scheme", ["bearer", "Api-Key"])
def test_a_key_over_plain_http_is_refused_in_every_form(scheme: str) -> None:
    header = key_header()["Authorization"].replace("Bearer", scheme)
    response = stranger("http").get("/dashboard/hotels/", headers={"Authorization": header})
    assert response.status_code == 403
    response = stranger("https").get("/dashboard/hotels/", headers={"Authorization": header})
    assert response.status_code == 200


def test_a_key_over_plain_http_from_a_public_address_is_refused() -> None:
    client = Client(REMOTE_ADDR="93.184.215.14")
    assert client.get("/dashboard/hotels/", headers=key_header()).status_code == 403


def test_a_key_by_tls_is_taken() -> None:
    assert stranger("https").get("/dashboard/hotels/", headers=key_header()).status_code == 200


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "172.18.0.5", "::ffff:10.1.2.3", "fd00::5"])
def test_services_speak_to_each_other_without_tls(peer: str) -> None:
    client = Client(REMOTE_ADDR=peer)
    assert client.get("/dashboard/hotels/", headers=key_header()).status_code == 200


def test_without_tls_every_key_is_taken(settings: Any) -> None:
    settings.TLS = settings.SECURE_SSL_REDIRECT = False
    assert stranger("http").get("/dashboard/hotels/", headers=key_header()).status_code == 200
