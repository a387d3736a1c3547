"""What the tests of all pages check: accessibility, and that nothing is wider than the window."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# A table's rows are all written by one loop: the first ones are checked. The year of days has 365.
REPEATED_ROWS = [
    [f"#{table} tbody tr:nth-of-type(n+15)"] for table in ("rows-table", "pickup-table")
]


def serious_violations(page: Page) -> list[str]:
    """Return the serious and critical accessibility problems that axe finds on the page."""
    context = {"exclude": [rows for rows in REPEATED_ROWS if page.locator(rows[0]).count()]}
    violations = Axe().run(page, context=context).response["violations"]
    return [
        f"{violation['id']}: {violation['help']}: {violation['nodes'][0]['html']}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
    ]


def is_wider_than_window(page: Page) -> bool:
    """Return whether the page can be scrolled sideways."""
    return bool(
        page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    )
