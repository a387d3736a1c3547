"""Helpers of the tests of the dashboard page: what it shows, and events that change it."""

import uuid

import requests
from playwright.sync_api import Page

from tests.acceptance.conftest import Stack

# The page promises two seconds; this allows for a machine that does other things.
RENEWED_MS = 20_000


def post_event(
    stack: Stack, hotel: int = 1, day: str = "2025-12-31", night: str = "2026-01-02"
) -> None:
    """Post one booking of a night, made on a day."""
    response = requests.post(
        f"{stack.base}/events/",
        json={
            "hotel_id": hotel, "status": 1, "event_timestamp": f"{day}T23:00:00Z",
            "room_reservation_id": str(uuid.uuid4()), "night_of_stay": night,
        },
        timeout=10,
    )  # fmt: skip
    assert response.status_code == 201, response.text


def shown_figure(page: Page, name: str) -> float:
    """Return the exact value of a card: gross, cancelled, net, rate or occupancy."""
    value = page.locator(f"#figure-{name} data").get_attribute("value")
    assert value is not None
    return float(value)


def chosen_options(page: Page) -> list[str]:
    """Return the chosen year, period and basis."""
    return page.locator("#choose nav:not([aria-label=Show]) [aria-current]").all_inner_texts()


def read_out(page: Page) -> str:
    """Return what the chart says of the row that was chosen by keyboard."""
    return page.locator("#chart-read").text_content() or ""


def bar_centre(page: Page, index: int) -> tuple[float, float]:
    """Return the position of a bar of the chart in the window, in pixels."""
    x, y = page.evaluate(
        """index => { const canvas = document.querySelector("#chart canvas"),
           place = Chart.getChart(canvas).getDatasetMeta(0).data[index],
           box = canvas.getBoundingClientRect();
           return [box.left + place.x, box.top + (place.y + place.base) / 2]; }""",
        index,
    )
    return x, y
