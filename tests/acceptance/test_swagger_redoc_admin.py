"""Swagger, whose "Try it out" works, Redoc and the admin in a browser."""

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.acceptance.conftest import Stack, look, wait_until_counted

pytestmark = pytest.mark.browser


def try_out(page: Page, operation: str) -> None:
    page.locator(f"#{operation} .opblock-summary").first.click()
    page.locator(f"#{operation} .try-out__btn").click()


def execute(page: Page, operation: str) -> str:
    page.locator(f"#{operation} .execute").click()
    status = page.locator(f"#{operation} .live-responses-table .response-col_status").last
    expect(status).to_be_visible()
    return status.inner_text()


def test_swagger_posts_an_event_and_reads_it_back(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/swagger/")
    expect(page.locator("#operations-events-events_create")).to_be_visible()
    look(page, "swagger")
    try_out(page, "operations-events-events_create")
    body = page.locator("#operations-events-events_create textarea").first
    example = body.input_value()
    assert '"hotel_id": 1' in example, "the example is filled in"
    body.fill(example.replace('"hotel_id": 1', '"hotel_id": 4711'))
    assert execute(page, "operations-events-events_create").startswith("201")
    look(page, "swagger-post")
    wait_until_counted(stack)
    try_out(page, "operations-dashboard-dashboard_read")
    page.locator("#operations-dashboard-dashboard_read input[placeholder^=hotel_id]").fill("4711")
    assert execute(page, "operations-dashboard-dashboard_read").startswith("200")
    answer = page.locator(
        "#operations-dashboard-dashboard_read .live-responses-table .highlight-code"
    ).first
    expect(answer).to_contain_text('"booking_count": 1')
    look(page, "swagger-dashboard")


@pytest.mark.parametrize(
    "operation",
    [
        "events-events_list",
        "events-events_feed",
        "events-events_feed_status",
        "dashboard-dashboard_read",
        "dashboard-dashboard_hotels",
        "dashboard-dashboard_status",
    ],
)
def test_a_call_works_as_it_stands(stack: Stack, page: Page, operation: str) -> None:
    page.goto(f"{stack.base}/swagger/")
    try_out(page, f"operations-{operation}")
    assert execute(page, f"operations-{operation}").startswith("200")


def test_the_admin_lists_events_and_figures(stack: Stack, page: Page) -> None:
    password = (stack.data_dir / "admin_password").read_text().strip()
    assert (stack.data_dir / "admin_password").stat().st_mode & 0o777 == 0o600
    page.goto(f"{stack.base}/admin/")
    page.fill("#id_username", "admin")
    page.fill("#id_password", password)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#content-main")).to_contain_text("Login attempts")
    expect(page.locator("#content-main")).not_to_contain_text("Axes")
    look(page, "admin")
    page.click("#content-main >> text=Events")
    expect(page.locator("#result_list tbody tr")).to_have_count(100)
    look(page, "admin-events")
    expect(page.locator("#content .addlink")).to_have_count(0)
    page.click("#changelist-filter >> text=Hotel 2")
    expect(page.locator("td.field-hotel_id").first).to_have_text("2")
    page.locator("#result_list tbody tr th a").first.click()
    expect(page.locator("input[name=_save]")).to_have_count(0)
    page.goto(f"{stack.base}/admin/dashboard_service/dashboarddata/?q=2")
    assert page.locator("#result_list tbody tr").count() > 50
    look(page, "admin-figures")


def test_the_admin_finds_a_reservation(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/admin/login/?next=/admin/data_provider/event/")
    page.fill("#id_username", "admin")
    page.fill("#id_password", (stack.data_dir / "admin_password").read_text().strip())
    page.get_by_role("button", name="Log in").click()
    cells = page.locator("td.field-reservation")
    expect(cells).to_have_count(100)
    reservation = cells.first.inner_text()
    page.fill("#searchbar", reservation)
    page.press("#searchbar", "Enter")
    page.wait_for_url("**q=**")
    reservations = cells.all_inner_texts()
    assert reservations
    assert set(reservations) == {reservation}


def test_the_example_of_a_decision_works_when_it_is_pressed(stack: Stack, page: Page) -> None:
    wait_until_counted(stack)
    # Its prices are of today, whatever day another test of the same stack tried.
    rules = {"base_price": "100", "minimum_price": "50", "maximum_price": "200", "try_as_of": None}
    answer = requests.patch(f"{stack.base}/prices/hotels/1/", json=rules, timeout=30)
    answer.raise_for_status()
    page.goto(f"{stack.base}/swagger/")
    try_out(page, "operations-prices-prices_decide")
    assert execute(page, "operations-prices-prices_decide").startswith("200")


def test_redoc_draws_the_api_and_asks_nobody_else(stack: Stack, page: Page) -> None:
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if "Security" in line.text else None)
    page.goto(f"{stack.base}/redoc/")
    expect(page.locator("h1")).to_contain_text("RoomPriceGenie")
    expect(page.locator("h2 >> text=Follow all events, each exactly once")).to_be_visible()
    look(page, "redoc")
    page.wait_for_timeout(500)
    assert refused == []
    assert page.locator("img[src^=http]").count() == 0
