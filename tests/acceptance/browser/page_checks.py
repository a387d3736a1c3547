"""What the tests of all pages check: accessibility, no errors of scripts, nothing wider than the
window.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from tests.acceptance.conftest import look

# A table's rows are all written by one loop: the first ones are checked. The year of days has 365.
REPEATED_ROWS = [
    *([f"#{table} tbody tr:nth-of-type(n+15)"] for table in ("rows-table", "pickup-table")),
    ["#strip-table tbody tr:nth-of-type(n+15)"],
    ["ol.strip > li:nth-of-type(n+15)"],
    ["#time_zone option:nth-of-type(n+5)"],
    ["#country option:nth-of-type(n+5)"],
]


@contextmanager
def no_page_errors(page: Page) -> Iterator[None]:
    """Check afterwards that no script failed or violated the content security policy."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if "Security" in line.text else None)
    yield
    assert not errors


CONTRAST = "color-contrast"  # takes as long as all other rules together


def serious_violations(page: Page, *only: str, besides: str = "") -> list[str]:
    """Return the serious and critical accessibility problems that axe finds on the page.

    Args:
        only: the rules to check; by default all.
        besides: a rule that is not checked.
    """
    options: dict[str, Any] = {"resultTypes": ["violations"]}  # else each passed element is told
    if only:
        options["runOnly"] = list(only)
    if besides:
        options["rules"] = {besides: {"enabled": False}}
    context = {"exclude": [rows for rows in REPEATED_ROWS if page.locator(rows[0]).count()]}
    violations = Axe().run(page, context=context, options=options).response["violations"]
    return [
        f"{violation['id']}: {violation['help']}: {violation['nodes'][0]['html']}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
    ]


PHONE_PX = 390
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
DRAWN_MS = 200  # a chart follows its window
SETTLED_WITHIN_S = 3
IS_WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# The language with the longest words is looked at each time, the others by `make test-long`.
THOROUGH = [pytest.mark.long, pytest.mark.thorough]
EACH_LANGUAGE = ["de", *(pytest.param(code, marks=THOROUGH) for code in ("en", "fr", "it", "es"))]


def problems(page: Page, name: str, phone_px: int = PHONE_PX) -> list[str]:
    """Return what axe finds in both themes, and on a phone, and where the page is too wide.

    Args:
        name: of the pictures.
    """
    page.set_viewport_size(DESKTOP)
    page.wait_for_timeout(DRAWN_MS)
    found = serious_violations(page)
    found += ["too wide"] if is_wider_than_window(page) else []
    look(page, name)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {one}" for one in serious_violations(page, CONTRAST)]  # nothing else changes
    look(page, f"{name}-dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": phone_px, "height": 900})
    page.wait_for_timeout(DRAWN_MS)
    found += [f"phone: {one}" for one in serious_violations(page, besides=CONTRAST)]
    found += ["too wide for a phone"] if is_wider_than_window(page) else []
    look(page, f"{name}-phone")
    page.set_viewport_size(DESKTOP)
    return [f"{name}: {problem}" for problem in found]


def is_wider_than_window(page: Page) -> bool:
    """Return whether the page can be scrolled sideways, once it has followed its window.

    A chart draws itself anew some moments after the window has another width.
    """
    for _ in range(SETTLED_WITHIN_S * 10):
        if not page.evaluate(IS_WIDER):
            return False
        page.wait_for_timeout(100)
    return True
