"""The pricing page in a closed system: a user sees and does what their rights allow."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.browser.page_checks import serious_violations
from tests.acceptance.conftest import Stack, running_stack


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


def test_a_user_who_may_only_read_sees_no_actions(closed: Stack, page: Page) -> None:
    log_in(closed, page, "mia")
    expect(page.locator("#base_price")).to_be_disabled()
    for gone in ("#save", "#propose", "#accept-all"):
        expect(page.locator(gone)).to_have_count(0)
    page.locator("a.cell").last.click()
    expect(page.locator("#price-now")).to_be_visible()
    expect(page.locator("#decide")).to_have_count(0)
    assert serious_violations(page) == []
    assert page.goto(f"{closed.base}/pricing/?hotel_id=1").status == 403  # type: ignore[union-attr]


def test_a_user_who_may_set_prices_is_named_with_the_decision(closed: Stack, page: Page) -> None:
    log_in(closed, page, "tom")
    page.locator("a.cell").last.click()
    page.get_by_label("Price,", exact=False).fill("111")
    page.get_by_role("button", name="Set and hold").click()
    expect(page.locator("#price-now")).to_have_text("111")
    expect(page.locator("#night-shown .decisions li").first).to_contain_text("tom")
