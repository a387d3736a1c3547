"""Booking system, market upload and event calendars: accessible in each language, not too wide."""

import pytest
from django.conf import settings
from playwright.sync_api import Browser

from tests.acceptance.browser.page_checks import (
    EACH_LANGUAGE,
    no_page_errors,
    problems,
)
from tests.acceptance.conftest import Stack

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
