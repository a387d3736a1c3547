"""The five steps of connecting a booking system, against an emulated Mews on a whole stack."""

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, expect

from connections.tests.emulator_server import Faults, serve
from connections.tests.hotel_life import HotelLife
from connections.tests.mews_emulator import ACCESS_TOKEN, CLIENT_TOKEN, MewsEmulator
from tests.acceptance.browser.page_checks import problems
from tests.acceptance.conftest import Stack, running_stack

HOTEL = 77
IMPORT_MS = 60_000


@pytest.fixture
def life() -> HotelLife:
    life = HotelLife(seed=4)
    life.happen(150)
    return life


@pytest.fixture
def mews(life: HotelLife) -> Iterator[str]:
    faults = Faults(seed=2, broken=0.02, slow=0.05, retry_after="0", too_many=0.02)
    with serve(MewsEmulator(life).answer, faults) as address:
        yield address


@pytest.fixture
def empty_stack(mews: str) -> Iterator[Stack]:
    with running_stack(sample=False, CONNECTION_ADDRESSES=mews) as running:
        yield running


def test_five_steps(empty_stack: Stack, mews: str, life: HotelLife, page: Page) -> None:
    page.goto(f"{empty_stack.base}/connections/?hotel_id={HOTEL}")
    assert problems(page, "connections-access") == []
    page.get_by_label("Where it is").first.select_option(mews)
    page.get_by_label("Client token").fill(CLIENT_TOKEN)
    page.get_by_label("Access token").first.fill("wrong")
    page.get_by_role("button", name="Sign in to Mews").click()
    expect(page.get_by_role("alert")).to_contain_text("did not let us in")
    page.get_by_label("Where it is").first.select_option(mews)
    page.get_by_label("Client token").fill(CLIENT_TOKEN)
    page.get_by_label("Access token").first.fill(ACCESS_TOKEN)
    page.get_by_role("button", name="Sign in to Mews").click()
    expect(page.get_by_text("Hotel Connector").first).to_be_visible()
    page.get_by_role("button", name="Save the choice").click()
    expect(page.get_by_label("The rate that has our prices")).to_be_visible()
    page.get_by_role("button", name="Save the choice").click()
    assert problems(page, "connections-start") == []
    page.get_by_label("Years of history").fill("1")
    page.get_by_label("Send our prices").check()
    page.get_by_role("button", name="Start").click()
    assert problems(page, "connections-import") == []

    connected = page.get_by_text("Connected. All changes were read")
    for _ in range(IMPORT_MS // 1000):
        if connected.count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(connected).to_be_visible()
    assert problems(page, "connections-connected") == []
    on_the_books = len(life.on_the_books())
    url = f"{empty_stack.base}/dashboard/performance/?hotel_id={HOTEL}&period=year"
    for _ in range(30):
        rows = requests.get(url, timeout=10).json()
        if sum(row["room_nights"] for row in rows) == on_the_books:
            break
        page.wait_for_timeout(1000)
    assert sum(row["room_nights"] for row in rows) == on_the_books

    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped: nothing is read")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Check now").click()
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("button", name="Sign in to Mews")).to_be_visible()
