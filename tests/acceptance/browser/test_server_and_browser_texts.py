"""What the server writes is what the pages' scripts write: numbers, dates, and translated texts.

A page does not change when its script writes the numbers again in the reader's language. No stack:
the scripts alone are loaded, from an address that the test answers.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Browser, Page, Route

from accounts.language.language_page import script_texts
from common.number_and_date_texts import ENGLISH_DATES, date_text, number_text, time_text

SITE = "http://pages.test"
ROOT = Path(__file__).resolve().parents[3]
LANGUAGES = ("de", "fr", "it", "es")
NUMBERS: list[tuple[str, Any]] = [
    ("number", 0), ("number", 7), ("number", -5), ("number", 1234), ("number", 12345.5),
    ("number", 9999.9999), ("number", -1234567), ("number", 0.123456), ("signed", 5),
    ("signed", -1234), ("signed", 0), ("percent", 0.1254), ("percent", 12.5), ("percent", 123.0),
    ("whole-percent", 0.5), ("change", -0.125), ("change", 0.125), ("change", 0), ("points", 1.5),
    ("points", -12), ("amount:2", "1234.50"), ("amount:2", "12345.5"), ("amount:0", "1234567"),
    ("amount:3", "0.5"), ("signed-amount:2", "-1234.5"), ("signed-amount:2", "12345.5"),
]  # fmt: skip
DAYS = [date(2026, month, 27 - 2 * month) for month in range(1, 13)]
MOMENT = datetime(2026, 3, 1, 23, 5, tzinfo=UTC)
ZONES = ("UTC", "Asia/Tokyo", "America/New_York")
WRITE = """async ([numbers, kinds, days, moment, zones]) => {
  const formats = await import("/static/common/number_and_date_formats.js");
  const { formatNumber, formatDate, localise } = formats;
  const at = (zone) => {
    const box = document.createElement("div");
    box.innerHTML = `<time datetime="${moment}" data-as="time" data-zone="${zone}"></time>`;
    localise(box);
    return box.textContent;
  };
  return [
    numbers.map(([kind, value]) => formatNumber(value, kind)),
    kinds.map((kind) => days.map((day) => formatDate(day, kind))),
    zones.map(at),
  ];
}"""
READ = """([text, options]) => import("/static/common/number_input.js").then(({ readNumber }) => {
  try { return readNumber(text, options) } catch (error) { return error.message } })"""
FAILURE = """([failure, shown]) => import("/static/common/live_page.js").then(
  ({ failureText }) => failureText(failure, shown))"""


@pytest.fixture(params=LANGUAGES)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An empty page in each language, with the texts of its scripts."""
    language = request.param
    texts = script_texts(RequestFactory().get("/"), language)

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path.startswith("/static/"):
            body, kind = (ROOT / path[1:]).read_text(), "text/javascript"
        elif path == "/texts.js":
            body, kind = texts.content.decode(), "text/javascript"  # type: ignore[attr-defined]
        else:
            body, kind = f'<html lang="{language}"><script src="/texts.js"></script>', "text/html"
        route.fulfill(body=body, content_type=f"{kind}; charset=utf-8")

    with translation.override(language):
        opened = browser.new_page(locale=language)
        opened.route(f"{SITE}/**", answer)
        opened.goto(SITE)
        yield opened
        opened.close()


def test_numbers_dates_and_times(page: Page) -> None:
    kinds = list(ENGLISH_DATES)
    days = [day.isoformat() for day in DAYS]
    numbers, dates, times = page.evaluate(
        WRITE, [NUMBERS, kinds, days, MOMENT.isoformat(), list(ZONES)]
    )
    assert [number_text(value, kind) for kind, value in NUMBERS] == numbers
    for kind, written in zip(kinds, dates, strict=True):
        assert [date_text(day, kind) for day in DAYS] == written, kind
    assert [time_text(MOMENT, zone) for zone in ZONES] == times


def test_errors_of_typed_numbers_and_lost_connections_are_translated(page: Page) -> None:
    no_number, not_whole, too_many, lost = {
        "de": (
            "ist keine Zahl",
            "ist keine ganze Zahl",
            "mehr als 1",
            "Verbindung seit 9:15",
        ),
        "fr": ("pas un nombre", "un nombre entier", "plus de 1", "depuis 9:15"),
        "it": ("non è un numero", "un numero intero", "più di 1", "dalle 9:15"),
        "es": ("no es un número", "un número entero", "más de 1", "desde las 9:15"),
    }[translation.get_language() or ""]
    assert no_number in page.evaluate(READ, ["abc", {}])
    assert not_whole in page.evaluate(READ, ["1,5", {"decimals": 0}])
    assert too_many in page.evaluate(READ, ["1,25", {"decimals": 1}])
    assert page.evaluate(READ, ["1.234,5", {}]) == "1234.5"
    failure = {"since": "9:15", "by": "connection"}
    told = {page.evaluate(FAILURE, [failure, shown]) for shown in ("figures", "prices")}
    assert len(told) == 2
    assert all(lost in text for text in told)
