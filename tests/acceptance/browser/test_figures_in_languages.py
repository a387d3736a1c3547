"""Figures and uploads in each language: accessible in both themes, and no text too long for it."""

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ViewportSize

from tests.acceptance.browser.page_checks import (
    EACH_LANGUAGE,
    is_wider_than_window,
    no_page_errors,
    serious_violations,
)
from tests.acceptance.conftest import Stack, look

LANGUAGES = {
    "en": "Room-nights by month",
    "de": "Zimmernächte nach Monaten",
    "fr": "Nuitées par mois",
    "it": "Camere-notte per mese",
    "es": "Noches por mes",
}
PAGES = {
    "dashboard": "/?hotel_id=1&basis=stay&year=2025",
    "report": "/dashboard/report/?hotel_id=1&year=2025&month=7",
    "upload": "/upload/?hotel_id=1",
}
PHONE: ViewportSize = {"width": 390, "height": 900}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
# A loop writes twelve months of a calendar and dozens of nights of a table: the first are checked.
WITHOUT_REPEATED_DAYS = """() => {
  for (const part of document.querySelectorAll(
    "#heat table:nth-of-type(n+2), table.rows tbody tr:nth-of-type(n+4)"
  )) part.remove();
}"""


@pytest.mark.parametrize("language", EACH_LANGUAGE)
def test_pages_are_accessible_and_fit_the_window(
    stack: Stack, browser: Browser, language: str
) -> None:
    context = browser.new_context(locale="en-GB", viewport=PHONE)
    cookie = settings.LANGUAGE_COOKIE_NAME
    context.add_cookies([{"name": cookie, "value": language, "url": stack.base}])
    page = context.new_page()
    wrong = []
    with no_page_errors(page):
        for name, path in PAGES.items():
            page.set_viewport_size(PHONE)
            page.goto(f"{stack.base}{path}")
            assert page.locator("html").get_attribute("lang") == language
            if name == "dashboard":
                assert LANGUAGES[language] in page.locator("#chart-title").inner_text()
            found = ["too wide"] if is_wider_than_window(page) else []
            look(page, f"{name}-{language}-phone")
            page.set_viewport_size(DESKTOP)
            page.evaluate(WITHOUT_REPEATED_DAYS)
            found += serious_violations(page)
            look(page, f"{name}-{language}")
            page.emulate_media(color_scheme="dark")
            found += serious_violations(page, "color-contrast")  # the theme changes nothing else
            page.emulate_media(color_scheme="light")
            wrong += [f"{name}: {problem}" for problem in found]
    context.close()
    assert wrong == []
