"""The pricing page: a suggestion is accepted, a price is set, held, locked and released."""

import re

from playwright.sync_api import Page, expect

from tests.acceptance.browser.pricing_page import (
    HOTEL,
    first_suggested_night,
    open_night,
    prices_by_night,
    save_rules,
)
from tests.acceptance.conftest import Stack, look


def test_a_suggestion_is_accepted(priced: Stack, page: Page) -> None:
    night = first_suggested_night(priced)
    row = prices_by_night(priced)[night]
    open_night(priced, page, night)
    look(page, "pricing-night")
    expect(page.locator("#night-shown")).to_contain_text(row["sentence"])
    expect(page.locator("#night-shown .factors tbody tr")).to_have_count(6)
    assert (
        page.evaluate(
            "Chart.getChart(document.querySelector('#curve canvas')).data.datasets.length"
        )
        == 7
    )
    page.locator("#decide [data-act=accept] button").click()
    expect(page.locator(".state-of")).to_have_text("in force")
    now = prices_by_night(priced)[night]
    assert now["price"] == now["recommended"] == row["recommended"]
    expect(page.locator("#night-shown .decisions li").first).to_contain_text("Accepted")
    page.keyboard.press("Escape")
    cell = page.locator(f"a[data-night='{night}']")
    expect(cell).to_be_focused()
    expect(cell).to_have_attribute("data-price", row["recommended"])
    assert "night=" not in page.url


def test_a_price_is_set_and_held_until_released(priced: Stack, page: Page) -> None:
    night = first_suggested_night(priced)
    open_night(priced, page, night)
    page.get_by_label("Price, 10 to 400").fill("4000")
    page.get_by_role("button", name="Set and hold").click()
    expect(page.locator("#decide-wrong")).to_contain_text("must lie between 10.00 and 400.00 EUR")
    expect(page.get_by_label("Price, 10 to 400")).to_be_focused()
    assert prices_by_night(priced)[night]["state"] != "held"
    page.get_by_label("Price, 10 to 400").fill("212")
    page.get_by_label("Reason, stored with the decision").fill("<b>Wedding</b>")
    page.get_by_role("button", name="Set and hold").click()
    expect(page.locator("#price-now")).to_have_text("212")
    expect(page.locator(".state-of")).to_have_text("held by a person")
    expect(page.locator("#night-shown .decisions li").first).to_contain_text("<b>Wedding</b>")
    now = prices_by_night(priced)[night]
    assert (now["price"], now["state"]) == ("212.00", "held")
    expect(page.locator(f"a[data-night='{night}'] .lock")).to_have_count(1)
    page.get_by_role("button", name="Release").click()
    expect(page.locator(".state-of")).to_have_text("suggested")
    assert prices_by_night(priced)[night]["state"] == "suggested"


def test_a_price_is_locked_and_released(priced: Stack, page: Page) -> None:
    night = first_suggested_night(priced)
    open_night(priced, page, night)
    page.get_by_role("button", name="Lock 77").click()
    expect(page.locator(".state-of")).to_have_text("held by a person")
    now = prices_by_night(priced)[night]
    assert (now["price"], now["state"]) == ("77.00", "held")
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_role("button", name="Lock 77")).to_be_visible()
    assert prices_by_night(priced)[night]["state"] == "suggested"


def test_a_recommendation_that_changed_is_not_accepted(priced: Stack, page: Page) -> None:
    night = first_suggested_night(priced)
    open_night(priced, page, night)
    page.get_by_label("Reason, stored with the decision").fill("x")  # an edited form is not renewed
    before = prices_by_night(priced)[night]
    save_rules(priced, base_price="150")
    page.locator("#decide [data-act=accept] button").click()
    after = prices_by_night(priced)[night]
    assert after["recommended"] != before["recommended"]
    expect(page.locator("#decide-wrong")).to_contain_text(
        f"Not accepted: the recommended price is now {after['recommended']}"
    )
    assert after["price"] == before["price"]
    page.locator("#decide [data-act=accept] button").click()
    expect(page.locator(".state-of")).to_have_text("in force")
    assert prices_by_night(priced)[night]["price"] == after["recommended"]


def test_all_suggestions_of_a_month_are_accepted_at_once(priced: Stack, page: Page) -> None:
    month = first_suggested_night(priced)[:7]
    waiting = [
        night for night, row in prices_by_night(priced).items()
        if night.startswith(month) and row["state"] == "suggested"
    ]  # fmt: skip
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={month}")
    page.locator("#accept-all").click()
    expect(page.get_by_role("dialog")).to_contain_text(
        "price of 1 night" if len(waiting) == 1 else f"prices of {len(waiting)} nights"
    )
    page.get_by_role("button", name="Not now").click()
    assert prices_by_night(priced)[waiting[0]]["state"] == "suggested"
    page.locator("#accept-all").click()
    page.get_by_role("button", name="Accept them").click()
    expect(page.locator("#done")).to_contain_text("accepted")
    expect(page.locator("#accept-all")).to_have_count(0)
    rows = prices_by_night(priced)
    assert {rows[night]["state"] for night in waiting} == {"in force"}


def test_back_after_closing_a_night_does_not_open_it_again(priced: Stack, page: Page) -> None:
    night = first_suggested_night(priced)
    page.goto(f"{priced.base}/?hotel_id={HOTEL}")
    open_night(priced, page, night)
    page.get_by_role("link", name="Next night").click()
    expect(page).not_to_have_url(re.compile(f"night={night}"))
    expect(page.locator("#night")).to_be_visible()
    page.get_by_role("link", name="Close", exact=True).click()
    expect(page.locator("#night")).to_be_hidden()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/pricing/\?"))
    expect(page.locator("#night")).to_be_hidden()
    assert "night=" not in page.url
    page.go_back()
    expect(page.locator("#figures")).to_be_visible()
