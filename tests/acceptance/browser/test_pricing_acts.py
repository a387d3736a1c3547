"""The pricing page by keyboard: each act does what its own button says; undo."""

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.acceptance.browser.pricing_page import (
    HOTEL,
    first_suggested_night,
    open_night,
    prices_by_night,
    save_rules,
)
from tests.acceptance.conftest import Stack, look


@pytest.mark.parametrize("field", ["Price, 10 to 400", "Reason, stored with the decision"])
def test_enter_in_a_field_of_another_price_sets_that_price(
    priced: Stack, page: Page, field: str
) -> None:
    night = first_suggested_night(priced)
    open_night(priced, page, night)
    page.get_by_label("Price, 10 to 400").focus()
    page.keyboard.type("213")
    page.get_by_label(field).press("Enter")
    expect(page.locator(".state-of")).to_have_text("held by a person")
    now = prices_by_night(priced)[night]
    assert (now["price"], now["state"]) == ("213.00", "held")


def test_enter_without_a_price_changes_nothing(priced: Stack, page: Page) -> None:
    night = first_suggested_night(priced)
    before = prices_by_night(priced)[night]
    open_night(priced, page, night)
    page.get_by_label("Reason, stored with the decision").press("Enter")
    expect(page.locator("#decide-wrong")).to_contain_text("Nothing was changed")
    after = prices_by_night(priced)[night]
    assert (after["price"], after["state"]) == (before["price"], before["state"])


@pytest.mark.parametrize(("act", "state"), [("accept", "in force"), ("lock", "held")])
def test_a_button_pressed_by_keyboard_does_its_own_act(
    priced: Stack, page: Page, act: str, state: str
) -> None:
    night = first_suggested_night(priced)
    open_night(priced, page, night)
    page.locator(f"#decide [data-act={act}] button").press("Enter")
    expect(page.locator(".state-of")).to_contain_text(state)
    assert prices_by_night(priced)[night]["state"] == state


def test_accepting_all_is_undone_by_one_button(priced: Stack, page: Page) -> None:
    month = first_suggested_night(priced)[:7]
    before = prices_by_night(priced)
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={month}")
    page.locator("#accept-all").click()
    page.get_by_role("button", name="Accept them").click()
    expect(page.locator("#last-act")).to_contain_text("accept of")
    look(page, "pricing-undo")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#done")).to_contain_text("Undone")
    after = prices_by_night(priced)
    assert {night: row["price"] for night, row in after.items()} == {
        night: row["price"] for night, row in before.items()
    }


def test_accepting_all_sends_what_the_person_saw(priced: Stack, page: Page) -> None:
    night = first_suggested_night(priced)
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={night[:7]}")
    page.locator("#accept-all").click()
    save_rules(priced, base_price="150")
    before = prices_by_night(priced)
    page.get_by_role("button", name="Accept them").click()
    expect(page.locator("#done")).to_contain_text("Nothing was changed")
    assert prices_by_night(priced)[night]["price"] == before[night]["price"]


def test_the_page_asks_for_rooms_and_prices_with_them(priced: Stack, page: Page) -> None:
    path = f"{priced.base}/dashboard/hotels/{HOTEL}/"
    requests.patch(path, json={"rooms": None}, timeout=20).raise_for_status()
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}")
    expect(page.locator("#rooms-question")).to_contain_text("How many rooms")
    look(page, "pricing-rooms-question")
    page.get_by_label("Rooms for sale on an ordinary night").fill("23")
    page.get_by_label("Rooms for sale on an ordinary night").press("Enter")
    expect(page.locator("#done")).to_contain_text("Saved")
    expect(page.locator("#rooms-question")).to_be_empty()
    assert requests.get(path, timeout=20).json()["rooms"] == 23
