"""Amounts on the pricing page: typed with a comma or a point, in currencies with other decimals."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Locator, Page, expect

from tests.acceptance.browser.page_checks import is_wider_than_window, no_page_errors
from tests.acceptance.browser.pricing_page import HOTEL, prices_by_night, save_rules
from tests.acceptance.conftest import Stack, look

READ = """([text, currency, decimals, language]) => import("/static/common/number_input.js").then(
  ({ readAmount }) => { try { return readAmount(text, currency, decimals, language) }
                        catch (error) { return `error: ${error.message}` } })"""
READ_FACTOR = """(text) => import("/static/common/number_input.js").then(({ readNumber }) => {
  try { return readNumber(text, { canBeThousands: false }) }
  catch (error) { return `error: ${error.message}` } })"""
EUR, JPY, KWD = ("EUR", 2), ("JPY", 0), ("KWD", 3)
LARGE_HOTEL = 8
BOTH_READINGS = "can be read as 1234 or as 1 and a fraction: type "


@pytest.fixture
def german(browser: Browser) -> Iterator[Page]:
    """A page in a German browser: in German, with numbers as German writes them."""
    context = browser.new_context(locale="de-DE", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    with no_page_errors(page):
        yield page
    context.close()


def read(page: Page, text: str, currency: tuple[str, int], language: str) -> str:
    result: str = page.evaluate(READ, [text, *currency, language])
    return result


def test_amounts_as_people_type_them(priced: Stack, page: Page) -> None:
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}")
    for language in ("en", "de", "fr", "de-CH"):
        for text, amount in {
            "120.50": "120.50", "120,50": "120.50", " 120,5 ": "120.50", "120": "120.00",
            "1.234,50": "1234.50", "1,234.50": "1234.50", "1 234,50": "1234.50",
            "1\u202f234,50": "1234.50", "1'234.50": "1234.50", "1\u2019234.50": "1234.50",
            "1.234.567": "1234567.00", "12,34,567.50": "1234567.50", "1 234": "1234.00",
            "0,50": "0.50", ",5": "0.50", "007": "7.00", "98765432": "98765432.00",
        }.items():  # fmt: skip
            assert read(page, text, EUR, language) == amount, (text, language)
        for text in ("abc", "1.2.3", "1,2,3", "1.23,4,5", "12 34", "1'2", "-", "1e3", "12:30"):
            assert "is not a number" in read(page, text, EUR, language), (text, language)
        assert "EUR amounts have at most 2 decimals" in read(page, "1.2345", EUR, language)
        assert "JPY amounts have no decimals" in read(page, "120,50", JPY, language)
        assert read(page, "120.00", JPY, language) == "120"
        assert read(page, "1.234,567", KWD, language) == "1234.567"
        assert read(page, "37,5", KWD, language) == "37.500"


@pytest.mark.parametrize(
    ("text", "currency", "language", "result"),
    [
        ("1,234", EUR, "en", "1234.00"),
        ("1.234", EUR, "de", "1234.00"),
        ("1.234", EUR, "en", f"error: “1.234” {BOTH_READINGS}1234 or 1.23"),
        ("1,234", EUR, "de", f"error: “1,234” {BOTH_READINGS}1234 or 1,23"),
        ("1,234", JPY, "en", "1234"),
        ("1,234", JPY, "de", f"error: “1,234” {BOTH_READINGS}1234"),
        ("1.234", KWD, "en", "1.234"),
        ("1,234", KWD, "en", f"error: “1,234” {BOTH_READINGS}1234 or 1.234"),
        ("1,234", KWD, "de", "1.234"),
        ("1.234", KWD, "de", f"error: “1.234” {BOTH_READINGS}1234 or 1,234"),
    ],
)
def test_three_digits_after_one_sign_are_never_guessed(
    priced: Stack, page: Page, text: str, currency: tuple[str, int], language: str, result: str
) -> None:
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}")
    assert read(page, text, currency, language) == result


def test_factors_have_no_thousands(priced: Stack, page: Page) -> None:
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}")
    for text, factor in {"1,250": "1.250", "1.250": "1.250", "0,9": "0.9", "1.1": "1.1"}.items():
        assert page.evaluate(READ_FACTOR, text) == factor


def type_into(page: Page, label: str, text: str) -> None:
    """Replace what a field holds, by keyboard."""
    replace_text(page, page.get_by_label(label, exact=True), text)


def type_in(page: Page, selector: str, text: str) -> None:
    """Replace what a field holds, by keyboard, on a page in whatever language."""
    replace_text(page, page.locator(selector), text)


def replace_text(page: Page, field: Locator, text: str) -> None:
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def test_a_comma_typed_in_a_german_browser_is_no_thousands(priced: Stack, german: Page) -> None:
    german.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}")
    expect(german.locator("#base_price")).to_have_value("100,00")
    expect(german.locator("#save")).to_be_disabled()
    type_in(german, "#base_price", "120,50")
    german.locator("details details:has([data-field=weekday_factors]) > summary").click()
    type_in(german, "[data-field=weekday_factors] >> nth=0", "1,25")
    german.locator("#save").click()
    expect(german.locator("#done")).to_contain_text("Gespeichert")
    expect(german.locator("#save")).to_be_disabled()
    rules = requests.get(f"{priced.base}/prices/hotels/{HOTEL}/", timeout=10).json()
    assert (rules["base_price"], rules["weekday_factors"][0]) == ("120.50", 1.25)
    type_in(german, "#base_price", "1,234")
    expect(german.locator("#settings .wrong:visible")).to_contain_text("als 1234 lesen oder")
    german.locator("#save").click()
    expect(german.locator("#settings .wrong:visible")).to_contain_text("als 1234 lesen oder")
    expect(german.locator("#base_price")).to_be_focused()
    assert rules == requests.get(f"{priced.base}/prices/hotels/{HOTEL}/", timeout=10).json()
    save_rules(priced, weekday_factors=[1.0] * 7)


def test_an_override_typed_with_a_comma(priced: Stack, german: Page) -> None:
    night = list(prices_by_night(priced))[20]
    save_rules(priced, price_step="0.50")
    german.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&night={night}")
    german.locator("#override").focus()
    german.keyboard.type("120,70")
    german.keyboard.press("Enter")
    expect(german.locator("#decide-wrong")).to_contain_text(
        "120,70 ist kein Vielfaches des Preisschritts 0,50: 120,50 oder 121"
    )
    german.keyboard.press("Control+A")
    german.keyboard.type("120,50")
    german.keyboard.press("Enter")
    expect(german.locator("#done")).to_contain_text("Gesetzt und festgehalten")
    assert prices_by_night(priced)[night]["price"] == "120.50"
    expect(german.locator("#price-now")).to_have_text("120,50")


def test_a_comma_typed_in_an_english_browser(priced: Stack, page: Page) -> None:
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}")
    type_into(page, "Base price", "120,50")
    page.get_by_text("Limits", exact=True).click()
    type_into(page, "Largest of a day, %", "95,5")
    expect(page.locator("#settings .wrong:visible")).to_contain_text("is not a whole number")
    type_into(page, "Largest of a day, %", "95")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Saved")
    rules = requests.get(f"{priced.base}/prices/hotels/{HOTEL}/", timeout=10).json()
    assert (rules["base_price"], rules["largest_day_percent"]) == ("120.50", 95)


def test_another_currency_asks_and_makes_all_prices_anew(priced: Stack, page: Page) -> None:
    nights = list(prices_by_night(priced))
    save_rules(priced, fixed_prices=[{"night": nights[40], "price": "130.50"}])
    body = {"hotel_id": HOTEL, "nights": [nights[30]], "action": "lock"}
    requests.post(f"{priced.base}/prices/decisions/", json=body, timeout=30).raise_for_status()
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={nights[30][:7]}")
    type_into(page, "Currency", "jpy")
    type_into(page, "Base price", "12000")
    expect(page.locator("#settings .wrong:visible")).to_contain_text("must ascend")
    type_into(page, "Maximum", "48,000")
    type_into(page, "Minimum", "8000")
    expect(page.locator("#preview")).to_contain_text("JPY")
    page.get_by_role("button", name="Save").click()
    count = len(prices_by_night(priced))
    expect(page.locator("#confirm-text")).to_have_text(
        f"All {count} prices are made anew in JPY, from a base price of 12,000 between 8,000 "
        "and 48,000 JPY. Nothing is converted. 1 fixed price in EUR will be removed. "
        "1 price that a person holds in EUR will be released."
    )
    look(page, "pricing-currency-question")
    page.get_by_role("button", name="Not now").click()
    expect(page.locator("#save")).to_be_enabled()
    assert {row["currency"] for row in prices_by_night(priced).values()} == {"EUR"}
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Make the prices anew in JPY").click()
    expect(page.locator("#done")).to_contain_text("Saved")
    rows = prices_by_night(priced)
    assert {row["currency"] for row in rows.values()} == {"JPY"}
    assert all(row["price"].isdigit() and int(row["price"]) >= 8000 for row in rows.values())
    assert rows[nights[30]]["state"] != "held"
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#done")).to_contain_text("Undone")
    rows = prices_by_night(priced)
    assert {row["currency"] for row in rows.values()} == {"EUR"}
    assert (rows[nights[30]]["state"], rows[nights[40]]["price"]) == ("held", "130.50")
    save_rules(priced, fixed_prices=[])


@pytest.fixture
def large(stack: Stack) -> Stack:
    """The stack with a hotel of prices with eight digits, held and suggested ones among them."""
    event: dict[str, Any] = {
        "hotel_id": LARGE_HOTEL, "event_timestamp": "2026-01-01T10:00:00Z", "status": 1,
        "room_reservation_id": "5d2f7e6c-3a55-4a6e-9d7b-1b1f6f9d0a01", "rate": "98765432",
        "currency": "IDR", "night_of_stay": "2026-02-01",
    }  # fmt: skip
    requests.post(f"{stack.base}/events/", json=event, timeout=10).raise_for_status()
    profile = f"{stack.base}/dashboard/hotels/{LARGE_HOTEL}/"
    requests.patch(profile, json={"rooms": 20, "currency": "IDR"}, timeout=10).raise_for_status()
    save_rules(
        stack, LARGE_HOTEL, mode="suggest", currency="IDR", base_price="88888888",
        minimum_price="10000000.50", maximum_price="98765432.50", price_step="0.25",
        weekday_factors=[1.0371] * 7,
    )  # fmt: skip
    nights = list(prices_by_night(stack, LARGE_HOTEL))
    for some, price in ((nights[:20], "12345678.75"), (nights[3:5], "22222222.25")):
        body = {"hotel_id": LARGE_HOTEL, "nights": some, "action": "override", "price": price}
        requests.post(f"{stack.base}/prices/decisions/", json=body, timeout=10).raise_for_status()
    body = {"hotel_id": LARGE_HOTEL, "nights": nights[:10], "action": "release"}
    requests.post(f"{stack.base}/prices/decisions/", json=body, timeout=10).raise_for_status()
    return stack


OVERFLOWING = """() => [...document.querySelectorAll(
  ".cell, .cell *, .sums > *, .sums strong, #settings .field, #settings input, .in-force, .other, "
  + "#decide button, .decisions li, .factors td, .buttons button")]
  .filter((box) => box.checkVisibility() && box.clientWidth
    && !box.closest(".visually-hidden, .weekday, svg") && getComputedStyle(box).display !== "inline"
    && box.scrollWidth > box.clientWidth + 1)
  .map((box) => `${box.tagName}.${box.className}: ${box.textContent || box.value}`)"""
OUTSIDE_CELL = """() => [...document.querySelectorAll(".cell")].filter((cell) => {
  const edge = cell.getBoundingClientRect();
  return [...cell.querySelectorAll("strong, .recommended, .would, .gap, .share")].some((part) => {
    const box = part.getBoundingClientRect();
    const isBelow = box.bottom > edge.bottom;
    return box.width && (box.right > edge.right || box.left < edge.left || isBelow);
  });
}).map((cell) => cell.textContent.trim())"""


@pytest.mark.parametrize("width", [1280, 1100, 700, 390])
def test_amounts_of_eight_digits_fit(large: Stack, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    night = list(prices_by_night(large, LARGE_HOTEL))[4]
    page.goto(f"{large.base}/pricing/?hotel_id={LARGE_HOTEL}&month={night[:7]}")
    expect(page.locator("a.cell strong").first).to_be_visible()
    page.locator("#settings-box").evaluate("box => { box.open = true }")
    page.locator("a.cell").last.scroll_into_view_if_needed()
    look(page, f"pricing-large-{width}")
    assert page.evaluate(OVERFLOWING) == []
    assert page.evaluate(OUTSIDE_CELL) == []
    assert not is_wider_than_window(page)
    type_into(page, "Base price", "77777777.25")
    expect(page.locator("#preview")).to_contain_text("Not saved")
    look(page, f"pricing-large-preview-{width}")
    assert page.evaluate(OUTSIDE_CELL) == []
    page.get_by_role("button", name="Discard").click()
    page.goto(f"{large.base}/pricing/?hotel_id={LARGE_HOTEL}&night={night}")
    expect(page.locator("#price-now")).to_be_visible()
    look(page, f"pricing-large-night-{width}")
    assert page.evaluate(OVERFLOWING) == []
    assert not is_wider_than_window(page)
