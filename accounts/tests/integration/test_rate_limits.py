"""Rate limits: per key, per address without a valid key, and for logins; none without Redis."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.test import Client

from accounts import rate_limits
from accounts.tests.integration.conftest import create_key, get

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]


@pytest.fixture(autouse=True)
def own_redis(settings: Any, valkey_socket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CELERY_BROKER_URL = f"redis+socket://{valkey_socket}"
    monkeypatch.setattr(rate_limits, "_retry_at", 0.0)
    monkeypatch.setattr(rate_limits, "WINDOW_SECONDS", 10**6)  # no window ends in the test
    rate_limits._redis(settings.CELERY_BROKER_URL).flushall()


def test_each_key_has_its_own_limit(settings: Any) -> None:
    settings.RATE_PER_KEY = 3
    one, two = (create_key("same name", "--all-hotels", "--may", "read_dashboard") for _ in "12")
    assert [get(one).status_code for _ in range(4)] == [200, 200, 200, 429]
    response = get(one)
    assert int(response.headers["Retry-After"]) > 0
    assert "too many requests" in response.json()["detail"]
    assert get(two).status_code == 200


def test_requests_with_invalid_keys_are_counted_by_address(settings: Any) -> None:
    settings.RATE_PER_ADDRESS = 3
    assert [get(f"guess.{n}").status_code for n in range(4)] == [401, 401, 401, 429]
    other = Client(REMOTE_ADDR="9.9.9.9")
    assert other.get("/dashboard/hotels/").status_code == 401
    assert Client().get("/healthz").status_code == 200


def test_without_redis_no_request_is_refused(settings: Any, tmp_path: Path) -> None:
    settings.RATE_PER_KEY = 1
    settings.CELERY_BROKER_URL = f"redis+socket://{tmp_path}/nothing.sock"
    key_text = create_key("pms", "--all-hotels", "--may", "read_dashboard")
    assert [get(key_text).status_code for _ in range(3)] == [200, 200, 200]


def test_threads_of_a_new_process_share_one_count(settings: Any) -> None:
    for _ in range(20):
        rate_limits._redis(settings.CELERY_BROKER_URL).flushall()
        rate_limits._clients.clear()  # like a process that has just started
        together = Barrier(8)

        def count(_: int, together: Barrier = together) -> int:
            together.wait()
            return rate_limits._count("test", 60)

        with ThreadPoolExecutor(8) as threads:
            assert sorted(threads.map(count, range(8))) == list(range(1, 9))


def test_logins_are_limited_whatever_the_name(settings: Any) -> None:
    settings.RATE_OF_LOGINS = 3
    attempts = [
        Client().post("/login/", {"username": f"user{n}", "password": "x"}).status_code
        for n in range(4)
    ]
    assert attempts == [200, 200, 200, 429]
