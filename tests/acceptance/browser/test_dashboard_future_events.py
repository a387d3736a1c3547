"""The dashboard page of a hotel east of Greenwich whose booking system writes local times."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from playwright.sync_api import Page, expect

from tests.acceptance.browser.dashboard_page import RENEWED_MS, shown_figure
from tests.acceptance.conftest import Stack

HEADER = "hotel_id,status,event_timestamp,night_of_stay,room_reservation_id"
READ_AS_UTC, READ_AS_LOCAL = 7101, 7102  # hotels of this file only
HOURS_AHEAD = 14  # of the time zone, which has no summer time


def load_booking_of_an_hour_ago(stack: Stack, folder: Path, hotel: int, *options: str) -> str:
    """Load a file as the hotel's system writes it; return the load's report."""
    now = datetime.now(UTC)
    local = now + timedelta(hours=HOURS_AHEAD - 1)
    night = (now + timedelta(days=30)).date()
    path = folder / f"{hotel}.csv"
    path.write_text(f"{HEADER}\n{hotel},1,{local:%Y-%m-%d %H:%M:%S},{night},{uuid.uuid4()}\n")
    load = stack.manage("trigger_load_events", str(path), "--wait", *options)
    assert load.returncode == 0, load.stderr
    return load.stdout


def test_the_page_says_that_events_are_dated_in_the_future_unless_they_were_loaded_as_local_times(
    stack: Stack, page: Page, tmp_path: Path
) -> None:
    assert "1 events are dated in the future" in load_booking_of_an_hour_ago(
        stack, tmp_path, READ_AS_UTC
    )
    page.goto(f"{stack.base}/?hotel_id={READ_AS_UTC}&basis=stay")
    notice = page.locator("#future-events")
    expect(notice).to_contain_text("1 event is dated in the future and already on the books")
    expect(notice).to_contain_text("--timezone")
    assert shown_figure(page, "net") == 1

    requests.patch(
        f"{stack.base}/dashboard/hotels/{READ_AS_LOCAL}/",
        json={"time_zone": "Pacific/Kiritimati"}, timeout=10,
    ).raise_for_status()  # fmt: skip
    report = load_booking_of_an_hour_ago(stack, tmp_path, READ_AS_LOCAL, "--timezone", "hotel")
    assert f"local times in Pacific/Kiritimati (hotel {READ_AS_LOCAL})" in report
    assert "future" not in report
    page.goto(f"{stack.base}/?hotel_id={READ_AS_LOCAL}&basis=stay")
    expect(page.locator("#figure-net data")).to_have_attribute("value", "1", timeout=RENEWED_MS)
    expect(notice).to_have_count(0)
