"""The pictures of prices in docs/: `python -m tests.documentation_pictures` makes them anew.

It starts a stack of its own with a simulated hotel whose history ends now, tells it rules and two
prices as a person would, and takes the month calendar and an opened night with Chromium. Nothing is
left running.
"""

import csv
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import requests
from playwright.sync_api import Page, ViewportSize, expect

from tests.acceptance.conftest import ROOT, Stack, chromium, running_stack, wait_until_counted

HOTEL, ROOMS = 1, 30
HISTORY_YEARS = 2
WINDOW: Final[ViewportSize] = {"width": 1280, "height": 900}
NIGHT_WINDOW: Final[ViewportSize] = {"width": 1280, "height": 1120}  # down to the booking curve
RULES: dict[str, Any] = {
    "mode": "suggest", "base_price": "110", "minimum_price": "66", "maximum_price": "275",
    "price_step": "1",
}  # fmt: skip
PROPOSED = ("month_factors", "weekday_factors")  # from the hotel's history


def main() -> None:
    """Make the pictures. Raises: whatever goes wrong on the way; the old pictures stay then."""
    month = _month_of_the_pictures()
    with running_stack(sample=False) as stack:
        _load_history(stack)
        _tell_rules(stack, month)
        with chromium() as browser:
            page = browser.new_page(viewport=WINDOW, locale="en-US")
            _take_pictures(stack, page, month)


def _month_of_the_pictures() -> date:
    """Return the first day of the next month, all of whose nights are to come."""
    return (datetime.now(UTC).date().replace(day=1) + timedelta(days=31)).replace(day=1)


def _load_history(stack: Stack) -> None:
    """Load the events of a simulated hotel up to the present minute."""
    now = datetime.now(UTC)
    nights = (
        f"--from={now.date() - timedelta(days=365 * HISTORY_YEARS)}",
        f"--to={now.date() + timedelta(days=365)}",
    )
    with tempfile.TemporaryDirectory() as folder:
        simulated, past = Path(folder, "simulated.csv"), Path(folder, "past.csv")
        _run(stack, "simulate_events", "--hotels=1", f"--rooms={ROOMS}", *nights,
             f"--output={simulated}")  # fmt: skip
        with simulated.open(newline="") as source, past.open("w", newline="") as target:
            rows = csv.DictReader(source)
            writer = csv.DictWriter(target, rows.fieldnames or ())
            writer.writeheader()
            until = f"{now:%Y-%m-%d %H:%M:%S}"
            writer.writerows(
                row for row in rows if row["event_timestamp"].replace("T", " ") < until
            )
        _run(stack, "trigger_load_events", "--wait", str(past))
    wait_until_counted(stack)


def _tell_rules(stack: Stack, month: date) -> None:
    """Tell the hotel's rooms, rules from its proposals, a minimum stay, and hold two nights."""
    rules = f"{stack.base}/prices/hotels/{HOTEL}/"
    _call("PATCH", f"{stack.base}/dashboard/hotels/{HOTEL}/", name="Seaside", rooms=ROOMS)
    proposal = _call("GET", f"{rules}proposal/")
    factors = {name: proposal[name] for name in PROPOSED}
    weekends = {"first": f"{month}", "last": f"{month + timedelta(days=27)}", "weekdays": [5]}
    _call("PATCH", rules, **RULES, **factors, minimum_stays=[{**weekends, "nights": 2}])
    decision = {"hotel_id": HOTEL, "action": "override", "price": "140", "reason": "Concert"}
    nights = [f"{month + timedelta(days=number)}" for number in (4, 18)]
    _call("POST", f"{stack.base}/prices/decisions/", **decision, nights=nights)


def _take_pictures(stack: Stack, page: Page, month: date) -> None:
    address = f"{stack.base}/pricing/?hotel_id={HOTEL}&month={month:%Y-%m}"
    page.goto(address)
    expect(page.locator("a[data-night]")).not_to_have_count(0)
    page.screenshot(path=ROOT / "docs" / "pricing.png")
    page.set_viewport_size(NIGHT_WINDOW)
    page.goto(f"{address}&night={month + timedelta(days=11)}")
    expect(page.locator("#price-now")).to_be_visible()
    page.wait_for_function("Chart.getChart(document.querySelector('#curve canvas'))")
    page.mouse.move(0, 0)
    page.screenshot(path=ROOT / "docs" / "pricing-night.png")


def _run(stack: Stack, *arguments: str) -> None:
    done = stack.manage(*arguments)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: {done.stdout}{done.stderr}")


def _call(method: str, address: str, **body: Any) -> dict[str, Any]:
    response = requests.request(method, address, json=body or None, timeout=60)
    if not response.ok:
        sys.exit(f"{method} {address}: {response.status_code} {response.text}")
    answer: dict[str, Any] = response.json()
    return answer


if __name__ == "__main__":
    main()
