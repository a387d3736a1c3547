"""Ten minutes of a newcomer: from an empty system to the first prices, in the browser alone.

The real hotel's reservations are played, moved to today: a quarter of them each time, as of a hotel
of 48 rooms, and all by `make test-long`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.browser.moved_reservations import write_moved
from tests.acceptance.browser.page_checks import THOROUGH, problems
from tests.acceptance.conftest import PRICED_NIGHTS, Stack, look, running_stack, wait_until_counted

HOTEL = 1
LOAD_MS = 180_000  # of 39,676 reservations, on a busy machine


@pytest.fixture
def empty_stack() -> Iterator[Stack]:
    with running_stack(sample=False) as running:
        yield running


@pytest.mark.parametrize(("every", "rooms"), [(4, 48), pytest.param(1, 190, marks=THOROUGH)])
def test_from_nothing_to_the_first_prices(
    empty_stack: Stack, page: Page, shared_data: Path, tmp_path: Path, every: int, rooms: int
) -> None:
    export = tmp_path / "Reservas ñ 2026.csv"
    count = write_moved(shared_data, export, every)
    base = empty_stack.base
    page.goto(f"{base}/")
    page.get_by_role("link", name="Begin: upload your reservations").click()
    expect(page.locator("#step-data")).to_have_class("next")
    assert problems(page, "first-steps-empty") == []
    page.get_by_role("link", name="Upload a file").click()
    assert problems(page, "upload-choose") == []
    page.get_by_label("The file").set_input_files(export)
    page.get_by_role("button", name="Upload and check").click()

    expect(page.get_by_role("heading", name="Check the columns")).to_be_visible()
    expect(page.locator("#preview tbody tr")).to_have_count(5)
    expect(page.get_by_label("Reservation number")).to_contain_text("Reservation")
    assert problems(page, "upload-columns") == []
    page.get_by_label("Room type").select_option("")
    expect(page.locator("#preview tbody tr").first).to_contain_text("\N{EN DASH}")
    page.get_by_label("Room type").select_option(label="Room type")
    expect(page.locator("#preview tbody tr").first).to_contain_text("Direct")
    page.get_by_role("button", name="Load the file").click()

    expect(page.get_by_role("heading", name="The file is loaded")).to_be_visible(timeout=LOAD_MS)
    expect(page.locator("#upload-shown")).to_contain_text(f"{count:,}")
    assert problems(page, "upload-done") == []
    page.get_by_role("link", name="Next: about your hotel").click()

    expect(page.locator("#step-data")).to_have_class("done", timeout=LOAD_MS)
    page.get_by_label("Name of the hotel").fill("Quinta do Mar 🌊")
    page.get_by_label("Time zone").select_option("Europe/Lisbon")
    page.get_by_label("Country").select_option("PT")
    page.get_by_role("button", name="Save the hotel").click()
    expect(page.locator("#step-hotel")).to_have_class("done")
    typed = page.get_by_label("Rooms for sale on an ordinary night")
    typed.fill("many")
    page.get_by_role("button", name="Save the rooms").click()
    expect(page.locator("#step-rooms .wrong:visible")).to_contain_text("is not a number")
    typed.fill(f"{rooms}")
    page.get_by_role("button", name="Save the rooms").click()
    expect(page.locator("#step-rooms")).to_have_class("done")
    assert problems(page, "first-steps-prices") == []
    proposed = page.get_by_label("Base price", exact=True).input_value()
    assert 50 <= float(proposed) <= 200
    page.get_by_role("button", name="Make prices").click()
    expect(page.locator("#step-base")).to_have_class("done", timeout=LOAD_MS)

    prices = page.locator("#step-prices")
    expect(prices).to_contain_text(f"The coming {PRICED_NIGHTS} nights are priced", timeout=LOAD_MS)
    assert problems(page, "first-steps-done") == []
    profile = requests.get(f"{base}/dashboard/hotels/{HOTEL}/", timeout=30).json()
    assert (profile["time_zone"], profile["country"], profile["rooms"]) == (
        "Europe/Lisbon", "PT", rooms,
    )  # fmt: skip
    rules = requests.get(f"{base}/prices/hotels/{HOTEL}/", timeout=30).json()
    assert rules["mode"] == "suggest"
    assert len(rules["room_types"]) > 3
    prices.get_by_role("link", name="See all prices and why").click()
    expect(page.locator("#calendar")).to_contain_text("EUR")

    page.get_by_role("link", name="Settings", exact=True).click()
    page.get_by_role("button", name="Add a closed season").click()
    row = page.locator("[data-fixed] .row")
    row.get_by_label("First night").fill("2027-01-10")
    row.get_by_label("Last night").fill("2027-01-05")
    page.get_by_role("button", name="Save the rooms").click()
    expect(page.locator("#settings-rooms .wrong:visible")).to_contain_text("lies before")
    row.get_by_label("Last night").fill("2027-01-20")
    page.get_by_role("button", name="Save the rooms").click()
    expect(page.locator("#settings-rooms .result")).to_have_text("Saved.")
    assert problems(page, "settings") == []
    profile = requests.get(f"{base}/dashboard/hotels/{HOTEL}/", timeout=30).json()
    assert profile["rooms_by_date"] == [{"first": "2027-01-10", "last": "2027-01-20", "rooms": 0}]


def test_the_steps_in_german_once_german_is_chosen(stack: Stack, page: Page) -> None:
    """From counted bookings to the first prices, and the hotel's own language with them."""
    hotel, today = 4841, datetime.now(UTC).date()
    bookings = [
        {
            "hotel_id": hotel, "status": 1, "rate": "120.00", "currency": "EUR",
            "night_of_stay": str(today - timedelta(days=number % 30)),
            "event_timestamp": f"{today - timedelta(days=number % 30 + 1)}T09:{number:02}:00Z",
            "room_reservation_id": str(uuid5(NAMESPACE_OID, f"german steps {number}")),
        }
        for number in range(60)
    ]  # fmt: skip
    requests.post(f"{stack.base}/events/", json=bookings, timeout=30).raise_for_status()
    wait_until_counted(stack)
    page.goto(f"{stack.base}/first-steps/?hotel_id={hotel}")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("heading", name="Erste Schritte")).to_be_visible()
    page.get_by_label("Name des Hotels").fill("Zur Post")
    page.get_by_label("Zeitzone").select_option("Europe/Vienna")
    expect(page.get_by_label("Land").locator("option[value=AT]")).to_contain_text("Österreich")
    page.get_by_role("button", name="Hotel speichern").click()
    expect(page.locator("#step-hotel")).to_have_class("done")
    expect(page.locator("#step-hotel .result")).to_have_text("Gespeichert.")
    page.get_by_label("Verkäufliche Zimmer in einer gewöhnlichen Nacht").fill("")
    page.get_by_role("button", name="Zimmer speichern").click()
    expect(page.locator("#step-rooms .wrong:visible")).to_have_text("wird benötigt")
    page.get_by_label("Verkäufliche Zimmer in einer gewöhnlichen Nacht").fill("10")
    page.get_by_role("button", name="Zimmer speichern").click()
    expect(page.locator("#step-rooms")).to_have_class("done")
    expect(page.get_by_label("Basispreis", exact=True)).to_have_value("120")
    page.get_by_role("button", name="Preise berechnen").click()
    expect(page.locator("#step-prices")).to_contain_text("Nächte haben Preise", timeout=60_000)
    profile = requests.get(f"{stack.base}/dashboard/hotels/{hotel}/", timeout=30).json()
    assert (profile["name"], profile["language"]) == ("Zur Post", "de")
    look(page, "first-steps-german")
    page.goto(f"{stack.base}/settings/?hotel_id={hotel}")
    expect(page.get_by_label("Sprache")).to_have_value("de")
    people = page.get_by_role("link", name="Personen dieses Hotels")
    expect(people).to_have_attribute("href", f"/people?hotel_id={hotel}")


def test_a_file_is_uploaded_and_loaded_without_a_script(stack: Stack, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{stack.base}/upload/?hotel_id=4721")
    page.get_by_label("The file").set_input_files(
        {
            "name": "export.csv",
            "mimeType": "text/csv",
            "buffer": b"Booking no;Status;Created;Arrival;Nights\n1;ok;2026-01-01;2026-05-01;2\n",
        }
    )
    page.get_by_role("button", name="Upload and check").click()
    expect(page.locator("#preview tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Load the file").click()
    expect(page.get_by_role("heading", name="The file is loaded")).to_be_visible(timeout=60_000)
    context.close()
