"""Booking system, market upload and event calendars: accessible in each language, not too wide."""

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from tests.acceptance.browser.page_checks import (
    EACH_LANGUAGE,
    is_wider_than_window,
    no_page_errors,
    serious_violations,
)
from tests.acceptance.conftest import Stack, look

TITLES = {
    "en": "Booking system of Hotel 1",
    "de": "Buchungssystem von Hotel 1",
    "fr": "Système de réservation de Hotel 1",
    "it": "Gestionale di Hotel 1",
    "es": "Sistema de reservas de Hotel 1",
}
PAGES = {
    "connections": "/connections/?hotel_id=1",
    "market-upload": "/market/upload/?hotel_id=1",
    "event-calendars": "/pricing/event-calendars/?hotel_id=1",
}
PHONE_PX = 390


def problems(page: Page, name: str) -> list[str]:
    """Return what axe finds in both themes, and whether the page is too wide for a phone."""
    found = serious_violations(page)
    look(page, name)
    page.emulate_media(color_scheme="dark")
    found += serious_violations(page, "color-contrast")  # the theme changes nothing else
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": PHONE_PX, "height": 900})
    found += ["too wide"] if is_wider_than_window(page) else []
    look(page, f"{name}-phone")
    page.set_viewport_size({"width": 1280, "height": 900})
    return [f"{name}: {problem}" for problem in found]


@pytest.mark.parametrize("language", EACH_LANGUAGE)
def test_pages_are_accessible_and_fit_the_window(
    stack: Stack, browser: Browser, language: str
) -> None:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": stack.base}
    context.add_cookies([cookie])  # type: ignore[list-item]  # its keys are those of a cookie
    page = context.new_page()
    wrong, titles = [], []
    with no_page_errors(page):
        for name, path in PAGES.items():
            page.goto(stack.base + path)
            titles.append(page.locator("h1").inner_text())
            wrong += problems(page, f"{name}-{language}")
    context.close()
    assert wrong == []
    assert titles[0] == TITLES[language]
