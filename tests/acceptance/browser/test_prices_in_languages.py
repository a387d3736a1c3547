"""The pages of prices in each language: accessible in both themes, and no text too long."""

import pytest
from django.conf import settings
from playwright.sync_api import Browser

from tests.acceptance.browser.page_checks import (
    EACH_LANGUAGE,
    no_page_errors,
    problems,
)
from tests.acceptance.browser.pricing_page import HOTEL, first_suggested_night
from tests.acceptance.conftest import Stack

TITLES = {
    "en": ("Booking curve", "Group quote"),
    "de": ("Buchungskurve", "Gruppenangebot"),
    "fr": ("Courbe de réservation", "Devis de groupe"),
    "it": ("Curva di prenotazione", "Preventivo gruppi"),
    "es": ("Curva de reservas", "Presupuesto de grupo"),
}


@pytest.mark.parametrize("language", EACH_LANGUAGE)
def test_pages_are_accessible_and_fit_the_window(
    priced: Stack, browser: Browser, language: str
) -> None:
    night = first_suggested_night(priced)
    curve, quote = TITLES[language]
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": priced.base}
    context.add_cookies([cookie])  # type: ignore[list-item]  # its keys are those of a cookie
    page = context.new_page()
    with no_page_errors(page):
        page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&night={night}")
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("#curve-title").inner_text() == curve
        wrong = problems(page, f"prices-{language}")
        page.goto(f"{priced.base}/pricing/group-quote/?hotel_id={HOTEL}")
        assert page.locator("h1").inner_text() == quote
        wrong += problems(page, f"group-quote-{language}")
    context.close()
    assert wrong == []
