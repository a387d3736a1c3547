"""Inbox and alerts in a browser: chosen by keyboard, told by the running system, on all screens."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.browser.page_checks import (
    is_wider_than_window,
    no_page_errors,
    serious_violations,
)
from tests.acceptance.conftest import Stack, look, wait_until_counted

HOTEL, ROOMS, PASSWORD = 4718, 20, "a-long-enough-password"
NAME = "فندق 🏨 Zum weißen Rössl am Vierwaldstättersee, mit einem sehr langen Namen, in der Schweiz"
SCREENS: list[tuple[Literal["light", "dark"], int]] = [
    ("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390),
]  # fmt: skip
TOLD_MS = 100_000  # alerts are looked for every 30 s, in a queue with others
RESET = f"""
from django.contrib.auth import get_user_model
users = get_user_model().objects
users.filter(username="anna").delete()
users.create_superuser("anna", "anna@hotel.example", {PASSWORD!r})
"""


@pytest.fixture
def hotel(stack: Stack) -> Stack:
    """The stack with a hotel, and a user who has no messages and no rules."""
    wait_until_counted(stack)
    made = stack.manage("shell", "-v0", "-c", RESET)
    assert made.returncode == 0, made.stderr
    profile = f"{stack.base}/dashboard/hotels/{HOTEL}/"
    requests.patch(profile, json={"name": NAME, "rooms": ROOMS}, timeout=30).raise_for_status()
    book(stack, 200, 1)
    return stack


def book(stack: Stack, ahead: int, rooms: int) -> None:
    night = datetime.now(UTC).date() + timedelta(days=ahead)
    events = [
        {
            "hotel_id": HOTEL, "status": 1, "night_of_stay": night.isoformat(),
            "event_timestamp": datetime.now(UTC).isoformat(),
            "room_reservation_id": str(uuid.uuid4()),
        }
        for _ in range(rooms)
    ]  # fmt: skip
    requests.post(f"{stack.base}/events/", json=events, timeout=30).raise_for_status()
    wait_until_counted(stack)


def log_in(stack: Stack, page: Page, path: str) -> None:
    page.goto(f"{stack.base}/login/?next={path}")
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(f"{stack.base}/login/?next={path}")


def tell(stack: Stack, count: int) -> None:
    """Put messages into the inbox."""
    made = stack.manage(
        "shell", "-v0", "-c",
        f"""
from datetime import date
from django.contrib.auth import get_user_model
from overview.messages.new_messages import Draft, record
user = get_user_model().objects.get(username="anna")
for number in range({count}):
    record(Draft(user_id=user.pk, hotel_id={HOTEL}, kind="occupancy",
        occasions={{f"occupancy/{{number}}": date.today()}},
        title={NAME!r} + f": message {{number}}",
        text="- Sat 1 Aug 2026: 12,345,678 of 20 rooms", link="/morning?hotel_id={HOTEL}"))
""",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr


def test_an_alert_is_chosen_by_keyboard_and_comes_by_itself(hotel: Stack, page: Page) -> None:
    log_in(hotel, page, f"/alerts/?hotel_id={HOTEL}")
    expect(page.locator("#no-mail-server")).to_be_visible()
    rule = page.get_by_role("group", name="Pickup of a night")
    rule.get_by_label("Tell me").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("The alerts are saved.")
    expect(rule.get_by_label("Tell me")).to_be_checked()
    book(hotel, 30, 3)
    page.goto(f"{hotel.base}/?hotel_id={HOTEL}")  # renews itself
    expect(page.get_by_role("link", name="Messages 1 unread")).to_be_visible(timeout=TOLD_MS)
    page.get_by_role("link", name="Messages 1 unread").click()
    message = page.locator(".messages > li")
    expect(message).to_contain_text("+3 room-nights")
    look(page, "inbox")
    message.get_by_role("button", name="Mark as read").click()
    expect(page.get_by_role("link", name="Messages", exact=True)).to_be_visible()
    page.locator(".messages").get_by_role("link", name="Open").click()
    expect(page).to_have_url(
        f"{hotel.base}/pricing?hotel_id={HOTEL}&night="
        f"{datetime.now(UTC).date() + timedelta(days=30)}"
    )


def test_a_wrong_number_is_said_at_its_field(hotel: Stack, page: Page) -> None:
    log_in(hotel, page, f"/alerts/?hotel_id={HOTEL}")
    rule = page.get_by_role("group", name="Occupancy reached")
    rule.get_by_role("textbox").fill("ninety")
    page.get_by_role("button", name="Save the alerts").click()
    expect(rule.get_by_role("alert")).to_contain_text("ninety")
    expect(rule.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
    assert serious_violations(page) == []


def test_the_pages_work_without_script(hotel: Stack, browser: Browser) -> None:
    tell(hotel, 3)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(hotel, page, f"/inbox/?hotel_id={HOTEL}")
    page.locator(".messages > li").first.get_by_role("button").click()
    expect(page.get_by_role("link", name="Messages 2 unread")).to_be_visible()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator(".messages .new")).to_have_count(0)
    page.goto(f"{hotel.base}/alerts/?hotel_id={HOTEL}")
    page.get_by_label("Send me the morning").check()
    page.get_by_role("button", name="Save the morning mail").click()
    expect(page.get_by_label("Send me the morning")).to_be_checked()
    context.close()


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
def test_the_pages_fit_and_are_accessible(
    hotel: Stack, browser: Browser, scheme: Literal["light", "dark"], width: int
) -> None:
    tell(hotel, 2)
    context = browser.new_context(viewport={"width": width, "height": 850}, color_scheme=scheme)
    page = context.new_page()
    with no_page_errors(page):
        log_in(hotel, page, f"/inbox/?hotel_id={HOTEL}")
        wrong = []
        for path in ("inbox", "alerts"):
            page.goto(f"{hotel.base}/{path}/?hotel_id={HOTEL}")
            wrong += serious_violations(page)
            wrong += [f"{path} is too wide"] if is_wider_than_window(page) else []
            look(page, f"{path}-{scheme}-{width}")
    assert wrong == []
    context.close()


def test_alerts_and_inbox_are_accessible_and_fit_in_each_language(hotel: Stack, page: Page) -> None:
    log_in(hotel, page, "/inbox/")
    tell(hotel, 1)
    wrong = []
    for language in ("de", "fr", "it", "es"):
        page.context.add_cookies([{"name": "language", "value": language, "url": hotel.base}])
        for name, path in (("alerts", f"/alerts/?hotel_id={HOTEL}"), ("inbox", "/inbox/")):
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(f"{hotel.base}{path}")
            assert page.locator("html").get_attribute("lang") == language
            wrong += [f"{name} {language}: {found}" for found in serious_violations(page)]
            look(page, f"{name}-{language}-1280")
            page.set_viewport_size({"width": 390, "height": 900})
            look(page, f"{name}-{language}-390")
            wrong += [f"{name} {language}: too wide"] if is_wider_than_window(page) else []
    assert wrong == []
