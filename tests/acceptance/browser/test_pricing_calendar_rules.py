"""The pricing page: notes, minimum stays, bounds by season, public holidays as events."""

import re
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.acceptance.browser.page_checks import is_wider_than_window, serious_violations
from tests.acceptance.browser.pricing_page import HOTEL, first_suggested_night, prices_by_night
from tests.acceptance.browser.pricing_page import save_rules as change_rules
from tests.acceptance.conftest import Stack, look, wait_until_counted

PEAK_HOTEL = 31  # has one night that is nearly full, between empty ones


def rules_of(stack: Stack, hotel: int = HOTEL) -> dict[str, Any]:
    rules: dict[str, Any] = requests.get(f"{stack.base}/prices/hotels/{hotel}/", timeout=10).json()
    return rules


def unfold(page: Page, title: str) -> None:
    page.locator(".settings summary", has_text=re.compile(f"^{title}")).click()


@pytest.fixture
def calendar(priced: Stack) -> Iterator[Stack]:
    yield priced
    change_rules(priced, bounds=[], minimum_stays=[], events=[])


def test_a_note_is_written_seen_in_the_calendar_and_removed(calendar: Stack, page: Page) -> None:
    night = first_suggested_night(calendar)
    page.goto(f"{calendar.base}/pricing/?hotel_id={HOTEL}&night={night}")
    page.locator("#note-text").fill("Marathon <b>through the city")
    page.get_by_role("button", name="Write the note").click()
    expect(page.locator("#done")).to_contain_text("The note is stored")
    expect(page.locator("#note-text")).to_have_value("Marathon <b>through the city")
    page.keyboard.press("Escape")
    expect(page.locator(f"a[data-night='{night}'] .noted")).to_be_visible()
    [note] = requests.get(f"{calendar.base}/prices/notes/?hotel_id={HOTEL}", timeout=10).json()
    assert (note["night"], note["text"]) == (night, "Marathon <b>through the city")
    page.locator(f"a[data-night='{night}']").click()
    page.locator("#note-text").fill("")
    page.get_by_role("button", name="Change the note").click()
    expect(page.locator("#done")).to_contain_text("The note is removed")
    expect(page.locator(f"a[data-night='{night}'] .noted")).to_have_count(0)


def test_a_past_night_without_a_price_can_have_a_note(calendar: Stack, page: Page) -> None:
    page.goto(f"{calendar.base}/pricing/?hotel_id={HOTEL}&month=2001-02")
    page.locator("a[data-night='2001-02-03']").click()
    expect(page.locator("#night-shown")).to_contain_text("This night has no price")
    page.locator("#note-text").fill("The old wing burnt down")
    page.get_by_role("button", name="Write the note").click()
    expect(page.locator("#done")).to_contain_text("stored")
    page.keyboard.press("Escape")
    expect(page.locator("a[data-night='2001-02-03'] .noted")).to_be_visible()
    page.get_by_label("Base price").fill("170")  # a preview leaves nights without a price alone
    expect(page.locator("#preview")).to_contain_text("Not saved")


def test_bounds_of_a_season_are_entered_and_explained(calendar: Stack, page: Page) -> None:
    night = date.fromisoformat(first_suggested_night(calendar))
    page.goto(f"{calendar.base}/pricing/?hotel_id={HOTEL}&month={night:%Y-%m}")
    unfold(page, "Bounds by season")
    page.get_by_role("button", name="Add bounds").click()
    row = page.locator("[data-rows=bounds] .row").first
    row.get_by_label("Minimum price").fill("500")
    row.get_by_label("First night").fill(str(night))
    row.get_by_label("Last night").fill(str(night + timedelta(days=6)))
    row.get_by_label(f"{night:%A}").check()
    row.get_by_label("every year").check()
    page.get_by_label("Base price").focus()  # a new row is judged when it is left
    wrong = page.locator("[data-wrong=bounds]")
    expect(wrong).to_contain_text("row 1: the minimum 500.00 is above")
    row.get_by_label("Maximum price").fill("600")
    expect(wrong).to_be_hidden()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Saved")
    assert rules_of(calendar)["bounds"] == [
        {
            "first": str(night), "last": str(night + timedelta(days=6)),
            "weekdays": [night.weekday()], "every_year": True,
            "minimum_price": "500.00", "maximum_price": "600.00",
        }
    ]  # fmt: skip
    expect(row.get_by_label(f"{night:%A}")).to_be_checked()
    expect(page.get_by_role("button", name="Discard")).to_be_hidden()
    page.locator(f"a[data-night='{night}']").click()
    expect(page.locator("#night-shown .why")).to_contain_text("Held at the minimum of")
    expect(page.locator("#night-shown .factors tfoot")).to_contain_text("of every year")


def test_holidays_are_taken_as_events(calendar: Stack, page: Page) -> None:
    profile = f"{calendar.base}/dashboard/hotels/{HOTEL}/"
    body = {"country": "DE", "region": "BY"}
    assert requests.patch(profile, json=body, timeout=10).status_code == 200
    page.goto(f"{calendar.base}/pricing/?hotel_id={HOTEL}")
    page.get_by_role("button", name="Take proposals").click()
    expect(page.locator("#done")).to_contain_text("not saved")
    names = page.locator("[data-rows=events] .row").get_by_label("Name")
    expect(names.first).to_be_visible()
    shown = [names.nth(number).input_value() for number in range(names.count())]
    assert "Good Friday to Easter Monday" in shown
    page.get_by_role("button", name="Take proposals").click()
    expect(page.locator("#done")).to_contain_text("not saved")
    page.wait_for_timeout(500)
    assert names.count() == len(shown), "what is in the form is not proposed again"
    look(page, "pricing-holidays")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Saved")
    assert len(rules_of(calendar)["events"]) == len(shown)


def test_a_proposed_minimum_stay_is_accepted_and_seen_in_the_calendar(
    calendar: Stack, page: Page
) -> None:
    peak = date.today() + timedelta(days=21)
    bookings = [
        {
            "hotel_id": PEAK_HOTEL, "status": 1, "night_of_stay": str(peak),
            "event_timestamp": f"{date.today() - timedelta(days=1)}T10:00:00Z",
            "room_reservation_id": str(uuid.uuid4()),
        }
        for _ in range(18)
    ]  # fmt: skip
    posted = requests.post(f"{calendar.base}/events/", json=bookings, timeout=10)
    assert posted.status_code == 201, posted.text
    wait_until_counted(calendar)
    profile = f"{calendar.base}/dashboard/hotels/{PEAK_HOTEL}/"
    assert requests.patch(profile, json={"rooms": 20}, timeout=10).status_code == 200
    change_rules(calendar, PEAK_HOTEL, base_price=100)
    page.goto(f"{calendar.base}/pricing/?hotel_id={PEAK_HOTEL}&month={peak:%Y-%m}")
    page.get_by_role("button", name="Take proposals").click()
    offered = page.locator("#proposed-stays li")
    expect(offered).to_contain_text("at least 2 nights. The forecast is")
    look(page, "pricing-stay-proposed")
    offered.get_by_role("button").click()
    expect(offered).to_have_count(0)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Saved")
    expect(page.locator(f"a[data-night='{peak}'] .stay")).to_contain_text("minimum stay 2 nights")
    assert prices_by_night(calendar, PEAK_HOTEL)[str(peak)]["minimum_stay"] == 2
    page.locator(f"a[data-night='{peak}']").click()
    expect(page.locator("#night-shown .stay-of")).to_contain_text("2 nights")


def test_the_new_lists_and_marks_are_accessible_and_fit(calendar: Stack, page: Page) -> None:
    night = first_suggested_night(calendar)
    span = {"first": night, "last": night, "every_year": True}
    change_rules(
        calendar,
        bounds=[{**span, "minimum_price": "80", "weekdays": [4, 5]}],
        minimum_stays=[{**span, "nights": 3}],
        events=[{"first": night, "last": night, "name": "Fair", "factor": 1.2}],
    )
    body = {"hotel_id": HOTEL, "nights": [night], "text": "Marathon"}
    requests.post(f"{calendar.base}/prices/notes/", json=body, timeout=10)
    for view in (f"month={night[:7]}", f"night={night}"):
        page.goto(f"{calendar.base}/pricing/?hotel_id={HOTEL}&{view}")
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            folded = "all => all.forEach(details => { details.open = true })"
            page.locator(".settings, .settings details").evaluate_all(folded)
            page.wait_for_timeout(200)
            look(page, f"pricing-rules-{width}-{view[:5]}")
            if view.startswith("month"):
                page.locator("[data-rows=bounds]").scroll_into_view_if_needed()
                look(page, f"pricing-rules-{width}-lists")
            assert serious_violations(page) == []
            assert not is_wider_than_window(page)
            page.locator("main").evaluate("main => scrollTo(0, 0)")


def test_country_and_region_are_chosen_beside_the_events(calendar: Stack, page: Page) -> None:
    profile = f"{calendar.base}/dashboard/hotels/{HOTEL}/"
    requests.patch(profile, json={"country": None, "region": None}, timeout=10)
    page.goto(f"{calendar.base}/pricing/?hotel_id={HOTEL}")
    unfold(page, "Events")
    expect(page.locator("#region option")).to_have_count(1)
    expect(page.locator("#country option[value=DE]")).to_have_text("DE · Germany")
    page.get_by_label("Country of the hotel").select_option("DE")
    page.get_by_label("Region", exact=True).select_option("BY")
    page.get_by_role("button", name="Set the country").click()
    expect(page.locator("#done")).to_contain_text("proposals include its public holidays")
    expect(page.locator("#settings")).to_contain_text("the public holidays of DE, BY")
    expect(page.get_by_label("Region", exact=True)).to_have_value("BY")
    saved = requests.get(profile, timeout=10).json()
    assert (saved["country"], saved["region"]) == ("DE", "BY")
    assert not serious_violations(page)
    page.get_by_label("Country of the hotel").select_option("")
    expect(page.get_by_label("Region", exact=True)).to_have_value("")
    page.get_by_role("button", name="Set the country").click()
    expect(page.locator("#done")).to_contain_text("no public holidays are proposed")
    saved = requests.get(profile, timeout=10).json()
    assert (saved["country"], saved["region"]) == (None, None)
