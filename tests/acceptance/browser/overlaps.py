"""Which texts and controls of a page cover each other."""

from pathlib import Path

from playwright.sync_api import Page

FIND_OVERLAPS = Path(__file__).with_suffix(".js").read_text()


def overlaps(page: Page) -> list[str]:
    """Return pairs of elements whose texts or boxes cover each other."""
    return [str(pair) for pair in page.evaluate(FIND_OVERLAPS)]
