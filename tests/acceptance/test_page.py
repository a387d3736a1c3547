"""The dashboard page in a browser: choices, links, drill-down, live updates, keyboard, states."""

import csv
import gzip
import itertools
import re
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from tests.acceptance.conftest import Stack, look, running_stack, wait_until_counted

NOW_SHOWN = 20_000  # ms on a busy machine; two seconds are promised
VIEWS = [
    "",
    "?hotel_id=1&year=2025&period=day&basis=stay",
    "?hotel_id=1&year=2024&period=day&month=2",
    "?hotel_id=2&period=year",
    "?hotel_id=999999",
    "?hotel_id=abc",
]


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page whose scripts must not fail, nor anything violate the content security policy."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Security" in said.text else None)
    yield page
    assert not wrong


@pytest.fixture(scope="module")
def resort(stack: Stack, shared_data: Path) -> Stack:
    """The stack with the real hotel, loaded and named."""
    loaded = stack.manage(
        "trigger_load_events", str(shared_data / "resort_hotel_events.csv.gz"), "--wait"
    )
    assert loaded.returncode == 0, loaded.stderr
    told = {"name": "Resort Hotel", "rooms": 190}
    requests.patch(f"{stack.base}/dashboard/hotels/101/", json=told, timeout=10).raise_for_status()
    return stack


def post(stack: Stack, hotel: int = 1, day: str = "2025-12-31", night: str = "2026-01-02") -> None:
    answer = requests.post(
        f"{stack.base}/events/",
        json={
            "hotel_id": hotel, "status": 1, "event_timestamp": f"{day}T23:00:00Z",
            "room_reservation_id": str(uuid.uuid4()), "night_of_stay": night,
        },
        timeout=10,
    )  # fmt: skip
    assert answer.status_code == 201, answer.text


def figure(page: Page, name: str) -> float:
    value = page.locator(f"#figure-{name} data").get_attribute("value")
    assert value is not None
    return float(value)


def chosen(page: Page) -> list[str]:
    return page.locator("#choose [aria-current]").all_inner_texts()


# --- figures -------------------------------------------------------------------------------------


def truth(shared_data: Path, basis: str) -> dict[date, tuple[int, int]]:
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
def test_the_figures_are_the_real_hotels(
    resort: Stack, page: Page, shared_data: Path, basis: str, year: int
) -> None:
    days = {day: counts for day, counts in truth(shared_data, basis).items() if day.year == year}
    gross, cancelled = (sum(counts[n] for counts in days.values()) for n in (0, 1))
    page.goto(f"{resort.base}/?hotel_id=101&year={year}&basis={basis}")
    assert figure(page, "gross") == gross
    assert figure(page, "cancelled") == cancelled
    assert figure(page, "net") == gross - cancelled
    assert figure(page, "rate") == pytest.approx(cancelled / gross)
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


# --- choosing, linking, Back ---------------------------------------------------------------------


def test_a_choice_is_in_the_address_and_back_takes_it_back(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/")
    assert chosen(page) == ["2025", "Month", "Booking date"]
    page.get_by_role("link", name="2024").click()
    expect(page).to_have_url(re.compile("year=2024"))
    page.get_by_role("link", name="Night of stay").click()
    expect(page).to_have_url(re.compile("basis=stay"))
    page.get_by_role("link", name="Day", exact=True).click()
    expect(page).to_have_url(re.compile("period=day"))
    page.get_by_label("Hotel", exact=True).select_option("2")
    expect(page).to_have_url(re.compile("hotel_id=2"))
    assert chosen(page)[1:] == ["Day", "Night of stay"]
    net = figure(page, "net")
    page.go_back()
    expect(page.get_by_label("Hotel", exact=True)).to_have_value("1")
    assert chosen(page) == ["2024", "Day", "Night of stay"]
    page.go_back()
    expect(page.locator("#choose [aria-current]").nth(1)).to_have_text("Month")
    page.go_forward()
    page.go_forward()
    expect(page.get_by_label("Hotel", exact=True)).to_have_value("2")
    assert figure(page, "net") == net


def test_a_link_shows_the_same_view_to_somebody_else(
    stack: Stack, page: Page, browser: Browser
) -> None:
    page.goto(f"{stack.base}/")
    page.get_by_role("link", name="2024").click()
    expect(page).to_have_url(re.compile("year=2024"))
    page.get_by_role("link", name="Night of stay").click()
    expect(page).to_have_url(re.compile("basis=stay"))
    other = browser.new_page()
    other.goto(page.url)
    assert chosen(other) == chosen(page) == ["2024", "Month", "Night of stay"]
    assert other.locator("#rows-table").inner_text() == page.locator("#rows-table").inner_text()
    assert other.title() == page.title() == "Hotel 1 · 2024 · RoomPriceGenie"
    other.close()


def test_the_rows_as_csv_and_json_are_the_same_rows(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2024&basis=stay&month=2&period=day")
    shown = page.locator("#rows-table tbody td:nth-child(2) data").evaluate_all(
        "d => d.map(x => +x.value)"
    )
    href = page.get_by_role("link", name="JSON", exact=True).get_attribute("href")
    rows = requests.get(f"{stack.base}{href}", timeout=10).json()
    assert [row["booking_count"] for row in rows] == shown
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    kept = list(csv.DictReader(download.value.path().open()))
    assert [int(row["booking_count"]) for row in kept] == shown


# --- drill-down ----------------------------------------------------------------------------------


def bar(page: Page, index: int) -> tuple[float, float]:
    """Return the page position of a bar of the chart."""
    x, y = page.evaluate(
        """index => { const canvas = document.querySelector("#chart canvas"),
           place = Chart.getChart(canvas).getDatasetMeta(0).data[index],
           box = canvas.getBoundingClientRect();
           return [box.left + place.x, box.top + (place.y + place.base) / 2]; }""",
        index,
    )
    return x, y


def test_a_month_of_the_chart_opens_its_days(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    page.locator("#chart").scroll_into_view_if_needed()
    page.mouse.click(*bar(page, 6))
    expect(page).to_have_url(re.compile("month=7&period=day"))
    expect(page.locator("#rows-table tbody tr")).to_have_count(31)
    expect(page.locator("#chart-title")).to_have_text("Room-nights by day, July 2025")
    page.get_by_role("link", name="The month after").click()
    expect(page.locator("#chart-title")).to_contain_text("August 2025")
    page.get_by_role("link", name="All of 2025").click()
    expect(page.locator("#rows-table tbody tr")).to_have_count(12)
    page.go_back()
    expect(page.locator("#chart-title")).to_contain_text("August 2025")


def test_calendar_and_table_open_a_month_too(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    page.locator("td[data-day='2025-03-14']").click()
    expect(page).to_have_url(re.compile("month=3&period=day"))
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    page.get_by_role("link", name="May 2025").click()
    expect(page).to_have_url(re.compile("month=5&period=day"))


def test_hovering_shows_exact_numbers(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    page.locator("td[data-day='2025-03-14']").scroll_into_view_if_needed()
    page.wait_for_timeout(200)  # scrolling hides the tooltip
    page.locator("td[data-day='2025-03-14']").hover()
    net = page.locator("td[data-day='2025-03-14']").get_attribute("data-net")
    expect(page.get_by_role("tooltip")).to_have_text(f"Fri, Mar 14, 2025: {net}")
    page.locator("#chart").scroll_into_view_if_needed()
    page.mouse.move(*bar(page, 4))
    lines = page.evaluate(
        "Chart.getChart(document.querySelector('#chart canvas')).tooltip.body.map(b => b.lines[0])"
    )
    assert (
        lines[0]
        == "Gross: " + page.locator("#rows-table tbody tr").nth(4).locator("td").nth(1).inner_text()
    )


def test_a_year_of_days_zooms_and_scrolls(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay&period=day")
    span = """(() => { const chart = Chart.getChart(document.querySelector("#chart canvas"));
                       return [chart.scales.x.min, chart.scales.x.max]; })()"""
    assert page.evaluate(span) == [0, 364]
    page.get_by_role("button", name="31 days").click()
    assert page.evaluate(span) == [334, 364]
    page.get_by_label("First day in the chart").fill("31")
    assert page.evaluate(span) == [31, 61]
    x, y = bar(page, 45)
    page.locator("#chart").scroll_into_view_if_needed()
    x, y = bar(page, 45)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 200, y, steps=5)
    page.mouse.up()
    assert page.evaluate(span)[0] > 31
    assert "month" not in page.url, "a drag is no click"


# --- keyboard ------------------------------------------------------------------------------------


def test_everything_by_keyboard(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the figures")).to_be_focused()
    order = []
    for _ in range(60):
        page.keyboard.press("Tab")
        order.append(
            page.evaluate(
                "(document.activeElement.id || document.activeElement.textContent).trim()"
            )
        )
        if order[-1] == "chart":
            break
    assert [text for text in order if text in ("2024", "Month", "Night of stay", "chart")] == [
        "2024", "Month", "Night of stay", "chart",
    ]  # fmt: skip
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    read = page.get_by_role("slider", name="Chart").get_attribute("aria-valuetext")
    cells = page.locator("#rows-table tbody tr").nth(1).locator("td").all_inner_texts()
    assert read is not None
    assert read.startswith(f"February 2025: Gross {cells[1]}, Cancelled {cells[2]}, Net {cells[0]}")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("month=2&period=day"))
    expect(page.get_by_role("slider", name="Chart")).to_be_focused()
    while page.evaluate("!document.activeElement.dataset.day"):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.day") == "2025-01-09"
    expect(page.get_by_role("tooltip")).to_contain_text("Jan 9, 2025")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("month=1&period=day"))


def test_a_table_is_sorted_by_its_heads(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    head = page.locator("#rows-table thead th").nth(2)
    values = "d => d.map(x => +x.value)"
    column = page.locator("#rows-table tbody td:nth-child(3) data")
    in_time = column.evaluate_all(values)
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert column.evaluate_all(values) == sorted(in_time, reverse=True)
    expect(head).to_have_attribute("aria-sort", "descending")
    page.keyboard.press("Enter")
    assert column.evaluate_all(values) == sorted(in_time)
    page.locator("#rows-table thead th").first.get_by_role("button").click()
    assert column.evaluate_all(values) == in_time


# --- live updates --------------------------------------------------------------------------------


def test_new_events_appear_by_themselves_and_nothing_jumps(stack: Stack, page: Page) -> None:
    wait_until_counted(stack)
    page.goto(f"{stack.base}/?hotel_id=2&basis=stay&year=2025")
    expect(page.locator("#fresh-state")).to_have_text("Up to date")
    gross = int(figure(page, "gross"))
    page.locator("#rows-table thead button").nth(1).click()
    page.get_by_role("link", name="May 2025").focus()
    page.locator("#pickup-scroll").evaluate("box => box.scrollTo(0, 90)")
    page.evaluate("window.scrollTo(0, 700); window.stays = document.querySelector('#chart canvas')")
    at = page.evaluate("scrollY")
    post(stack, hotel=2, night="2025-05-09")
    expect(page.locator("#figure-gross data")).to_have_attribute(
        "value", str(gross + 1), timeout=NOW_SHOWN
    )
    assert page.evaluate("scrollY") == at
    assert page.locator("#pickup-scroll").evaluate("box => box.scrollTop") == 90
    assert page.evaluate("stays === document.querySelector('#chart canvas')"), "the chart stays"
    expect(page.get_by_role("link", name="May 2025")).to_be_focused()
    expect(page.locator("#rows-table [aria-sort=descending]")).to_have_count(1)
    assert (
        page.evaluate("Chart.getChart(stays).data.datasets[0].data.reduce((a, b) => a + b)")
        == gross + 1
    )
    expect(page.locator("#fresh-time")).to_contain_text("figures changed")


SHOW_AS = """state => {
    const get = () => state;
    Object.defineProperty(document, "visibilityState", { configurable: true, get });
    document.dispatchEvent(new Event("visibilitychange")); }"""


def requests_of(page: Page, seconds: float) -> list[int]:
    """Return the statuses of the page's requests in that time."""
    seen: list[int] = []
    page.on("response", lambda response: seen.append(response.status))
    page.wait_for_timeout(seconds * 1000)
    return seen


def test_asking_again_costs_a_304_and_nothing_when_nobody_looks(stack: Stack, page: Page) -> None:
    wait_until_counted(stack)
    page.goto(f"{stack.base}/?hotel_id=2")
    expect(page.locator("#fresh-state")).to_have_text("Up to date")
    page.wait_for_timeout(1500)
    assert 304 in requests_of(page, 2.5)
    page.evaluate(SHOW_AS, "hidden")
    page.wait_for_timeout(1000)  # requests sent before may still be answered
    assert requests_of(page, 4) == []
    page.evaluate(SHOW_AS, "visible")
    assert 304 in requests_of(page, 2.5)


def test_a_server_that_is_away_is_told_and_the_last_figures_stay(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1")
    expect(page.locator("#fresh-state")).to_have_text("Up to date")
    net = figure(page, "net")
    page.route("**/*", lambda route: route.abort())
    expect(page.locator("#fresh-state")).to_contain_text("No connection since", timeout=NOW_SHOWN)
    assert figure(page, "net") == net
    page.get_by_role("link", name="2024").click()
    expect(page.locator("#trouble")).to_contain_text("this is still the one before")
    assert chosen(page)[0] == "2025"
    page.unroute("**/*")
    expect(page.locator("#fresh-state")).to_have_text("Up to date", timeout=NOW_SHOWN)
    page.get_by_role("button", name="Try again").click()
    expect(page).to_have_url(re.compile("year=2024"))
    expect(page.locator("#trouble")).to_be_hidden()


def test_a_choice_that_did_not_load_is_not_shown_as_chosen(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1")
    page.route("**/?hotel_id=2*", lambda route: route.abort())
    page.get_by_label("Hotel", exact=True).select_option("2")
    expect(page.locator("#trouble")).to_be_visible()
    expect(page.get_by_label("Hotel", exact=True)).to_have_value("1")
    assert "Hotel 1" in page.locator("#figures-title").inner_text()
    page.get_by_label("Hotel", exact=True).select_option("2")
    page.goto(f"{stack.base}/swagger/")
    page.go_back()
    expect(page.get_by_label("Hotel", exact=True)).to_have_value("1")


def test_a_back_that_failed_is_made_good(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2024")
    page.get_by_role("link", name="2025").click()
    expect(page.locator("#figures-title")).to_contain_text("2025")
    page.route("**/?*year=2024*", lambda route: route.abort())
    page.go_back()
    expect(page.locator("#trouble")).to_be_visible()
    page.unroute("**/?*year=2024*")
    expect(page.locator("#figures-title")).to_contain_text("2024", timeout=NOW_SHOWN)


def test_a_slow_server_and_a_hidden_tab_do_not_stop_the_renewal(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=2&basis=stay&year=2025")
    expect(page.locator("#fresh-state")).to_have_text("Up to date")
    gross = int(figure(page, "gross"))

    def slowly(route: Route) -> None:
        page.wait_for_timeout(1500)
        route.continue_()

    page.route("**/?hotel_id=2*", slowly)
    for state in ("hidden", "visible"):
        page.evaluate(SHOW_AS, state)
    post(stack, hotel=2, night="2025-05-10")
    shown = page.locator("#figure-gross data")
    expect(shown).to_have_attribute("value", str(gross + 1), timeout=NOW_SHOWN)


@pytest.mark.parametrize("status", [200, 403])
def test_what_is_not_our_page_is_not_shown_in_its_place(
    stack: Stack, page: Page, status: int
) -> None:
    page.goto(f"{stack.base}/?hotel_id=1")
    net = figure(page, "net")
    strange = "<!doctype html><title>Wi-Fi</title><form>log in here</form>"
    page.route("**/?hotel_id=*", lambda route: route.fulfill(status=status, body=strange))
    expect(page.locator("#fresh-state")).to_contain_text("No connection", timeout=NOW_SHOWN)
    page.get_by_role("link", name="2024").click()
    expect(page.locator("#trouble")).to_be_visible()
    assert "2024" not in page.url
    assert figure(page, "net") == net


def test_a_renewal_keeps_the_focus_and_reads_the_new_numbers(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=2&basis=stay&year=2025")
    for focus in ("#rows-table thead button >> nth=1", "#chart"):
        before = int(figure(page, "gross"))
        page.locator(focus).focus()
        if focus == "#chart":
            for _ in range(8):
                page.keyboard.press("ArrowLeft")  # to May
        post(stack, hotel=2, night="2025-05-11")
        shown = page.locator("#figure-gross data")
        expect(shown).to_have_attribute("value", str(before + 1), timeout=NOW_SHOWN)
        expect(page.locator(focus)).to_be_focused()
    may = page.locator("#rows-table tbody tr").nth(4).locator("td").nth(1).inner_text()
    read = page.get_by_role("slider", name="Chart").get_attribute("aria-valuetext")
    assert read
    assert f"May 2025: Gross {may}" in read


def test_a_script_that_cannot_draw_still_renews_the_page(stack: Stack, page: Page) -> None:
    page.route("**/chart.umd.min.js", lambda route: route.abort())
    page.goto(f"{stack.base}/?hotel_id=1")
    expect(page.locator("#fresh-state")).to_have_text("Up to date")
    assert page.locator("#rows-table thead button").count() > 3


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ({"events_behind": 1234, "seconds_behind": 60.5}, "Catching up: 1,234 events behind"),
        ({"events_behind": None, "seconds_behind": None}, "The event ledger does not answer"),
    ],
)
def test_a_feed_that_is_behind_is_told(
    stack: Stack, page: Page, status: dict[str, Any], said: str
) -> None:
    """The test supplies the status: in a healthy stack the feed is never behind for long."""
    page.route("**/dashboard/status*", lambda route: route.fulfill(json=status))
    page.goto(f"{stack.base}/?hotel_id=1")
    expect(page.locator("#fresh-state")).to_contain_text(said, timeout=NOW_SHOWN)


# --- states --------------------------------------------------------------------------------------


def test_loading_is_seen(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1")
    held: list[Route] = []
    page.route("**/?*year=2024*", lambda route: held.append(route))
    page.get_by_role("link", name="2024").click()
    expect(page.locator("#progress")).to_be_visible()
    expect(page.locator("main")).to_have_attribute("aria-busy", "true")
    assert chosen(page)[0] == "2025", "the figures before stay until the new ones are there"
    held[0].continue_()
    expect(page.locator("#progress")).to_be_hidden()
    assert chosen(page)[0] == "2024"


def test_a_hotel_without_data_leads_back_to_the_others(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=999999")
    expect(page.locator("main")).to_contain_text("Hotel 999999 has no data")
    page.get_by_label("Hotel", exact=True).select_option("1")
    expect(page.locator("#figure-net")).to_be_visible()
    expect(page.locator("#chart canvas")).to_be_visible()
    assert page.evaluate("!!Chart.getChart(document.querySelector('#chart canvas'))")


def test_without_script_every_number_is_there(stack: Stack, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{stack.base}/?hotel_id=1")
    page.get_by_role("link", name="2024").click()
    page.get_by_role("link", name="Night of stay").click()
    assert figure(page, "net") > 0
    page.get_by_label("Hotel", exact=True).select_option("2")
    page.get_by_role("button", name="Show").click()
    assert "hotel_id=2" in page.url
    assert "basis=stay" in page.url
    context.close()


def test_an_empty_system_says_what_to_type_and_fills_by_itself(page: Page) -> None:
    with running_stack(sample=False) as empty:
        page.goto(f"{empty.base}/")
        expect(page.locator("h1")).to_have_text("No events yet")
        look(page, "page-empty")
        assert serious(page) == []
        post(empty, hotel=5)
        expect(page.locator("#figure-net data")).to_have_attribute("value", "1", timeout=NOW_SHOWN)
        expect(page.locator("#chart canvas")).to_be_visible()


# --- accessibility -------------------------------------------------------------------------------


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {one['nodes'][0]['html']}"
        for one in found if one["impact"] in ("serious", "critical")
    ]  # fmt: skip


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_axe_finds_nothing_serious(stack: Stack, browser: Browser, scheme: Any, width: int) -> None:
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    found = []
    for view in VIEWS if scheme == "light" and width > 360 else VIEWS[:2]:
        page.goto(f"{stack.base}/{view}")
        page.wait_for_timeout(300)
        found += [f"{view} {one}" for one in serious(page)]
    page.close()
    assert found == []


def reaches_out(page: Page) -> bool:
    """Return whether the page can be scrolled sideways."""
    return bool(
        page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    )


@pytest.mark.parametrize(
    ("width", "direction"), [(360, "ltr"), (320, "ltr"), (360, "rtl"), (1280, "rtl")]
)
def test_nothing_reaches_out_of_the_window(
    stack: Stack, browser: Browser, width: int, direction: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 700})
    wide = []
    for view in VIEWS:
        page.goto(f"{stack.base}/{view}")
        page.evaluate("direction => { document.dir = direction }", direction)
        page.wait_for_timeout(200)
        wide += [view] if reaches_out(page) else []
    page.close()
    assert wide == []


def test_numbers_and_dates_are_the_browsers(stack: Stack, browser: Browser) -> None:
    page = browser.new_page(locale="de-DE")
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    value = int(figure(page, "gross"))
    assert page.locator("#figure-gross").inner_text() == f"{value:,}".replace(",", ".")
    assert page.locator("#rows-table tbody th").nth(2).inner_text() == "März 2025"
    page.close()


def test_paper_gets_all_rows_and_no_buttons(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&period=day")
    page.emulate_media(media="print")
    for hidden in ("#choose", "footer", "#zoom", "#freshness"):
        expect(page.locator(hidden)).to_be_hidden()
    assert page.locator("#table-scroll").evaluate("box => box.scrollHeight <= box.clientHeight + 1")


def test_it_weighs_little(stack: Stack, page: Page) -> None:
    """All that the page loads is less than 300 KB, compressed."""
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&period=day")
    addresses = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert all(address.startswith(stack.base) for address in addresses), "nothing from elsewhere"
    files = [one for one in {page.url, *addresses} if "/static/" in one or one == page.url]
    assert len(files) >= 4
    weights = [len(gzip.compress(requests.get(one, timeout=10).content)) for one in files]
    assert sum(weights) < 300 * 1024, list(itertools.zip_longest(files, weights))


def test_every_link_leads_somewhere(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025")
    hrefs = {link.get_attribute("href") for link in page.locator("a[href]").all()}
    assert {"/swagger", "/redoc", "/admin/"} <= hrefs
    for href in hrefs:
        assert href
        if not href.startswith("#"):
            address = href if href.startswith("/") else f"/{href}"
            assert page.request.get(f"{stack.base}{address}").status == 200, href
