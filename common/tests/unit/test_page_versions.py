"""When a version is certain, what is read for it, and what is no longer watched."""

import time
from typing import Any

import pytest
from django.db import OperationalError

from common import page_versions
from common.page_versions import HOTEL, USER, PageVersions, Source


class Table:
    """Values of hotels, and what was read of them."""

    def __init__(self) -> None:
        self.values: dict[int, Any] = {}
        self.moved: list[int] = []
        self.reads: list[list[int]] = []

    def read(self, numbers: list[int]) -> dict[int, Any]:
        self.reads.append(numbers)
        return {number: self.values.get(number) for number in numbers}

    def look_for_moved(self, since: Any) -> tuple[list[int], Any]:
        return self.moved, since


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def versions(table: Table) -> PageVersions:
    return PageVersions({"it": Source(HOTEL, table.read, table.look_for_moved)})


def test_a_version_is_not_certain_before_the_first_look(versions: PageVersions) -> None:
    assert versions.version([(HOTEL, 1)]) is None
    versions.look()
    assert versions.version([(HOTEL, 1)]) is not None
    assert versions.version([(HOTEL, 1), (HOTEL, 2)]) is None


def test_processes_have_the_same_version(table: Table) -> None:
    table.values[1] = ("figures", 3)
    found = []
    for _ in range(2):
        own = PageVersions({"it": Source(HOTEL, table.read)})
        own.version([(HOTEL, 1)])
        own.look()
        found.append(own.version([(HOTEL, 1)]))
    assert found[0] == found[1]


def test_only_what_moved_is_read_between_two_looks_at_everything(
    versions: PageVersions, table: Table
) -> None:
    versions.version([(HOTEL, number) for number in (1, 2, 3)])
    versions.look()
    table.moved = [2, 99]
    versions.look()
    assert table.reads == [[1, 2, 3], [2]]
    versions._all_due_at = 0
    versions.look()
    assert table.reads[2:] == [[1, 2, 3]]


def test_a_version_that_is_newer_than_the_request_is_not_given(
    versions: PageVersions, table: Table
) -> None:
    versions.version([(HOTEL, 1)])
    versions.look()
    arrived = time.monotonic()
    assert versions.version([(HOTEL, 1)], before=arrived) is not None
    table.values[1], table.moved = "new", [1]
    versions.look()
    assert versions.version([(HOTEL, 1)], before=arrived) is None
    assert versions.version([(HOTEL, 1)], before=time.monotonic()) is not None


def test_nothing_is_certain_while_a_database_is_away(
    versions: PageVersions, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions.version([(HOTEL, 1)])
    versions.look()

    def away() -> None:
        raise OperationalError("away")

    monkeypatch.setattr(versions, "look", away)
    versions.look_or_fail()
    assert versions.version([(HOTEL, 1)]) is None


def test_versions_that_nobody_renews_are_not_certain(
    versions: PageVersions, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions.version([(HOTEL, 1)])
    versions.look()
    monkeypatch.setattr(page_versions, "CERTAIN_SECONDS", -1)
    assert versions.version([(HOTEL, 1)]) is None


def test_what_no_page_asks_for_is_not_watched(
    versions: PageVersions, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions.version([(HOTEL, 1), (USER, 5)])
    monkeypatch.setattr(page_versions, "UNASKED_SECONDS", -1)
    versions.look()
    assert table.reads == []


def test_the_hour_comes_to_each_hotel_a_little_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 3600.0 * 500 + 5)
    hours = [page_versions._hour(hotel) for hotel in range(20)]
    assert hours == ["1f4"] * 6 + ["1f3"] * 14
