"""The pricing page in a browser: suggest, accept, override, lock, release, automatic mode."""

import re
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.conftest import Stack, look, running_stack, wait_until_counted

HOTEL = 1
REPRICED = 60_000  # ms; a repricing starts every ten seconds, and the machine is busy
RULES: dict[str, Any] = {
    "mode": "suggest", "base_price": "100", "minimum_price": "10", "maximum_price": "400",
    "price_step": "1", "aggressiveness": 5, "smallest_change_percent": 1, "events": [],
    "largest_change_percent": 90, "largest_day_percent": 100, "changes_per_day": 24,
}  # fmt: skip


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page whose scripts must not fail, nor anything violate the content security policy."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Security" in said.text else None)
    yield page
    assert not wrong


def tell(stack: Stack, hotel: int = HOTEL, **rules: Any) -> None:
    answer = requests.patch(f"{stack.base}/prices/hotels/{hotel}/", json=rules, timeout=30)
    assert answer.status_code == 200, answer.text


def prices(stack: Stack, hotel: int = HOTEL) -> dict[str, dict[str, Any]]:
    rows = requests.get(f"{stack.base}/prices/?hotel_id={hotel}", timeout=20).json()
    return {row["night"]: row for row in rows}


@pytest.fixture
def priced(stack: Stack) -> Stack:
    """A hotel in suggest mode, with a suggestion for each night and no held price."""
    wait_until_counted(stack)
    tell(stack, **RULES)
    rows = prices(stack)
    decided: dict[str, Any] = {"hotel_id": HOTEL, "nights": list(rows)}
    for action, more in (("override", {"price": "77"}), ("release", {})):
        body = {**decided, "action": action, **more}
        answer = requests.post(f"{stack.base}/prices/decisions/", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
    return stack


def suggested(stack: Stack) -> str:
    return next(night for night, row in prices(stack).items() if row["state"] == "suggested")


def opened(stack: Stack, page: Page, night: str) -> None:
    """Click a night of the calendar."""
    page.goto(f"{stack.base}/pricing/?hotel_id={HOTEL}&month={night[:7]}")
    page.locator(f"a[data-night='{night}']").click()
    expect(page.locator("#price-now")).to_be_visible()


def until(what: Callable[[], bool]) -> None:
    give_up = time.monotonic() + REPRICED / 1000
    while not what():
        assert time.monotonic() < give_up
        time.sleep(0.3)


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {one['nodes'][0]['html']}"
        for one in found if one["impact"] in ("serious", "critical")
    ]  # fmt: skip


# --- first setup ---------------------------------------------------------------------------------


def test_a_hotel_without_prices_gets_some(stack: Stack, page: Page) -> None:
    wait_until_counted(stack)
    page.goto(f"{stack.base}/pricing/?hotel_id=2")
    expect(page.locator("#new")).to_contain_text("Hotel 2 has no prices yet")
    look(page, "pricing-new")
    assert serious(page) == []
    page.get_by_role("button", name="Make prices").click()
    expect(page.locator("#new .wrong").first).to_contain_text("valid number")
    page.get_by_label("Base price").fill("120")
    page.get_by_label("Currency").fill("CHF")
    page.get_by_role("button", name="Make prices").click()
    expect(page.locator("a.cell").first).to_be_visible()
    rows = prices(stack, 2)
    assert len(rows) == 365
    assert {row["currency"] for row in rows.values()} == {"CHF"}
    page.get_by_role("button", name="Take proposals").click()
    expect(page.locator("#done")).to_contain_text("not saved")
    expect(page.locator("#preview")).to_contain_text("nights change")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Saved")
    told = requests.get(f"{stack.base}/prices/hotels/2/", timeout=10).json()
    proposed = requests.get(f"{stack.base}/prices/hotels/2/proposal/", timeout=10).json()
    assert told["weekday_factors"] == proposed["weekday_factors"]
    assert told["target_occupancy"] == proposed["target_occupancy"]


# --- decisions -----------------------------------------------------------------------------------


def test_a_suggestion_is_accepted(priced: Stack, page: Page) -> None:
    night = suggested(priced)
    row = prices(priced)[night]
    opened(priced, page, night)
    look(page, "pricing-night")
    expect(page.locator("#night-shown")).to_contain_text(row["sentence"])
    expect(page.locator("#night-shown .factors tbody tr")).to_have_count(6)
    assert (
        page.evaluate(
            "Chart.getChart(document.querySelector('#curve canvas')).data.datasets.length"
        )
        == 7
    )
    page.locator("#decide [value=accept]").click()
    expect(page.locator(".state-of")).to_have_text("in force")
    now = prices(priced)[night]
    assert now["price"] == now["recommended"] == row["recommended"]
    expect(page.locator("#night-shown .decisions li").first).to_contain_text("Accepted")
    page.keyboard.press("Escape")
    cell = page.locator(f"a[data-night='{night}']")
    expect(cell).to_be_focused()
    expect(cell).to_have_attribute("data-price", row["recommended"])
    assert "night=" not in page.url


def test_a_price_is_set_by_hand_and_held_until_released(priced: Stack, page: Page) -> None:
    night = suggested(priced)
    opened(priced, page, night)
    page.get_by_label("Price, 10 to 400").fill("4000")
    page.get_by_role("button", name="Set and hold").click()
    expect(page.locator("#decide-wrong")).to_contain_text("must lie between 10.00 and 400.00 EUR")
    expect(page.get_by_label("Price, 10 to 400")).to_be_focused()
    assert prices(priced)[night]["state"] != "held"
    page.get_by_label("Price, 10 to 400").fill("212")
    page.get_by_label("Reason, kept with the decision").fill("<b>Wedding</b>")
    page.get_by_role("button", name="Set and hold").click()
    expect(page.locator("#price-now")).to_have_text("212")
    expect(page.locator(".state-of")).to_have_text("held by a person")
    expect(page.locator("#night-shown .decisions li").first).to_contain_text("<b>Wedding</b>")
    now = prices(priced)[night]
    assert (now["price"], now["state"]) == ("212.00", "held")
    expect(page.locator(f"a[data-night='{night}'] .lock")).to_have_count(1)
    page.get_by_role("button", name="Release").click()
    expect(page.locator(".state-of")).to_have_text("suggested")
    assert prices(priced)[night]["state"] == "suggested"


def test_a_price_is_locked_and_released(priced: Stack, page: Page) -> None:
    night = suggested(priced)
    opened(priced, page, night)
    page.get_by_role("button", name="Lock 77").click()
    expect(page.locator(".state-of")).to_have_text("held by a person")
    now = prices(priced)[night]
    assert (now["price"], now["state"]) == ("77.00", "held")
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_role("button", name="Lock 77")).to_be_visible()
    assert prices(priced)[night]["state"] == "suggested"


def test_what_is_recommended_otherwise_by_now_is_not_accepted(priced: Stack, page: Page) -> None:
    night = suggested(priced)
    opened(priced, page, night)
    page.get_by_label("Reason, kept with the decision").fill(
        "x"
    )  # a form that is being edited is not refreshed
    before = prices(priced)[night]
    tell(priced, base_price="150")
    page.locator("#decide [value=accept]").click()
    after = prices(priced)[night]
    assert after["recommended"] != before["recommended"]
    expect(page.locator("#decide-wrong")).to_contain_text(
        f"Not accepted: the recommended price is now {after['recommended']}"
    )
    assert after["price"] == before["price"]
    page.locator("#decide [value=accept]").click()
    expect(page.locator(".state-of")).to_have_text("in force")
    assert prices(priced)[night]["price"] == after["recommended"]


def test_all_suggestions_of_a_month(priced: Stack, page: Page) -> None:
    month = suggested(priced)[:7]
    waiting = [
        night for night, row in prices(priced).items()
        if night.startswith(month) and row["state"] == "suggested"
    ]  # fmt: skip
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={month}")
    page.locator("#accept-all").click()
    expect(page.get_by_role("dialog")).to_contain_text(
        "price of 1 night" if len(waiting) == 1 else f"prices of {len(waiting)} nights"
    )
    page.get_by_role("button", name="Not now").click()
    assert prices(priced)[waiting[0]]["state"] == "suggested"
    page.locator("#accept-all").click()
    page.get_by_role("button", name="Accept them").click()
    expect(page.locator("#done")).to_contain_text("accepted")
    expect(page.locator("#accept-all")).to_have_count(0)
    rows = prices(priced)
    assert {rows[night]["state"] for night in waiting} == {"in force"}


# --- settings ------------------------------------------------------------------------------------


def test_a_change_is_seen_before_it_is_saved(priced: Stack, page: Page) -> None:
    before = prices(priced)
    night = suggested(priced)
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={night[:7]}")
    page.get_by_label("Base price").fill("170")
    cell = page.locator(f"a[data-night='{night}'] .would")
    old = float(before[night]["recommended"])
    expect(cell).to_contain_text(re.compile(rf"{old:g} → \d+"))
    expect(page.locator("#preview")).to_contain_text("Not saved")
    look(page, "pricing-preview")
    assert serious(page) == []
    assert {n: row["recommended"] for n, row in prices(priced).items()} == {
        n: row["recommended"] for n, row in before.items()
    }
    page.get_by_label("Base price").fill("9000")
    expect(page.locator("#settings .wrong:visible").first).to_contain_text("must ascend")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_label("Base price")).to_have_value("100.00")
    expect(page.locator("#preview")).to_be_hidden()
    expect(page.locator("#settings .wrong:visible")).to_have_count(0)


def test_an_event_is_told_in_a_row(priced: Stack, page: Page) -> None:
    night = suggested(priced)
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={night[:7]}")
    page.get_by_text("Events", exact=True).click()
    page.get_by_role("button", name="Add an event").click()
    row = page.locator("[data-rows=events] .row").first
    row.get_by_label("Name").fill("Fair <i>")
    row.get_by_label("Factor").fill("2")
    row.get_by_label("First night").fill(night)
    row.get_by_label("Last night").fill(str(date.fromisoformat(night) - timedelta(days=1)))
    expect(page.locator("[data-wrong=events]")).to_contain_text("row 1: comes before the first")
    row.get_by_label("Last night").fill(night)
    expect(page.locator("[data-wrong=events]")).to_be_hidden()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Saved")
    page.locator(f"a[data-night='{night}']").click()
    expect(page.locator("#night-shown .factors")).to_contain_text("Event: Fair <i>")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Remove this row").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Saved")
    expect(page.locator("[data-rows=events] .row")).to_have_count(0)
    told = requests.get(f"{priced.base}/prices/hotels/{HOTEL}/", timeout=10).json()
    assert told["events"] == []


def test_automatic_prices_move_by_themselves(priced: Stack, page: Page) -> None:
    night = suggested(priced)
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={night[:7]}")
    page.get_by_label("Who decides").select_option("automatic")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#done")).to_contain_text("Saved")
    cell = page.locator(f"a[data-night='{night}']")
    expect(cell).not_to_have_class(re.compile("suggested"))
    now = prices(priced)[night]
    assert now["price"] == now["recommended"]
    today = date.fromisoformat(night) - timedelta(days=now["days_before"])
    bookings = [
        {
            "hotel_id": HOTEL, "status": 1, "event_timestamp": f"{today}T23:30:00Z",
            "room_reservation_id": str(uuid.uuid4()), "night_of_stay": night,
        }
        for _ in range(5)
    ]  # fmt: skip
    posted = requests.post(f"{priced.base}/events/", json=bookings, timeout=10)
    assert posted.status_code == 201, posted.text
    until(lambda: float(prices(priced)[night]["price"]) > float(now["price"]))
    expect(cell).not_to_have_attribute("data-price", now["price"], timeout=REPRICED)
    cell.click()
    expect(page.locator("#night-shown .decisions li").first).to_contain_text("automatic")
    look(page, "pricing-automatic")


# --- permissions ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def closed() -> Iterator[Stack]:
    with running_stack(API_AUTH="required", RATE_PER_KEY="0", RATE_PER_ADDRESS="0") as running:
        users = (
            "from django.contrib.auth.models import User, Permission; "
            "from accounts.models import HotelAccess; "
            "from pricing_service.decisions.automatic_pricing import reprice; "
            "from pricing_service.rules.pricing_rules import save_rules; "
            "from decimal import Decimal; "
            "make = lambda n: User.objects.create_user(n, password='long-and-right-1'); "
            "mia, tom = make('mia'), make('tom'); "
            "[HotelAccess.objects.create(user=u, hotels='2') for u in (mia, tom)]; "
            "tom.user_permissions.add(Permission.objects.get(codename='change_nightprice')); "
            "save_rules(2, {'base_price': Decimal(100)}); reprice(2)"
        )
        made = running.manage("shell", "-v0", "-c", users)
        assert made.returncode == 0, made.stderr
        yield running


def log_in(stack: Stack, page: Page, name: str) -> None:
    page.goto(f"{stack.base}/pricing/?hotel_id=2")
    expect(page.locator("h1")).to_have_text("Log in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill("long-and-right-1")
    page.keyboard.press("Enter")
    expect(page.locator("#calendar")).to_be_visible()


def test_who_may_only_read_sees_no_actions(closed: Stack, page: Page) -> None:
    log_in(closed, page, "mia")
    expect(page.locator("#base_price")).to_be_disabled()
    for gone in ("#save", "#propose", "#accept-all"):
        expect(page.locator(gone)).to_have_count(0)
    page.locator("a.cell").last.click()
    expect(page.locator("#price-now")).to_be_visible()
    expect(page.locator("#decide")).to_have_count(0)
    assert serious(page) == []
    assert page.goto(f"{closed.base}/pricing/?hotel_id=1").status == 403  # type: ignore[union-attr]


def test_who_may_set_prices_is_named_with_the_decision(closed: Stack, page: Page) -> None:
    log_in(closed, page, "tom")
    page.locator("a.cell").last.click()
    page.get_by_label("Price,", exact=False).fill("111")
    page.get_by_role("button", name="Set and hold").click()
    expect(page.locator("#price-now")).to_have_text("111")
    expect(page.locator("#night-shown .decisions li").first).to_contain_text("tom")


# --- accessibility -------------------------------------------------------------------------------


def test_without_script_prices_and_reasons_are_there(priced: Stack, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    night = suggested(priced)
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={night[:7]}")
    cell = page.locator(f"a[data-night='{night}']")
    expect(cell).to_contain_text("77")
    cell.click()
    expect(page.locator("#night-shown")).to_contain_text(prices(priced)[night]["sentence"])
    page.get_by_role("link", name="Close").click()
    page.get_by_role("link", name="The month after").click()
    expect(page.locator("a.cell").first).to_be_visible()
    context.close()


def test_nights_by_keyboard(priced: Stack, page: Page) -> None:
    page.goto(f"{priced.base}/pricing/?hotel_id={HOTEL}&month={suggested(priced)[:7]}")
    cells = page.locator("a.cell")
    first, eighth = (cells.nth(n).get_attribute("data-night") for n in (0, 8))
    page.locator("a.cell[tabindex='0']").focus()
    for key in ("Home", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.dataset.night") == eighth != first
    page.keyboard.press("Enter")
    expect(page.locator("#night-title")).to_be_focused()
    page.get_by_role("link", name="The night before").click()
    expect(page).to_have_url(re.compile(f"night={cells.nth(7).get_attribute('data-night')}"))
    page.go_back()
    expect(page).to_have_url(re.compile(f"night={eighth}"))
    page.go_back()
    expect(page.locator("#night")).not_to_be_visible()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 320)])
def test_nobody_is_shut_out(priced: Stack, browser: Browser, scheme: Any, width: int) -> None:
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    night = suggested(priced)
    found: list[str] = []
    for view in ("", f"?hotel_id={HOTEL}&night={night}", "?hotel_id=999999", "?month=x"):
        page.goto(f"{priced.base}/pricing/{view}")
        unfold = "found => found.forEach(one => { one.open = true })"
        page.locator(".settings, .settings details").evaluate_all(unfold)
        page.wait_for_timeout(200)
        look(page, f"pricing-{scheme}-{width}-{len(view)}")
        found += [f"{view} {one}" for one in serious(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{view} reaches out")
    page.close()
    assert found == []
