"""Responses cached in memory: never older than the figures, and never sent to another client."""

from datetime import date
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.test import Client

from dashboard_service import models
from dashboard_service.figures import freshness, period_figures, pickup

PATHS = [
    "/dashboard/?hotel_id=7&period=day&year=2024",
    "/dashboard/?hotel_id=7&format=csv",
    "/dashboard/pickup/?hotel_id=7",
]


def set_figures(hotel: int, gross: int) -> None:
    """Change a hotel's figures as the next page of the feed does: its rows, and `changed_at`."""
    models.DashboardData.objects.update_or_create(
        hotel_id=hotel, basis="booked", day=date(2024, 3, 31),
        defaults={"gross_booking_count": gross, "cancellation_count": 0},
    )  # fmt: skip
    models.PickupData.objects.update_or_create(
        hotel_id=hotel, night_of_stay=date(2024, 3, 31), day=date(2024, 3, 31),
        defaults={"gross_booking_count": gross, "cancellation_count": 0},
    )  # fmt: skip
    from django.utils import timezone

    models.HotelFigures.objects.update_or_create(
        hotel_id=hotel, defaults={"changed_at": timezone.now()}
    )


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the functions that were called to render a response, in order."""
    calls: list[str] = []
    for module, name in ((period_figures, "period_rows"), (pickup, "pickup_rows")):
        original = getattr(module, name)

        def recorded(*args: Any, _name: str = name, _original: Any = original, **more: Any) -> Any:
            calls.append(_name)
            return _original(*args, **more)

        monkeypatch.setattr(module, name, recorded)
    return calls


@pytest.mark.django_db(databases=["default", "dashboard_service"])
@pytest.mark.parametrize("path", PATHS)
class TestResponseCache:
    @pytest.fixture(autouse=True)
    def figures_of_two_hotels(self) -> None:
        set_figures(7, 3)
        set_figures(8, 5)

    def test_a_response_is_rendered_once(
        self, client: Client, path: str, rendered: list[str]
    ) -> None:
        first, second = (client.get(path, headers={"X-Request-Id": "mine"}) for _ in range(2))
        assert len(rendered) == 1
        assert (second.status_code, second.content) == (first.status_code, first.content)
        assert dict(second.items()) == dict(first.items())

    def test_a_change_of_the_figures_is_visible_at_once(
        self, client: Client, path: str, rendered: list[str]
    ) -> None:
        before = client.get(path).content
        set_figures(8, 6)
        assert client.get(path).content == before, "another hotel's change does not matter"
        set_figures(7, 4)
        assert client.get(path).content != before
        assert len(rendered) == 2

    @pytest.mark.one_database
    @pytest.mark.parametrize(
        ("if_none_match", "status"),
        [
            ("{}", 304),
            ("W/{}", 304),
            ('"other", {}', 304),
            ("*", 304),
            ('"other"', 200),
            ("x", 200),
        ],
    )
    def test_a_client_with_the_current_etag_gets_a_304(
        self, client: Client, path: str, rendered: list[str], if_none_match: str, status: int
    ) -> None:
        tag = client.get(path).headers["ETag"]
        again = client.get(path, headers={"If-None-Match": if_none_match.format(tag)})
        assert again.status_code == status
        assert again.headers["ETag"] == tag
        assert again.headers["Cache-Control"] == "private, no-cache"
        assert bool(again.content) == (status == 200)
        assert len(rendered) == 1

    @pytest.mark.one_database
    def test_a_database_that_does_not_answer_is_a_503_despite_the_cache(
        self, client: Client, path: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client.get(path)

        def fail(hotel_id: int) -> None:
            raise OperationalError("away")

        monkeypatch.setattr(freshness, "changed_at", fail)
        assert client.get(path).status_code == 503

    @pytest.mark.one_database
    def test_another_host_gets_no_cached_response(self, client: Client, path: str) -> None:
        assert client.get(path).status_code == 200
        assert client.get(path, headers={"Host": "elsewhere.example"}).status_code == 400


@pytest.mark.django_db(databases=["default", "dashboard_service"])
def test_a_cached_response_costs_no_query_but_the_one_for_changed_at(
    client: Client, django_assert_num_queries: Any
) -> None:
    set_figures(7, 3)
    client.get(PATHS[0])
    # `changed_at` uses the driver's own method, which Django's count of queries does not see.
    with django_assert_num_queries(0, using="dashboard_service"):
        client.get(PATHS[0])


@pytest.mark.django_db(transaction=True, databases=["dashboard_service"])
def test_a_closed_connection_is_reopened_for_the_next_request() -> None:
    connection = connections["dashboard_service"]
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL only: SQLite has no connection to cut")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [process] = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
    other.close()
    connection.close_if_unusable_or_obsolete()  # as at the start of each request
    assert freshness.changed_at(1) is None
