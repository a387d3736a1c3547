"""The pictures in docs/: `make pictures` makes them anew.

It starts a stack of its own with the demonstration hotels as of today, waits until they are priced,
and photographs the pages with Chromium as a visitor sees them. Nothing is left running.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import requests
from playwright.sync_api import Browser, Page

from tests.acceptance.conftest import (
    ROOT,
    WHOLE,
    Stack,
    chromium,
    running_stack,
    wait_until_counted,
)

HOTEL = 1  # of the demonstration
DESKTOP, TALL, PHONE = (1280, 900), (1280, 1120), (390, 844)  # pixels
PATIENCE_SECONDS = 180  # for the demonstration to be loaded, counted and priced


@dataclass(frozen=True)
class Picture:
    """A picture: the file's name without its ending, the page's address, and how it is looked at.

    Attributes:
        begins_at: the selector of what stands at the picture's top; None: the page's top.
    """

    name: str
    address: str
    size: tuple[int, int] = DESKTOP
    theme: Literal["light", "dark"] = "light"
    begins_at: str | None = None


def pictures(now: datetime) -> list[Picture]:
    """Return the pictures as of a day: this year's figures, and next month's prices."""
    next_month = (now.date().replace(day=1) + timedelta(days=31)).replace(day=1)
    figures = f"/?hotel_id={HOTEL}&basis=stay&year={now.year}"
    month = f"{figures}&period=day&month={now.month}&show=occupancy"
    prices = f"/pricing/?hotel_id={HOTEL}&month={next_month:%Y-%m}"
    return [
        Picture("morning", f"/morning/?hotel_id={HOTEL}", TALL),
        Picture("hotels", "/hotels/"),
        Picture("dashboard", figures),
        Picture("dashboard-pace", figures, begins_at="#breakdown"),
        Picture("dashboard-dark", month, theme="dark"),
        Picture("dashboard-phone", figures, PHONE),
        Picture("pricing", prices),
        Picture("pricing-night", f"{prices}&night={next_month + timedelta(days=11)}", TALL),
    ]


def main() -> None:
    """Make the pictures. Raises: whatever goes wrong on the way; those made so far stay."""
    with running_stack(sample=False, SAMPLE="1", **WHOLE) as stack:
        _wait_until(lambda: (stack.data_dir / "sample").exists())
        wait_until_counted(stack)
        _wait_until(lambda: all(_prices(stack, hotel) for hotel in (1, 2)))
        with chromium() as browser:
            for picture in pictures(datetime.now(UTC)):
                _take(stack, browser, picture)
                print(f"docs/{picture.name}.png", flush=True)


def _wait_until(is_so: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > give_up:
            raise TimeoutError("the demonstration is not loaded and priced in time")
        time.sleep(0.5)


def _prices(stack: Stack, hotel: int) -> list[dict[str, Any]]:
    response = requests.get(f"{stack.base}/prices/", {"hotel_id": hotel}, timeout=60)
    rows: list[dict[str, Any]] = response.json() if response.ok else []
    return rows


def _take(stack: Stack, browser: Browser, picture: Picture) -> None:
    width, height = picture.size
    page = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme=picture.theme, locale="en-GB"
    )
    try:
        response = page.goto(f"{stack.base}{picture.address}", wait_until="networkidle")
        if response is None or not response.ok:
            raise RuntimeError(f"{picture.address} cannot be photographed: {response}")
        _wait_for_charts(page)
        if picture.begins_at:
            page.locator(picture.begins_at).evaluate("part => part.scrollIntoView()")
        page.mouse.move(0, 0)  # no tooltip
        page.screenshot(path=ROOT / "docs" / f"{picture.name}.png")
    finally:
        page.close()


def _wait_for_charts(page: Page) -> None:
    page.wait_for_function(
        "[...document.querySelectorAll('canvas')].every(canvas => Chart.getChart(canvas))"
    )
    page.wait_for_timeout(500)  # the charts' animation


if __name__ == "__main__":
    main()
