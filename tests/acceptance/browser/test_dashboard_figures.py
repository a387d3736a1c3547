"""The dashboard page's figures equal those counted from the real hotel's file."""

import csv
import gzip
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page

from tests.acceptance.browser.dashboard_page import shown_figure
from tests.acceptance.conftest import Stack


@pytest.fixture(scope="module")
def resort(stack: Stack, shared_data: Path) -> Stack:
    """The stack with the real hotel's events and profile (hotel 101)."""
    load = stack.manage(
        "trigger_load_events", str(shared_data / "resort_hotel_events.csv.gz"), "--wait"
    )
    assert load.returncode == 0, load.stderr
    profile = {"name": "Resort Hotel", "rooms": 190}
    requests.patch(
        f"{stack.base}/dashboard/hotels/101/", json=profile, timeout=10
    ).raise_for_status()
    return stack


def expected_days(shared_data: Path, basis: str) -> dict[date, tuple[int, int]]:
    with (shared_data / "resort_hotel_daily.csv").open() as file:
        return {
            date.fromisoformat(row["date"]): (
                int(row["gross_booking_count"]), int(row["cancellation_count"]),
            )
            for row in csv.DictReader(file) if row["basis"] == basis
        }  # fmt: skip


@pytest.mark.parametrize(
    ("basis", "year"), [*(("booked", y) for y in range(2014, 2018)), ("stay", 2015), ("stay", 2016)]
)
def test_figures_equal_the_real_hotels(
    resort: Stack, page: Page, shared_data: Path, basis: str, year: int
) -> None:
    days = {
        day: counts for day, counts in expected_days(shared_data, basis).items() if day.year == year
    }
    gross, cancelled = (sum(counts[n] for counts in days.values()) for n in (0, 1))
    page.goto(f"{resort.base}/?hotel_id=101&year={year}&basis={basis}")
    assert shown_figure(page, "gross") == gross
    assert shown_figure(page, "cancelled") == cancelled
    assert shown_figure(page, "net") == gross - cancelled
    assert shown_figure(page, "rate") == pytest.approx(cancelled / gross)
    rows = page.locator("#rows-table tbody tr")
    read = "cells => cells.slice(0, 3).map(cell => +(cell.querySelector('data')?.value ?? 0))"
    shown = [row.locator("td").evaluate_all(read) for row in rows.all()]
    by_month: dict[int, list[int]] = {month: [0, 0] for month in range(1, 13)}
    for day, counts in days.items():
        by_month[day.month][0] += counts[0]
        by_month[day.month][1] += counts[1]
    assert len(shown) == 12
    assert shown == [[one - two, one, two] for one, two in by_month.values()]
    squares = page.locator("#heat td[data-day]").evaluate_all(
        "d => d.map(x => [x.dataset.day, +x.dataset.net])"
    )
    assert {day: net for day, net in squares if net} == {
        str(day): one - two for day, (one, two) in days.items() if one != two
    }


@pytest.mark.parametrize("basis", ["booked", "stay"])
def test_comparison_and_what_came_in_equal_a_recount_of_the_file(
    resort: Stack, page: Page, shared_data: Path, basis: str
) -> None:
    with gzip.open(shared_data / "resort_hotel_events.csv.gz", "rt") as file:
        events = [
            (datetime.fromisoformat(row["event_timestamp"]), row["night_of_stay"], row["status"])
            for row in csv.DictReader(file)
        ]
    end = datetime(2016, 9, 1)  # the newest data is of 2017-08-31
    before: Counter[str] = Counter(
        status
        for time, night, status in events
        if time < end and (str(time) if basis == "booked" else night)[:4] == "2016"
    )
    page.goto(f"{resort.base}/?hotel_id=101&year=2017&basis={basis}")
    against = page.locator(".card.net .against data").last.get_attribute("value")
    assert int(against or 0) == before["1"] - before["2"]
    newest = max(time for time, *_ in events).replace(minute=0, second=0) + timedelta(hours=1)
    for card, hours in zip(page.locator(".came-in .card").all(), (24, 168), strict=True):
        since = newest - timedelta(hours=hours)
        counted = Counter(status for time, _, status in events if time >= since)
        shown = card.locator("data").evaluate_all("d => d.map(x => +x.value)")
        assert shown == [counted["1"] - counted["2"], counted["1"], counted["2"]]
