"""The portfolio: each hotel's line is what its own page has, and asks for nothing twice."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import DatabaseError, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard_service.models import HotelFigures, HotelProfile
from dashboard_service.tests.random_hotels import (
    HOTELS,
    MONEY,
    NOW,
    ROOMLESS,
    SILENT,
    count_random_hotels,
    stop_time,
)
from overview import tasks
from overview.models import GroupMember, HotelGroup, PortfolioLine
from tests.prepared_rows import prepared_rows

DATABASES = ["default", "dashboard_service", "pricing_service"]
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


def get(client: Client, query: str = "") -> str:
    answer = client.get(f"/hotels/{query}")
    assert answer.status_code == 200, answer.content
    return unescape(answer.content.decode())


def rows(html: str) -> dict[int, str]:
    """Return the table's rows by the hotel's number, in their order."""
    parts = re.findall(r'<tr><th scope="row"><a href="/\?hotel_id=(\d+)">(.*?)</tr>', html, re.S)
    return {int(number): part for number, part in parts}


def cell(row: str, label: str) -> str:
    match = re.search(rf'<td data-label="{label}">(?:<data value="([^"]+)")?', row)
    assert match
    return match[1] or ""


def test_a_line_is_what_the_hotel_s_own_performance_says(client: Client) -> None:
    row = rows(get(client))[MONEY]
    today = NOW.date()
    query = f"hotel_id={MONEY}&period=day&year={today.year}&month={today.month}&day={today.day}"
    [own] = client.get(f"/dashboard/performance/?{query}").json()
    assert float(cell(row, "Occupancy tonight")) == own["occupancy"]
    assert cell(row, "ADR tonight") == (own["average_rate"] or "")
    assert cell(row, "RevPAR tonight") == own["revpar"]


def test_stored_lines_say_the_same_as_new_ones(client: Client) -> None:
    assert not PortfolioLine.objects.exists()
    new = get(client)
    assert set(PortfolioLine.objects.values_list("pk", flat=True)) == set(HOTELS)
    assert get(client) == new


def test_a_change_of_a_hotel_changes_its_line_at_once(client: Client) -> None:
    before = rows(get(client))
    HotelProfile.objects.filter(pk=MONEY).update(rooms=60)
    after = rows(get(client))
    assert cell(before[MONEY], "Occupancy tonight") == cell(after[MONEY], "Occupancy tonight")
    assert cell(before[MONEY], "Occupancy, 90 nights") != cell(after[MONEY], "Occupancy, 90 nights")
    assert {number: before[number] for number in HOTELS if number != MONEY} == {
        number: after[number] for number in HOTELS if number != MONEY
    }


def test_a_new_day_makes_new_lines(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(get(client))
    stop_time(monkeypatch, NOW + timedelta(days=1))
    after = rows(get(client))
    assert before[MONEY] != after[MONEY]
    tonight = cell(after[MONEY], "Occupancy tonight")
    query = f"hotel_id={MONEY}&period=day&year=2026&month=6&day=16"
    [own] = client.get(f"/dashboard/performance/?{query}").json()
    assert float(tonight) == own["occupancy"]


def test_the_task_renews_what_changed(client: Client, django_assert_num_queries: Any) -> None:
    get(client)
    HotelFigures.objects.filter(pk=MONEY).update(changed_at=NOW)
    assert tasks.refresh_portfolio() == len(HOTELS)
    with django_assert_num_queries(4, using="dashboard_service"):
        get(client)  # only what lines depend on


def test_the_number_of_statements_does_not_grow_with_the_hotels(client: Client) -> None:
    def statements() -> int:
        PortfolioLine.objects.all().delete()
        captures = [CaptureQueriesContext(connections[name]) for name in DATABASES]
        for capture in captures:
            capture.__enter__()
        get(client)
        for capture in captures:
            capture.__exit__(None, None, None)
        return sum(len(capture) for capture in captures)

    few = statements()
    HotelFigures.objects.bulk_create(
        HotelFigures(hotel_id=number, changed_at=NOW) for number in range(1_000, 1_060)
    )
    assert statements() == few


def test_lines_that_cannot_be_stored_are_shown(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(PortfolioLine.objects, "bulk_create", fail)
    assert set(rows(get(client))) == set(HOTELS)


def test_what_needs_most_comes_first(client: Client) -> None:
    order = list(rows(get(client)))
    assert order[0] == SILENT, "without bookings and without prices"
    assert order[1] == ROOMLESS
    by_name = list(rows(get(client, "?sort=name")))
    assert by_name[0] != SILENT
    assert list(rows(get(client, "?sort=name&order=desc"))) == by_name[::-1]


def test_the_filter_is_by_name_and_an_empty_one_is_none(client: Client) -> None:
    assert list(rows(get(client, "?q=l%C3%96wen"))) == [MONEY]
    assert set(rows(get(client, "?q=&sort=pace"))) == set(HOTELS)
    assert "No hotel of yours" in get(client, "?q=nirgends")


def test_a_hundred_hotels_are_a_page(client: Client) -> None:
    HotelFigures.objects.bulk_create(
        HotelFigures(hotel_id=number, changed_at=NOW) for number in range(1_000, 1_130)
    )
    first, second = (rows(get(client, f"?page={page}")) for page in (1, 2))
    assert (len(first), len(second)) == (100, 130 + len(HOTELS) - 100)
    assert not first.keys() & second.keys()
    assert rows(get(client, "?page=9")) == second, "the last one"


def test_a_group_has_its_hotels_and_their_totals(client: Client) -> None:
    group = HotelGroup.objects.create(name="Berge", made_by="mia")
    GroupMember.objects.create(group=group, hotel_id=MONEY)
    html = get(client, f"?group={group.pk}")
    assert list(rows(html)) == [MONEY]
    assert "<bdi>Berge</bdi></h1>" in html
    assert "There is no such group" in get(client, f"?group={group.pk + 1}")


@pytest.mark.parametrize(
    "query", ["?sort=colour", "?page=0", "?group=x", "?colour=red", "?order=up"]
)
def test_a_wrong_address_is_explained(client: Client, query: str) -> None:
    answer = client.get(f"/hotels/{query}")
    assert answer.status_code == 400
    assert b"The address is wrong" in answer.content


def test_without_hotels_the_page_says_so(client: Client) -> None:
    HotelFigures.objects.all().delete()
    assert "No hotel to show" in get(client)
