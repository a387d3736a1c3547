"""The one-minute morning: what came in, which nights need a person, and what is done about them."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.browser.page_checks import (
    CONTRAST,
    THOROUGH,
    is_wider_than_window,
    serious_violations,
)
from tests.acceptance.browser.pricing_page import prices_by_night, save_rules
from tests.acceptance.conftest import Stack, look, wait_until_counted

HOTEL = 41  # of these tests alone: its nights are those from today on
RULES: dict[str, Any] = {
    "mode": "suggest", "currency": "EUR", "base_price": "100", "minimum_price": "10",
    "maximum_price": "400", "price_step": "1", "smallest_change_percent": 1,
}  # fmt: skip
RENEWED_MS = 20_000
booked_today: list[int] = []  # room-nights, each at 100 euros
NAME = "مطعم 🏨 Zum weißen Rössl am Vierwaldstättersee, mit einem sehr langen Namen, in der Schweiz"


def night(ahead: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=ahead)).isoformat()


def book(
    stack: Stack, ahead: int, rooms: int, hours_ago: float = 3, *, together: bool = False
) -> None:
    """Post bookings of rooms for a night, at 100 euros."""
    begin = datetime.now(UTC) - timedelta(hours=hours_ago)
    events = [
        {
            "hotel_id": HOTEL, "status": 1, "night_of_stay": night(ahead), "rate": "100.00",
            "event_timestamp": (begin + timedelta(minutes=0 if together else n)).isoformat(),
            "room_reservation_id": str(uuid.uuid4()), "currency": "EUR",
        }
        for n in range(rooms)
    ]  # fmt: skip
    answer = requests.post(f"{stack.base}/events/", json=events, timeout=30)
    answer.raise_for_status()
    if hours_ago < 24:
        booked_today.append(rooms)
    wait_until_counted(stack)


def decide(stack: Stack, nights: list[str], action: str, **more: str) -> None:
    body = {"hotel_id": HOTEL, "nights": nights, "action": action, **more}
    answer = requests.post(f"{stack.base}/prices/decisions/", json=body, timeout=30)
    assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def hotel(stack: Stack) -> Iterator[Stack]:
    """The stack with a hotel that sells from today on, and sold yesterday and the week before."""
    wait_until_counted(stack)
    profile = {"name": NAME[:100], "rooms": 20, "currency": "EUR", "country": "CH"}
    address = f"{stack.base}/dashboard/hotels/{HOTEL}/"
    requests.patch(address, json=profile, timeout=30).raise_for_status()
    book(stack, 9, 4, hours_ago=200)
    book(stack, 9, 2)
    book(stack, 30, 6, together=True)
    save_rules(stack, HOTEL, **RULES)
    yield stack


@pytest.fixture
def waiting(hotel: Stack) -> Stack:
    """The hotel, with all nights at 77 and released, so that suggestions wait."""
    nights = [row for row in prices_by_night(hotel, HOTEL) if night(1) <= row <= night(95)]
    decide(hotel, nights, "override", price="77")
    decide(hotel, nights, "release")
    return hotel


def open_morning(stack: Stack, page: Page) -> list[str]:
    """Open the page; return the nights that need a person, in their order."""
    page.goto(f"{stack.base}/morning/?hotel_id={HOTEL}")
    expect(page.locator("ol.needs > li").first).to_be_visible()
    return shown_nights(page)


def shown_nights(page: Page) -> list[str]:
    nights = page.locator("ol.needs > li").evaluate_all(
        "rows => rows.map(row => row.dataset.night)"
    )
    return [str(shown) for shown in nights]


def test_the_one_minute_morning_by_keyboard_alone(waiting: Stack, page: Page) -> None:
    first, second, *_ = open_morning(waiting, page)
    expect(page.locator("#came-booked")).to_have_text(str(sum(booked_today)))
    revenue = page.locator("#came-revenue data")
    expect(revenue).to_have_attribute("value", f"{100 * sum(booked_today)}.00")
    expect(page.locator("#unusual")).to_contain_text("A group of 6 rooms was booked")
    page.locator(f"#accept-{first}").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("Accepted")
    now = prices_by_night(waiting, HOTEL)
    assert now[first]["price"] == now[first]["recommended"]
    expect(page.locator(f"li[data-night='{first}']")).to_have_count(0)
    assert page.evaluate("document.activeElement.dataset.night") == second
    page.keyboard.press("Tab")  # the summary of the reason
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == f"accept-{second}"
    page.keyboard.press("Tab")
    page.keyboard.type("123,00")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("Set and held")
    row = prices_by_night(waiting, HOTEL)[second]
    assert (row["price"], row["state"]) == ("123.00", "held")
    third = next(shown for shown in shown_nights(page) if shown != second)
    page.locator(f"li[data-night='{third}'] .look").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#night-title")).to_be_focused()
    assert f"night={third}" in page.url


def test_a_wrong_price_says_why_and_keeps_what_was_typed(waiting: Stack, page: Page) -> None:
    first = open_morning(waiting, page)[0]
    price = page.locator(f"#price-{first}")
    price.fill("4000")
    price.press("Enter")
    wrong = page.locator(f"li[data-night='{first}'] .wrong")
    expect(wrong).to_contain_text("Nothing was changed: must lie between 10.00 and 400.00 EUR")
    expect(price).to_be_focused()
    expect(price).to_have_value("4000")
    price.fill("1.2.3")
    price.press("Enter")
    expect(wrong).to_contain_text("is not a number")
    assert prices_by_night(waiting, HOTEL)[first]["price"] == "77.00"


def test_a_recommendation_that_changed_is_not_accepted(waiting: Stack, page: Page) -> None:
    first = open_morning(waiting, page)[0]
    page.locator(f"#price-{first}").fill("1")  # an edited part is not renewed
    before = prices_by_night(waiting, HOTEL)[first]
    save_rules(waiting, HOTEL, base_price="160")
    try:
        after = prices_by_night(waiting, HOTEL)[first]
        assert after["recommended"] != before["recommended"]
        page.locator(f"#accept-{first}").click()
        text = f"the recommended price is now {after['recommended']}"
        expect(page.get_by_text(text)).to_be_visible()
        assert prices_by_night(waiting, HOTEL)[first]["price"] == "77.00"
    finally:
        save_rules(waiting, HOTEL, base_price="100")


def test_it_renews_itself(waiting: Stack, page: Page) -> None:
    open_morning(waiting, page)
    booked = int(page.locator("#came-booked data").get_attribute("value") or 0)
    book(waiting, 50, 1, hours_ago=0.1)
    shown = page.locator("#came-booked data")
    expect(shown).to_have_attribute("value", str(booked + 1), timeout=RENEWED_MS)
    expect(page.locator(f"#strip a[data-night='{night(50)}'] .told")).to_contain_text("5 % booked")


def test_without_script_a_night_is_accepted_and_a_wrong_price_explained(
    waiting: Stack, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{waiting.base}/morning/?hotel_id={HOTEL}")
    first = str(page.locator("ol.needs > li").first.get_attribute("data-night"))
    page.locator(f"#price-{first}").fill("4000")
    page.locator(f"#price-{first}").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("must lie between 10.00 and 400.00 EUR")
    page.locator(f"#accept-{first}").click()
    expect(page.locator("#messages")).to_contain_text("Accepted")
    row = prices_by_night(waiting, HOTEL)[first]
    assert row["price"] == row["recommended"]
    context.close()


def test_the_strip_is_walked_by_arrows_and_opens_a_night(waiting: Stack, page: Page) -> None:
    open_morning(waiting, page)
    nights = page.locator("#strip a.night")
    expect(nights).to_have_count(90)
    page.locator("#strip a.night[tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(nights.nth(9)).to_be_focused()
    expect(page.locator("#tip")).to_contain_text("30 % booked")
    page.keyboard.press("Enter")
    expect(page.locator("#night-title")).to_be_focused()
    assert f"night={night(9)}" in page.url


def test_the_home_page_leads_here_and_the_choice_of_time_is_in_the_address(
    waiting: Stack, page: Page
) -> None:
    page.goto(f"{waiting.base}/")
    expect(page).to_have_url(re.compile(r"/morning\?hotel_id=\d+$"))
    page.get_by_label("Hotel", exact=True).select_option(str(HOTEL))
    expect(page).to_have_url(re.compile(rf"/morning\?hotel_id={HOTEL}$"))
    page.get_by_role("link", name="Yesterday, same hour").click()
    expect(page).to_have_url(re.compile("since=yesterday"))
    page.get_by_role("link", name="Room-nights", exact=True).click()
    expect(page.locator("#figures-title")).to_contain_text("Zum weißen Rössl")


SCREENS: list[tuple[Literal["light", "dark"], int, str]] = [
    ("light", 1280, "ltr"),
    ("dark", 1280, "ltr"),
    ("light", 390, "ltr"),
    ("light", 320, "ltr"),
    ("light", 390, "rtl"),
]


@pytest.mark.parametrize(
    "view",
    [
        f"?hotel_id={HOTEL}",
        "?hotel_id=999999",
        pytest.param("?hotel_id=2", marks=THOROUGH),
        pytest.param("?x=1", marks=THOROUGH),
    ],
)
def test_it_is_accessible_and_fits_the_window(waiting: Stack, page: Page, view: str) -> None:
    page.goto(f"{waiting.base}/morning/{view}")
    unfold = "folded => folded.forEach(details => { details.open = true })"
    page.locator("#main details").evaluate_all(unfold)
    wrong: list[str] = []
    for scheme, width, direction in SCREENS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("direction => { document.dir = direction }", direction)
        page.wait_for_timeout(200)
        look(page, f"morning-{scheme}-{width}-{direction}-{len(view)}")
        only = [CONTRAST] if scheme == "dark" else []
        found = serious_violations(page, *only, besides=CONTRAST if width < 1280 else "")
        wrong += [f"{scheme} {width}: {violation}" for violation in found]
        wrong += [f"too wide: {width} {direction}"] if is_wider_than_window(page) else []
    assert wrong == []
