"""Figures of many hotels: each is the one that the hotel's own page and REST have."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from dashboard_service.figures.available_dates import newest_day
from dashboard_service.figures.many_hotels.hotel_state import hotel_states
from dashboard_service.figures.many_hotels.key_figures import NIGHTS, SPANS, KeyFigures, key_figures
from dashboard_service.figures.pickup import pickup_rows
from dashboard_service.figures.sold_room_nights import figures
from dashboard_service.figures.stale_data import stale_since
from dashboard_service.models import HotelFigures
from dashboard_service.tests.random_hotels import (
    HOTELS,
    MONEY,
    ROOMLESS,
    SILENT,
    YOUNG,
    count_random_hotels,
    stop_time,
)
from tests.prepared_rows import prepared_rows

DATABASES = ["dashboard_service"]
pytestmark = pytest.mark.django_db(databases=DATABASES)


@pytest.fixture(scope="module")
def hotels(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        stop_time(patch)
        with prepared_rows(django_db_blocker, DATABASES, count_random_hotels):
            yield


@pytest.fixture(autouse=True)
def same_moment(hotels: None, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_time(monkeypatch)


def found() -> dict[int, KeyFigures]:
    return key_figures(hotel_states(None, 1_000))


def today_of(number: int) -> date:
    return next(state.today for state in hotel_states(frozenset({number}), 1))


@pytest.mark.parametrize("number", HOTELS)
def test_occupancy_adr_and_revpar_are_those_of_performance(client: Client, number: int) -> None:
    key, today = found()[number], today_of(number)
    rows: dict[str, dict[str, Any]] = {}
    for year in (today.year, today.year + 1):
        query = f"hotel_id={number}&period=day&year={year}"
        for row in client.get(f"/dashboard/performance/?{query}").json():
            rows[f"{row['year']}-{row['month']:02}-{row['day']:02}"] = row
    for span in SPANS:
        nights = [rows[str(today + timedelta(days=ahead))] for ahead in range(span)]
        mine = figures(key.sold[span], key.currency, key.rooms_for_sale[span])
        if span == 1:
            assert mine == {name: nights[0][name] for name in mine}
        assert mine["room_nights"] == sum(night["room_nights"] for night in nights)
        assert float(mine["revenue"] or 0) == pytest.approx(
            sum(float(night["revenue"] or 0) for night in nights)
        )
        if number != ROOMLESS:
            assert mine["rooms_for_sale"] == sum(night["rooms_for_sale"] for night in nights)


@pytest.mark.parametrize("number", HOTELS)
def test_pickup_is_that_of_the_pickup_table(number: int) -> None:
    rows = pickup_rows(number, None, NIGHTS)
    assert found()[number].pickup == sum(row["pickup_7"] for row in rows)


@pytest.mark.parametrize("number", HOTELS)
def test_pace_is_the_sum_of_the_nights_pace(client: Client, number: int) -> None:
    key, today = found()[number], today_of(number)
    nights = [today + timedelta(days=ahead) for ahead in range(NIGHTS)]
    rows: dict[str, dict[str, Any]] = {}
    for year, month in {(night.year, night.month) for night in nights}:
        for row in client.get(
            f"/dashboard/pace/?hotel_id={number}&year={year}&month={month}"
        ).json():
            rows[row["night_of_stay"]] = row
    own = [rows[str(night)] for night in nights]
    if number == YOUNG:
        assert key.pace is None
        return
    assert key.pace is not None
    assert key.pace.now == sum(row["room_nights"] for row in own)
    assert key.pace.earlier == sum(row["room_nights_last_year"] for row in own)


def test_a_year_known_in_part_is_not_compared() -> None:
    """The hotel's records begin ten days before the same time last year: most bookings are missing."""
    from dashboard_service.models import DashboardData, PaceData

    as_of = found()[MONEY].newest_day
    assert as_of is not None
    begins = as_of - timedelta(days=364 + 10)
    DashboardData.objects.filter(hotel_id=MONEY, basis="booked", day__lt=begins).delete()
    PaceData.objects.filter(hotel_id=MONEY, day__lt=begins).delete()
    assert found()[MONEY].pace is None


@pytest.mark.parametrize("number", HOTELS)
def test_stale_is_what_the_hotel_s_page_calls_stale(number: int) -> None:
    state = next(state for state in hotel_states(None, 1_000) if state.hotel_id == number)
    since = found()[number].stale_since
    assert since == stale_since(number, newest_day(number), state.today, state.spans)
    assert (since is not None) == (number == SILENT)


def test_a_client_s_hotels_only_and_no_more_than_the_limit() -> None:
    assert [state.hotel_id for state in hotel_states(frozenset({YOUNG, MONEY, 999}), 9)] == [
        MONEY,
        YOUNG,
    ]
    assert [state.hotel_id for state in hotel_states(None, 2)] == list(HOTELS[:2])


def test_the_number_of_statements_does_not_grow_with_the_hotels(
    django_assert_num_queries: Any,
) -> None:
    from django.utils import timezone

    with django_assert_num_queries(14, using="dashboard_service"):
        found()
    HotelFigures.objects.bulk_create(
        HotelFigures(hotel_id=number, changed_at=timezone.now()) for number in range(1_000, 1_060)
    )
    with django_assert_num_queries(14, using="dashboard_service"):
        assert len(found()) == len(HOTELS) + 60


def test_no_hotels_are_no_figures() -> None:
    assert key_figures([]) == {}
