"""The dashboard page renews itself, and says when it cannot."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.acceptance.browser.dashboard_page import (
    RENEWED_MS,
    chosen_options,
    post_event,
    read_out,
    shown_figure,
)
from tests.acceptance.conftest import Stack, wait_until_counted

QUIET, QUESTIONS = 4, 20  # requests of a page one after the other, and within how many
SET_VISIBILITY = """state => {
    const get = () => state;
    Object.defineProperty(document, "visibilityState", { configurable: true, get });
    document.dispatchEvent(new Event("visibilitychange")); }"""


def test_new_events_appear_and_focus_scroll_and_order_stay(stack: Stack, page: Page) -> None:
    wait_until_counted(stack)
    page.goto(f"{stack.base}/?hotel_id=2&basis=stay&year=2025")
    expect(page.locator("#fresh-state")).to_have_text("All events counted")
    gross = int(shown_figure(page, "gross"))
    page.locator("#rows-table thead button").nth(1).click()
    page.locator("#rows-table").get_by_role("link", name="May 2025").focus()
    page.locator("#pickup-scroll").evaluate("box => box.scrollTo(0, 90)")
    page.evaluate("window.scrollTo(0, 700); window.stays = document.querySelector('#chart canvas')")
    at = page.evaluate("scrollY")
    post_event(stack, hotel=2, night="2025-05-09")
    expect(page.locator("#figure-gross data")).to_have_attribute(
        "value", str(gross + 1), timeout=RENEWED_MS
    )
    assert page.evaluate("scrollY") == at
    assert page.locator("#pickup-scroll").evaluate("box => box.scrollTop") == 90
    assert page.evaluate("stays === document.querySelector('#chart canvas')"), "the chart stays"
    expect(page.locator("#rows-table").get_by_role("link", name="May 2025")).to_be_focused()
    expect(page.locator("#rows-table [aria-sort=descending]")).to_have_count(1)
    assert (
        page.evaluate("Chart.getChart(stays).data.datasets[0].data.reduce((a, b) => a + b)")
        == gross + 1
    )
    expect(page.locator("#fresh-time")).to_contain_text("figures changed")


def test_polling_gets_a_304_and_stops_while_the_tab_is_hidden(stack: Stack, page: Page) -> None:
    wait_until_counted(stack)
    page.goto(f"{stack.base}/?hotel_id=2")
    with page.expect_response(lambda response: response.status == 304):
        pass
    page.evaluate(SET_VISIBILITY, "hidden")
    page.wait_for_timeout(1000)  # a request under way may still be answered
    statuses: list[int] = []
    page.on("response", lambda response: statuses.append(response.status))
    page.wait_for_timeout(2500)
    assert statuses == [], "the page polls every second while it is visible"
    with page.expect_response(lambda response: response.status == 304):
        page.evaluate(SET_VISIBILITY, "visible")


def test_a_page_is_made_again_only_when_it_changed(stack: Stack, page: Page) -> None:
    wait_until_counted(stack)
    page.goto(f"{stack.base}/?hotel_id=2&basis=stay&year=2025")
    gross = int(shown_figure(page, "gross"))
    answers: list[bool] = []  # of all requests: whether it needed nothing but the version
    page.on("response", lambda one: answers.append("x-renewal-unchanged" in one.headers))
    for _ in range(QUESTIONS):  # at first, a server process may not know the hotel's version
        with page.expect_response(lambda response: "hotel_id=2" in response.url):
            pass
        if answers[-QUIET:] == [True] * QUIET:
            break
    assert answers[-QUIET:] == [True] * QUIET, answers
    post_event(stack, hotel=2, night="2025-05-14")
    shown = page.locator("#figure-gross data")
    expect(shown).to_have_attribute("value", str(gross + 1), timeout=RENEWED_MS)


def test_a_lost_connection_is_reported_and_the_last_figures_stay(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1")
    expect(page.locator("#fresh-state")).to_have_text("All events counted")
    net = shown_figure(page, "net")
    page.route("**/*", lambda route: route.abort())
    expect(page.locator("#fresh-state")).to_contain_text("No connection since", timeout=RENEWED_MS)
    assert shown_figure(page, "net") == net
    page.get_by_role("link", name="2024").click()
    expect(page.locator("#trouble")).to_contain_text("this is still the one before")
    assert chosen_options(page)[0] == "2025"
    page.unroute("**/*")
    expect(page.locator("#fresh-state")).to_have_text("All events counted", timeout=RENEWED_MS)
    page.get_by_role("button", name="Try again").click()
    expect(page).to_have_url(re.compile("year=2024"))
    expect(page.locator("#trouble")).to_be_hidden()


def test_a_server_that_answers_with_an_error_is_no_lost_connection(
    stack: Stack, page: Page
) -> None:
    page.goto(f"{stack.base}/?hotel_id=1")
    page.route("**/?hotel_id=1", lambda route: route.fulfill(status=503, body="busy"))
    state = page.locator("#fresh-state")
    expect(state).to_contain_text("The server answers with an error since", timeout=RENEWED_MS)
    page.unroute("**/?hotel_id=1")
    expect(state).to_have_text("All events counted", timeout=RENEWED_MS)


def test_a_fault_of_the_script_is_no_lost_connection(stack: Stack, browser: Browser) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{stack.base}/?hotel_id=2&basis=stay&year=2025")
    net = shown_figure(page, "net")
    page.evaluate("() => { document.importNode = () => { throw new Error('broken'); }; }")
    post_event(stack, hotel=2, night="2025-05-13")
    state = page.locator("#fresh-state")
    expect(state).to_contain_text("This page cannot show the newest figures", timeout=RENEWED_MS)
    expect(state).not_to_contain_text("connection")
    assert errors, "it is reported where a developer looks"
    assert "broken" in errors[0]
    page.get_by_role("link", name="2024").click()
    expect(page.locator("#figures-title")).to_contain_text("2024")  # the browser loads it whole
    page.goto(f"{stack.base}/?hotel_id=2&basis=stay&year=2025")
    assert shown_figure(page, "net") == net + 1
    page.close()


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


def test_a_failed_back_navigation_is_loaded_later(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2024")
    page.get_by_role("link", name="2025").click()
    expect(page.locator("#figures-title")).to_contain_text("2025")
    page.route("**/?*year=2024*", lambda route: route.abort())
    page.go_back()
    expect(page.locator("#trouble")).to_be_visible()
    page.unroute("**/?*year=2024*")
    expect(page.locator("#figures-title")).to_contain_text("2024", timeout=RENEWED_MS)


def test_a_slow_server_and_a_hidden_tab_do_not_stop_the_renewal(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=2&basis=stay&year=2025")
    expect(page.locator("#fresh-state")).to_have_text("All events counted")
    gross = int(shown_figure(page, "gross"))

    def slowly(route: Route) -> None:
        page.wait_for_timeout(1500)
        route.continue_()

    page.route("**/?hotel_id=2*", slowly)
    for state in ("hidden", "visible"):
        page.evaluate(SET_VISIBILITY, state)
    post_event(stack, hotel=2, night="2025-05-10")
    shown = page.locator("#figure-gross data")
    expect(shown).to_have_attribute("value", str(gross + 1), timeout=RENEWED_MS)


@pytest.mark.parametrize("status", [200, 403])
def test_a_page_of_a_proxy_is_not_shown_as_ours(stack: Stack, page: Page, status: int) -> None:
    page.goto(f"{stack.base}/?hotel_id=1")
    net = shown_figure(page, "net")
    strange = "<!doctype html><title>Wi-Fi</title><form>log in here</form>"
    page.route("**/?hotel_id=*", lambda route: route.fulfill(status=status, body=strange))
    expect(page.locator("#fresh-state")).to_contain_text("No connection", timeout=RENEWED_MS)
    page.get_by_role("link", name="2024").click()
    expect(page.locator("#trouble")).to_be_visible()
    assert "2024" not in page.url
    assert shown_figure(page, "net") == net


def test_a_renewal_keeps_the_focus_and_reads_the_new_numbers(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=2&basis=stay&year=2025")
    for focus in ("#rows-table thead button >> nth=1", "#chart"):
        before = int(shown_figure(page, "gross"))
        page.locator(focus).focus()
        if focus == "#chart":
            for _ in range(8):
                page.keyboard.press("ArrowLeft")  # to May
        post_event(stack, hotel=2, night="2025-05-11")
        shown = page.locator("#figure-gross data")
        expect(shown).to_have_attribute("value", str(before + 1), timeout=RENEWED_MS)
        expect(page.locator(focus)).to_be_focused()
    may = page.locator("#rows-table tbody tr").nth(4).locator("td").nth(1).inner_text()
    assert f"May 2025: Gross {may}" in read_out(page)


def test_the_page_renews_itself_without_chart_library(stack: Stack, page: Page) -> None:
    page.route("**/chart.umd.min.js", lambda route: route.abort())
    page.goto(f"{stack.base}/?hotel_id=1")
    expect(page.locator("#fresh-state")).to_have_text("All events counted")
    assert page.locator("#rows-table thead button").count() > 3


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ({"events_behind": 1234, "seconds_behind": 60.5}, "Catching up: 1,234 events behind"),
        (
            {"events_behind": 52_300, "seconds_behind": 60.5, "events_behind_is_estimate": True},
            "Catching up: about 52,300 events behind",
        ),
        ({"events_behind": None, "seconds_behind": None}, "The event ledger does not answer"),
        (
            {"events_behind": None, "seconds_behind": None, "unknown_because": "the clock <b>"},
            "Figures may be behind (the clock <b>)",
        ),
    ],
)
def test_a_feed_that_lags_behind_is_reported(
    stack: Stack, page: Page, status: dict[str, Any], message: str
) -> None:
    """The test replaces the status: in a healthy system the feed lags for a moment only."""
    page.route("**/dashboard/status*", lambda route: route.fulfill(json=status))
    page.goto(f"{stack.base}/?hotel_id=1")
    expect(page.locator("#fresh-state")).to_contain_text(message, timeout=RENEWED_MS)


def test_up_to_date_is_said_of_no_hotel_whose_events_have_stopped(stack: Stack, page: Page) -> None:
    hotel, now = 71, datetime.now(UTC)
    for back in range(3):
        post_event(stack, hotel, day=f"{now.date() - timedelta(days=back + 1)}", night="2031-01-01")
    wait_until_counted(stack)
    page.goto(f"{stack.base}/?hotel_id={hotel}")
    expect(page.locator("#freshness")).to_have_attribute("data-state", "live")
    expect(page.locator("#fresh-state")).to_have_text("Up to date")
    expect(page.locator("#stale")).to_have_count(0)
    page.route("**/dashboard/status/", lambda route: route.abort())  # only the last status is shown
    page.get_by_label("Hotel", exact=True).select_option("1")
    expect(page.locator("#stale")).to_contain_text("The newest event is of")
    expect(page.locator("#freshness")).to_have_attribute("data-state", "behind")
    expect(page.locator("#freshness")).to_contain_text("Stale · no event since")
    expect(page.locator("#fresh-state")).to_have_text("All events counted")
