"""A closed system, from outside: keys, logins, its own API schema, and no secrets in its log.

The pages of users who may do little are here too, because they need a closed system.
"""

import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.acceptance.browser.page_checks import no_page_errors, serious_violations
from tests.acceptance.conftest import Stack, look, running_stack

pytestmark = pytest.mark.long

ABILITIES = ("write_events", "read_events", "read_dashboard", "change_hotels")


@pytest.fixture(scope="module")
def closed() -> Iterator[Stack]:
    """`make run API_AUTH=required`; its sample is counted, so the services accept each other."""
    with running_stack(API_AUTH="required", RATE_PER_KEY="0", RATE_PER_ADDRESS="0") as running:
        yield running


@pytest.fixture(scope="module")
def users(closed: Stack) -> None:
    """Make mia, who may see hotel 2, and tom, who may set its prices as well."""
    make = (
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
    made = closed.manage("shell", "-v0", "-c", make)
    assert made.returncode == 0, made.stderr


def key(stack: Stack, *arguments: str, may: tuple[str, ...] = ABILITIES) -> dict[str, str]:
    """Create a key and return the header that sends it."""
    abilities = [part for ability in may for part in ("--may", ability)]
    made = stack.manage("create_api_key", "test", *arguments, *abilities)
    assert made.returncode == 0, made.stderr
    return {"Authorization": f"Bearer {made.stdout.strip()}"}


def event(hotel: int) -> dict[str, Any]:
    return {
        "hotel_id": hotel, "status": 1, "event_timestamp": "2025-12-31T23:00:00Z",
        "room_reservation_id": str(uuid.uuid4()), "night_of_stay": "2025-05-09",
    }  # fmt: skip


def test_figures_move_in_a_closed_system(closed: Stack) -> None:
    assert requests.get(f"{closed.base}/dashboard/?hotel_id=1", timeout=10).status_code == 401
    mine = key(closed, "--hotels", "1")

    def gross() -> int:
        rows = requests.get(
            f"{closed.base}/dashboard/?hotel_id=1&period=year&basis=stay", headers=mine, timeout=10
        ).json()
        return sum(row["gross_booking_count"] for row in rows)

    before = gross()
    assert before > 1000
    posted = requests.post(f"{closed.base}/events/", json=event(1), headers=mine, timeout=10)
    assert posted.status_code == 201
    foreign = [event(1), event(2)]
    refused = requests.post(f"{closed.base}/events/", json=foreign, headers=mine, timeout=10)
    assert refused.status_code == 403
    give_up = time.monotonic() + 30
    while gross() == before:
        assert time.monotonic() < give_up, "the event did not reach the dashboard"
        time.sleep(0.1)
    assert gross() == before + 1


def test_the_commands_work_with_the_services_key(closed: Stack) -> None:
    for command in ("pipeline_status", "check_dashboard"):
        done = closed.manage(command)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "0 differences" in done.stdout


@pytest.mark.usefixtures("users")
def test_a_user_logs_in_and_sees_their_hotels_alone(closed: Stack, page: Page) -> None:
    page.goto(f"{closed.base}/?hotel_id=2&basis=stay&year=2025")
    expect(page.locator("h1")).to_have_text("Log in")
    look(page, "login")
    page.get_by_label("Name").fill("mia")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    page.get_by_label("Name").fill("mia")
    page.get_by_label("Password").fill("long-and-right-1")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("hotel_id=2&basis=stay&year=2025"))
    assert page.locator("#hotel option").all_inner_texts() == ["Hotel 2"]
    gross = int(page.locator("#figure-gross data").get_attribute("value") or 0)
    expect(page.locator("#fresh-state")).to_have_text("All events counted")
    everything = key(closed, "--all-hotels")
    posted = requests.post(f"{closed.base}/events/", json=event(2), headers=everything, timeout=10)
    assert posted.status_code == 201
    shown = page.locator("#figure-gross data")
    expect(shown).to_have_attribute("value", str(gross + 1), timeout=20_000)
    assert page.goto(f"{closed.base}/?hotel_id=1").status == 403  # type: ignore[union-attr]
    look(page, "not-yours")
    page.goto(f"{closed.base}/")
    expect(page).to_have_url(re.compile(r"/morning\?hotel_id=2$"))
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("h1")).to_have_text("Log in")
    page.goto(f"{closed.base}/")
    expect(page.locator("h1")).to_have_text("Log in")


def test_a_page_whose_login_ended_asks_for_it_again(closed: Stack, page: Page) -> None:
    password = (closed.data_dir / "admin_password").read_text().strip()
    page.goto(f"{closed.base}/?hotel_id=1")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    expect(page.locator("#figure-net")).to_be_visible()
    page.context.clear_cookies()
    expect(page.locator("h1")).to_have_text("Log in", timeout=20_000)


def test_swagger_s_authorize_takes_a_key(closed: Stack, page: Page) -> None:
    shown = key(closed, "--all-hotels")["Authorization"]
    page.goto(f"{closed.base}/swagger/")
    page.locator("button.authorize").first.click()
    page.locator(".auth-container input[type=text]").fill(shown)
    page.locator(".auth-btn-wrapper button.authorize").click()
    page.locator(".auth-btn-wrapper button.btn-done").click()
    operation = page.locator("#operations-events-events_create")
    operation.locator(".opblock-summary").first.click()
    operation.locator(".try-out__btn").click()
    operation.locator(".execute").click()
    status = operation.locator(".live-responses-table .response-col_status").last
    expect(status).to_have_text(re.compile("^20[01]"))


def test_swagger_takes_a_login(closed: Stack, page: Page) -> None:
    page.goto(f"{closed.base}/swagger/")
    page.get_by_role("link", name="Django Login").click()
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill((closed.data_dir / "admin_password").read_text().strip())
    page.keyboard.press("Enter")
    page.wait_for_url("**/swagger/")
    operation = page.locator("#operations-events-events_create")
    operation.locator(".opblock-summary").first.click()
    operation.locator(".try-out__btn").click()
    operation.locator(".execute").click()
    status = operation.locator(".live-responses-table .response-col_status").last
    expect(status).to_have_text(re.compile("^20[01]"))


@pytest.fixture
def clean_page(page: Page) -> Iterator[Page]:
    """A page without script errors or violations of the content security policy."""
    with no_page_errors(page):
        yield page


def log_in(stack: Stack, page: Page, name: str) -> None:
    page.goto(f"{stack.base}/pricing/?hotel_id=2")
    expect(page.locator("h1")).to_have_text("Log in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill("long-and-right-1")
    page.keyboard.press("Enter")
    expect(page.locator("#calendar")).to_be_visible()


@pytest.mark.usefixtures("users")
def test_a_user_who_may_only_read_sees_no_actions(closed: Stack, clean_page: Page) -> None:
    page = clean_page
    log_in(closed, page, "mia")
    expect(page.locator("#base_price")).to_be_disabled()
    for gone in ("#save", "#propose", "#accept-all"):
        expect(page.locator(gone)).to_have_count(0)
    page.locator("a.cell").last.click()
    expect(page.locator("#price-now")).to_be_visible()
    expect(page.locator("#decide")).to_have_count(0)
    assert serious_violations(page) == []
    assert page.goto(f"{closed.base}/pricing/?hotel_id=1").status == 403  # type: ignore[union-attr]


@pytest.mark.usefixtures("users")
def test_a_user_who_may_set_prices_is_named_with_the_decision(
    closed: Stack, clean_page: Page
) -> None:
    page = clean_page
    log_in(closed, page, "tom")
    page.locator("a.cell").last.click()
    page.get_by_label("Price,", exact=False).fill("111")
    page.get_by_role("button", name="Set and hold").click()
    expect(page.locator("#price-now")).to_have_text("111")
    expect(page.locator("#night-shown .decisions li").first).to_contain_text("tom")


@pytest.mark.thorough
@pytest.mark.parametrize("who", ["nobody", "a key for all"])
def test_the_server_keeps_its_own_schema(closed: Stack, tmp_path: Path, who: str) -> None:
    """Schemathesis sends all that the schema allows and much that it does not.

    It expects no server error, no status and no response shape that the schema does not name, and
    no endpoint open without a key.
    """
    headers = {"X-Nobody": "1"} if who == "nobody" else key(closed, "--all-hotels")
    [(name, value)] = headers.items()
    program = Path(sys.executable).parent / "schemathesis"
    checks = (
        "not_a_server_error,status_code_conformance,content_type_conformance,"
        "response_schema_conformance,ignored_auth"
    )
    done = subprocess.run(
        [str(program), "run", f"{closed.base}/swagger.json", "-H", f"{name}: {value}",
         "-c", checks, "--phases", "examples,coverage,fuzzing", "--max-examples", "8",
         "--warnings", "off", "--no-color"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:]
    paths = requests.get(f"{closed.base}/swagger.json", timeout=10).json()["paths"].values()
    operations = sum(len(methods.keys() - {"parameters"}) for methods in paths)
    assert f"Tested: {operations}" in done.stdout


def test_the_log_holds_no_secret(closed: Stack) -> None:
    shown = key(closed, "--hotels", "1")["Authorization"].removeprefix("Bearer ")
    requests.get(
        f"{closed.base}/dashboard/?hotel_id=2",
        headers={"Authorization": f"Bearer {shown}"},
        timeout=10,
    )
    log = closed.log.read_text()
    password = (closed.data_dir / "admin_password").read_text().strip()
    service = (closed.data_dir / "service_api_key").read_text().strip()
    for secret in (shown.partition(".")[2], service.partition(".")[2]):
        assert secret not in log
    first = f"password {password} (kept in"  # the only line that may contain it, at the first start
    assert log.count(password) == log.count(first) == 1
