"""Several nights at once on the pricing page: what it touches is said before, what it did after."""

from datetime import date, timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from tests.acceptance.browser.page_checks import is_wider_than_window, serious_violations
from tests.acceptance.browser.pricing_page import (
    HOTEL,
    first_suggested_night,
    prices_by_night,
    save_rules,
)
from tests.acceptance.conftest import Stack, look

WEEKEND = ("Fri", "Sat")
# By action: what is typed, and the list of the rules that it changes.
RULES: dict[str, tuple[dict[str, str], str]] = {
    "fix": ({"New price": "188"}, "fixed_prices"),
    "event": ({"Name of the event": "Fair", "Factor, 1.2: 20 % more": "1.3"}, "events"),
    "bounds": ({"New minimum": "120"}, "bounds"),
}


@pytest.fixture
def weekends(priced: Stack) -> list[date]:
    """The Fridays and Saturdays of three weeks; the hotel has no fixed prices and bounds."""
    save_rules(priced, fixed_prices=[], events=[], bounds=[])
    first = date.fromisoformat(first_suggested_night(priced))
    nights = [first + timedelta(days=day) for day in range(21)]
    return [night for night in nights if night.weekday() in (4, 5)]


def rules(stack: Stack) -> dict[str, Any]:
    answer: dict[str, Any] = requests.get(f"{stack.base}/prices/hotels/{HOTEL}/", timeout=20).json()
    return answer


def open_form(stack: Stack, page: Page, nights: list[date]) -> Locator:
    """Open the form and fill in the first and the last night, and only the weekend."""
    page.goto(f"{stack.base}/pricing/?hotel_id={HOTEL}&month={nights[0]:%Y-%m}")
    page.get_by_text("Several nights at once").click()
    form = page.locator("#several")
    form.get_by_label("First night").fill(str(nights[0]))
    form.get_by_label("Last night").fill(str(nights[-1]))
    for box in form.get_by_role("checkbox").all():
        expect(box).to_be_checked()
    for name in ("Mon", "Tue", "Wed", "Thu", "Sun"):
        form.get_by_label(name, exact=True).uncheck()
    return form


def test_a_price_is_set_on_the_weekdays_of_a_range(
    priced: Stack, page: Page, weekends: list[date]
) -> None:
    form = open_form(priced, page, weekends)
    form.get_by_label("What").select_option("override")
    form.get_by_label("New price").fill("188")
    expect(page.locator("#several-touches")).to_contain_text("6 nights, Fridays and Saturdays from")
    expect(page.locator("#several-touches")).to_contain_text("6 of them will change")
    look(page, "pricing-several")
    page.get_by_role("button", name="Do it").click()
    expect(page.locator("#done")).to_have_text("6 nights set and held.")
    held = [row["night"] for row in prices_by_night(priced).values() if row["state"] == "held"]
    assert [date.fromisoformat(night) for night in held] == weekends


@pytest.mark.parametrize("action", RULES)
def test_a_rule_for_several_nights_by_keyboard_and_its_undo(
    priced: Stack, page: Page, weekends: list[date], action: str
) -> None:
    typed, name = RULES[action]
    before = prices_by_night(priced)
    form = open_form(priced, page, weekends)
    form.get_by_label("What").focus()
    form.get_by_label("What").select_option(action)
    expect(form.get_by_label("Reason for all of them")).to_be_hidden()
    for label, text in typed.items():
        form.get_by_label(label).focus()
        page.keyboard.type(text)
    expect(page.locator("#several-touches")).to_contain_text("6 nights, Fridays and Saturdays from")
    look(page, f"pricing-several-{action}")
    assert rules(priced)[name] == []
    page.keyboard.press("Enter")
    done = page.locator("#several-done")
    expect(done).to_contain_text("6 nights have")
    look(page, f"pricing-several-{action}-done")
    assert rules(priced)[name]
    changed = [
        night
        for night, row in prices_by_night(priced).items()
        if (row["price"], row["recommended"])
        != (before[night]["price"], before[night]["recommended"])
    ]
    assert set(changed) == {str(night) for night in weekends}
    done.get_by_role("button", name="Undo").press("Enter")
    expect(page.locator("#done")).to_contain_text("Undone")
    expect(done).to_be_empty()
    assert rules(priced)[name] == []
    after = prices_by_night(priced)
    assert {night: row["price"] for night, row in after.items()} == {
        night: row["price"] for night, row in before.items()
    }


def test_what_is_wrong_is_said_before_and_changes_nothing(
    priced: Stack, page: Page, weekends: list[date]
) -> None:
    form = open_form(priced, page, weekends)
    form.get_by_label("What").select_option("bounds")
    form.get_by_label("New minimum").fill("500")
    wrong = page.locator("#several-wrong")
    expect(wrong).to_contain_text("the minimum 500.00 is above the maximum 400.00")
    page.get_by_role("button", name="Do it").click()
    expect(wrong).to_contain_text("Nothing was changed")
    assert rules(priced)["bounds"] == []
    form.get_by_label("New minimum").fill("120")
    expect(wrong).to_be_hidden()
    expect(page.locator("#several-touches")).to_contain_text("6 nights")


def test_unsaved_settings_are_not_lost(priced: Stack, page: Page, weekends: list[date]) -> None:
    form = open_form(priced, page, weekends)
    page.get_by_label("Base price").fill("105")
    form.get_by_label("What").select_option("unfix")
    page.get_by_role("button", name="Do it").click()
    expect(page.locator("#several-wrong")).to_contain_text("save or discard them first")
    expect(page.get_by_label("Base price")).to_have_value("105")


def test_what_is_ticked_stays_while_the_page_renews_itself(
    priced: Stack, page: Page, weekends: list[date]
) -> None:
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={weekends[0]:%Y-%m}")
    page.get_by_text("Several nights at once").click()
    page.locator("#several").get_by_label("Mon", exact=True).uncheck()
    save_rules(priced, base_price="130")
    expect(page.get_by_label("Base price")).to_have_value("130.00", timeout=15_000)
    expect(page.locator("#several").get_by_label("Mon", exact=True)).not_to_be_checked()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_and_in_the_dark(
    priced: Stack, page: Page, weekends: list[date], scheme: Any
) -> None:
    page.set_viewport_size({"width": 375, "height": 740})
    page.emulate_media(color_scheme=scheme)
    for action, (typed, _) in RULES.items():
        form = open_form(priced, page, weekends)
        form.get_by_label("What").select_option(action)
        for label, text in typed.items():
            form.get_by_label(label).fill(text)
        expect(page.locator("#several-touches")).to_contain_text("6 nights")
        form.scroll_into_view_if_needed()
        look(page, f"pricing-several-{action}-phone-{scheme}")
        assert not is_wider_than_window(page)
        assert not serious_violations(page)
