"""The dashboard page for everyone: loading, without data or script, accessible, small, in print."""

import gzip
import itertools
import re
from collections.abc import Iterator
from typing import Literal

import pytest
import requests
from playwright.sync_api import Browser, Page, Route, expect

from tests.acceptance.browser.dashboard_page import (
    RENEWED_MS,
    chosen_options,
    post_event,
    shown_figure,
)
from tests.acceptance.browser.page_checks import (
    CONTRAST,
    THOROUGH,
    is_wider_than_window,
    serious_violations,
)
from tests.acceptance.conftest import Stack, look, running_stack

VIEWS = [
    "?hotel_id=1",
    "?hotel_id=1&year=2025&period=day&basis=stay",
    "?hotel_id=1&year=2025&basis=stay&show=revenue",
    "?hotel_id=999999",
]
FURTHER = [
    "?hotel_id=1&year=2024&period=day&month=2",
    "?hotel_id=2&period=year&show=adr",
    "?hotel_id=abc",
]


def test_loading_is_visible(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1")
    held: list[Route] = []
    page.route("**/?*year=2024*", lambda route: held.append(route))
    page.get_by_role("link", name="2024").click()
    expect(page.locator("#progress")).to_be_visible()
    expect(page.locator("main")).to_have_attribute("aria-busy", "true")
    assert chosen_options(page)[0] == "2025", "the figures before stay until the new ones are there"
    held[0].continue_()
    expect(page.locator("#progress")).to_be_hidden()
    assert chosen_options(page)[0] == "2024"


def test_a_hotel_without_data_leads_back_to_the_others(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=999999")
    expect(page.locator("main")).to_contain_text("Hotel 999999 has no data")
    page.get_by_label("Hotel", exact=True).select_option("1")
    expect(page.locator("#figure-net")).to_be_visible()
    expect(page.locator("#chart canvas")).to_be_visible()
    assert page.evaluate("!!Chart.getChart(document.querySelector('#chart canvas'))")


def test_without_script_all_numbers_are_there(stack: Stack, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{stack.base}/?hotel_id=1")
    page.get_by_role("link", name="2024").click()
    page.get_by_role("link", name="Night of stay").click()
    assert shown_figure(page, "net") > 0
    page.get_by_label("Hotel", exact=True).select_option("2")
    page.get_by_role("button", name="Show").click()
    assert "hotel_id=2" in page.url
    assert "basis=stay" in page.url
    context.close()


def test_an_empty_system_explains_how_to_load_events_and_updates_itself(page: Page) -> None:
    with running_stack(sample=False) as empty:
        page.goto(f"{empty.base}/")
        expect(page.locator("h1")).to_have_text("No events yet")
        look(page, "page-empty")
        assert serious_violations(page) == []
        post_event(empty, hotel=5)
        expect(page.locator("#morning")).to_be_visible(timeout=RENEWED_MS)
        page.get_by_role("link", name="Room-nights", exact=True).click()
        expect(page.locator("#figure-net data")).to_have_attribute("value", "1")
        expect(page.locator("#chart canvas")).to_be_visible()


SCREENS: list[tuple[Literal["light", "dark"], int]] = [
    ("light", 1280),
    ("dark", 1280),
    ("light", 360),
]
WINDOWS = [(360, "ltr"), (320, "ltr"), (360, "rtl"), (1280, "rtl")]  # width in pixels, direction


@pytest.mark.parametrize("view", [*VIEWS, *(pytest.param(v, marks=THOROUGH) for v in FURTHER)])
def test_a_view_is_accessible_and_fits_the_window(stack: Stack, page: Page, view: str) -> None:
    page.goto(f"{stack.base}/{view}")
    wrong: list[str] = []
    for scheme, width in SCREENS if view in VIEWS[:2] or "revenue" in view else SCREENS[:1]:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(300)  # the chart is drawn anew
        # Dark changes only colours, and a narrow window all but these.
        only = [CONTRAST] if scheme == "dark" else []
        found = serious_violations(page, *only, besides=CONTRAST if width < 1280 else "")
        wrong += [f"{scheme} {width}: {violation}" for violation in found]
    for width, direction in WINDOWS:
        page.set_viewport_size({"width": width, "height": 700})
        page.evaluate("direction => { document.dir = direction }", direction)
        page.wait_for_timeout(200)
        wrong += [f"too wide: {width} {direction}"] if is_wider_than_window(page) else []
    assert wrong == []


def test_numbers_and_dates_are_in_the_browsers_language(stack: Stack, browser: Browser) -> None:
    page = browser.new_page(locale="de-DE")
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    value = int(shown_figure(page, "gross"))
    assert page.locator("#figure-gross").inner_text() == f"{value:,}".replace(",", ".")
    assert page.locator("#rows-table tbody th").nth(2).inner_text() == "März 2025"
    page.close()


def test_print_has_all_rows_and_no_controls(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&period=day")
    page.emulate_media(media="print")
    for hidden in ("#choose", "footer", "#zoom", "#freshness"):
        expect(page.locator(hidden)).to_be_hidden()
    assert page.locator("#table-scroll").evaluate("box => box.scrollHeight <= box.clientHeight + 1")


def test_the_page_is_small(stack: Stack, page: Page) -> None:
    """All that the page loads is less than 300 KB, compressed."""
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&period=day")
    addresses = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert all(address.startswith(stack.base) for address in addresses), "nothing from elsewhere"
    files = [page.url, *(address for address in addresses if "/static/" in address)]
    assert len(files) >= 4
    weights = [len(gzip.compress(requests.get(file, timeout=10).content)) for file in files]
    assert sum(weights) < 300 * 1024, list(itertools.zip_longest(files, weights))


def test_every_link_works(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025")
    hrefs = {link.get_attribute("href") for link in page.locator("a[href]").all()}
    assert {"/help", "/swagger", "/redoc", "/admin/"} <= hrefs
    for href in hrefs:
        assert href
        if not href.startswith("#"):
            address = href if href.startswith("/") else f"/{href}"
            assert page.request.get(f"{stack.base}{address}").status == 200, href


def test_on_a_phone_the_figures_are_near_and_wide_tables_say_so(stack: Stack, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    rows = page.locator("#choose .field").evaluate_all(
        "fields => new Set(fields.map(f => Math.round(f.getBoundingClientRect().bottom))).size"
    )
    assert rows <= 3, "hotel and year, period and basis, measure"
    box, hint = page.locator("#table-scroll"), page.locator("#table .more-columns")
    expect(hint).to_be_visible()
    expect(box).to_have_class(re.compile("more-after"))
    box.evaluate("box => box.scrollTo(box.scrollWidth, 0)")
    expect(box).not_to_have_class(re.compile("more-after"))
    month = page.locator("#rows-table tbody th").first
    assert month.evaluate("head => head.getBoundingClientRect().left") >= 0, "the month stays"
    page.set_viewport_size({"width": 1280, "height": 844})
    expect(hint).to_be_hidden()


def test_every_figure_has_its_help(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    cards = page.locator("#figures .card")
    assert cards.count() >= 6
    for card in cards.all():
        expect(card.locator(".help summary")).to_have_count(1)
    last = page.locator("#figures .card").last
    last.locator(".help summary").focus()
    page.keyboard.press("Enter")
    expect(last.locator(".help-text")).to_contain_text("Example:")
    assert not is_wider_than_window(page)
    assert serious_violations(page) == []
    last.get_by_role("link", name="All figures explained").click()
    expect(page.locator("h1")).to_have_text("What the figures mean")
    expect(page.locator("dt", has_text="Cancellation rate")).to_be_in_viewport()
    assert serious_violations(page) == []


@pytest.fixture
def closed_night(stack: Stack) -> Iterator[str]:
    """A night of hotel 1 on which it is closed, while its rooms are known."""
    night = "2025-02-03"
    profile = f"{stack.base}/dashboard/hotels/1/"
    before = requests.get(profile, timeout=20).json()["rooms"]
    body = {"rooms": 10, "rooms_by_date": [{"first": night, "last": night, "rooms": 0}]}
    requests.patch(profile, json=body, timeout=20).raise_for_status()
    yield night
    body = {"rooms": before, "rooms_by_date": []}
    requests.patch(profile, json=body, timeout=20).raise_for_status()


def test_a_square_of_the_calendar_says_its_band_and_a_closed_night(
    stack: Stack, page: Page, closed_night: str
) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    square = page.locator(f"td[data-day='{closed_night}']")
    expect(square).to_have_text("×")
    square.scroll_into_view_if_needed()
    page.wait_for_timeout(200)  # scrolling hides the tooltip
    square.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("closed")
    open_day = page.locator("td[data-day='2025-07-05']")
    share = float(open_day.get_attribute("data-occupancy") or 0)
    expect(open_day).to_have_text(str(int(share * 100 + 1e-9)))
    expect(page.locator("#heat .legend")).to_contain_text("80% to below 95%")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert serious_violations(page, CONTRAST) == []
