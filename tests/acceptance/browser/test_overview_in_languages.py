"""The overview's pages in each language, in both themes; and from right to left.

Arabic has no translations: what is looked at is whether the pages mirror.
"""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import NAMESPACE_OID, uuid5

import pytest
import requests
from playwright.sync_api import Browser, Page

from tests.acceptance.browser.overlaps import overlaps
from tests.acceptance.browser.page_checks import (
    EACH_LANGUAGE,
    is_wider_than_window,
    no_page_errors,
    serious_violations,
)
from tests.acceptance.browser.pricing_page import save_rules
from tests.acceptance.conftest import ROOT, Stack, free_port, look, wait_until_counted
from tests.waiting import until

HOTEL = 4831
NAME = "Pension Storch an der langen Promenade"
RULES: dict[str, Any] = {
    "mode": "suggest", "currency": "EUR", "base_price": "100", "minimum_price": "10",
    "maximum_price": "400", "price_step": "1", "smallest_change_percent": 1,
}  # fmt: skip
PAGES = {
    "morning": f"/morning/?hotel_id={HOTEL}",
    "hotels": "/hotels/",
    "budget": f"/budget/?hotel_id={HOTEL}",
    "settings": f"/settings/?hotel_id={HOTEL}",
    "first-steps": f"/first-steps/?hotel_id={HOTEL}",
    "links": f"/dashboard/links/?hotel_id={HOTEL}",
}
MIRRORED = {
    name: PAGES[name] for name in ("morning", "hotels", "settings")
} | {
    "dashboard": f"/?hotel_id={HOTEL}",
    "prices": f"/pricing/?hotel_id={HOTEL}",
}  # fmt: skip
LANGUAGES = ("en", "de", "fr", "it", "es")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture(scope="module")
def hotel(stack: Stack) -> Stack:
    """The stack with a hotel that has bookings, rooms and prices."""
    now = datetime.now(UTC)
    bookings = [
        {
            "hotel_id": HOTEL, "status": 1, "rate": "110.00", "currency": "EUR",
            "night_of_stay": str(now.date() + timedelta(days=number % 20)),
            "event_timestamp": (now - timedelta(hours=3, minutes=number)).isoformat(),
            "room_reservation_id": str(uuid5(NAMESPACE_OID, f"languages {number}")),
        }
        for number in range(40)
    ]  # fmt: skip
    requests.post(f"{stack.base}/events/", json=bookings, timeout=30).raise_for_status()
    profile = {"name": NAME, "rooms": 4, "country": "DE"}
    address = f"{stack.base}/dashboard/hotels/{HOTEL}/"
    requests.patch(address, json=profile, timeout=30).raise_for_status()
    wait_until_counted(stack)
    save_rules(stack, HOTEL, **RULES)
    return stack


@pytest.fixture
def mirrored(hotel: Stack, tmp_path: Path) -> Iterator[str]:
    """The address of a web server beside the stack's that has a right-to-left language."""
    port = free_port()
    environment = {
        **hotel.environment, "PORT": str(port), "WEB_CONCURRENCY": "1",
        "DJANGO_SETTINGS_MODULE": "tests.acceptance.browser.right_to_left_settings",
    }  # fmt: skip
    command = [str(Path(sys.executable).with_name("gunicorn")), "-b", f"127.0.0.1:{port}"]
    base = f"http://127.0.0.1:{port}"
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        until(lambda: is_answered(f"{base}/readyz"), "the web server answers")
        yield base
    finally:
        server.terminate()
        server.wait(30)


def is_answered(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).ok
    except requests.RequestException:
        return False


def open_in(browser: Browser, base: str, language: str) -> Page:
    """Return a page of a browser that chose a language."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "language", "value": language, "url": base}])
    return context.new_page()


@pytest.mark.parametrize("language", EACH_LANGUAGE)
def test_pages_are_accessible_and_fit_in_each_language_and_theme(
    hotel: Stack, browser: Browser, language: str
) -> None:
    """Each page is looked at in each language; of two languages in a row in the two themes."""
    page = open_in(browser, hotel.base, language)
    wrong = []
    with no_page_errors(page):
        for number, (name, path) in enumerate(PAGES.items(), start=LANGUAGES.index(language)):
            page.set_viewport_size({"width": 1280, "height": 900})
            page.emulate_media(color_scheme=THEMES[number % 2])
            page.goto(f"{hotel.base}{path}")
            assert page.locator("html").get_attribute("lang") == language
            wrong += [f"{name}: {found}" for found in serious_violations(page)]
            look(page, f"{name}-{language}-1280")
            page.set_viewport_size({"width": 390, "height": 900})
            look(page, f"{name}-{language}-390")
            wrong += [f"{name} is too wide"] if is_wider_than_window(page) else []
    page.context.close()
    assert wrong == []


def test_pages_mirror_from_right_to_left(mirrored: str, browser: Browser) -> None:
    page = open_in(browser, mirrored, "ar")
    wrong = []
    with no_page_errors(page):
        for name, path in MIRRORED.items():
            page.goto(f"{mirrored}{path}")
            page.wait_for_load_state("networkidle")
            assert page.locator("html").get_attribute("dir") == "rtl"
            wrong += [f"{name}: {found}" for found in serious_violations(page)]
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 900})
                look(page, f"{name}-ar-{width}")
                wrong += [f"{name} is too wide at {width}"] if is_wider_than_window(page) else []
                wrong += [f"{name} at {width}: {pair}" for pair in overlaps(page)]
    page.context.close()
    assert wrong == []
