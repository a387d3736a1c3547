"""Answers that are kept in memory: never older than the figures, and never for somebody else."""

from datetime import date
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.test import Client

from common import response_cache
from dashboard_service import models
from dashboard_service.figures import freshness, period_figures, pickup

PATHS = [
    "/dashboard/?hotel_id=7&period=day&year=2024",
    "/dashboard/?hotel_id=7&format=csv",
    "/dashboard/pickup/?hotel_id=7",
]


def count(hotel: int, gross: int) -> None:
    """As the feed's next page would: rows, and that the hotel changed, in one transaction."""
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
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was made anew, in order."""
    calls: list[str] = []
    for module, name in ((period_figures, "period_rows"), (pickup, "pickup_rows")):
        real = getattr(module, name)

        def noted(*args: Any, _name: str = name, _real: Any = real, **more: Any) -> Any:
            calls.append(_name)
            return _real(*args, **more)

        monkeypatch.setattr(module, name, noted)
    return calls


@pytest.mark.django_db(databases=["default", "dashboard_service"])
@pytest.mark.parametrize("path", PATHS)
class TestKeptAnswers:
    @pytest.fixture(autouse=True)
    def figures_of_two_hotels(self) -> None:
        count(7, 3)
        count(8, 5)

    def test_the_same_answer_is_made_once(self, client: Client, path: str, made: list[str]) -> None:
        first, second = (client.get(path, headers={"X-Request-Id": "mine"}) for _ in range(2))
        assert len(made) == 1
        assert (second.status_code, second.content) == (first.status_code, first.content)
        assert dict(second.items()) == dict(first.items())

    def test_a_change_is_seen_at_once(self, client: Client, path: str, made: list[str]) -> None:
        before = client.get(path).content
        count(8, 6)
        assert client.get(path).content == before, "another hotel's change is none of this one"
        count(7, 4)
        assert client.get(path).content != before
        assert len(made) == 2

    @pytest.mark.parametrize(
        ("asked", "status"),
        [
            ("{}", 304),
            ("W/{}", 304),
            ('"other", {}', 304),
            ("*", 304),
            ('"other"', 200),
            ("x", 200),
        ],
    )
    def test_who_has_it_already_gets_a_304(
        self, client: Client, path: str, made: list[str], asked: str, status: int
    ) -> None:
        tag = client.get(path).headers["ETag"]
        again = client.get(path, headers={"If-None-Match": asked.format(tag)})
        assert again.status_code == status
        assert again.headers["ETag"] == tag
        assert again.headers["Cache-Control"] == "private, no-cache"
        assert bool(again.content) == (status == 200)
        assert len(made) == 1

    def test_a_database_that_is_away_is_told_and_not_hidden(
        self, client: Client, path: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client.get(path)

        def away(hotel_id: int) -> None:
            raise OperationalError("away")

        monkeypatch.setattr(freshness, "changed_at", away)
        assert client.get(path).status_code == 503

    def test_another_host_gets_no_kept_answer(self, client: Client, path: str) -> None:
        assert client.get(path).status_code == 200
        assert client.get(path, headers={"Host": "elsewhere.example"}).status_code == 400


@pytest.mark.django_db(databases=["default", "dashboard_service"])
def test_of_the_figures_only_their_change_is_asked_for(
    client: Client, django_assert_num_queries: Any
) -> None:
    count(7, 3)
    client.get(PATHS[0])
    # The driver is asked for the change itself, past Django, which counts the queries.
    with django_assert_num_queries(0, using="dashboard_service"):
        client.get(PATHS[0])


def test_memory_is_bounded_and_the_last_used_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_cache, "MAX_BYTES", 25)
    answers = response_cache.KeptAnswers()

    def answer(size: int) -> response_cache.KeptAnswer:
        return response_cache.KeptAnswer((), tuple, '"x"', {}, {}, b"x" * size)

    answers.keep("a", answer(10))
    answers.keep("b", answer(10))
    answers.find("a")
    answers.keep("c", answer(10))
    assert [name for name in "abc" if answers.find(name)] == ["a", "c"]
    answers.keep("a", answer(15))
    assert [name for name in "abc" if answers.find(name)] == ["a", "c"], "counted once, not twice"
    answers.keep("d", answer(26))
    assert not any(map(answers.find, "abcd")), "what alone is too large is not kept"


@pytest.mark.django_db(transaction=True, databases=["dashboard_service"])
def test_a_connection_that_was_cut_is_made_anew_for_the_next_request() -> None:
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
