"""The report of a month, its print and that of the pages, its files, and links that show it."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.browser.page_checks import is_wider_than_window, problems, serious_violations
from tests.acceptance.conftest import Stack, look
from tests.excel_files import excel_rows

REPORT = "/dashboard/report/?hotel_id=1&year=2025&month=7"
PAPER_PX = 718  # of A4 without margins, at 96 pixels an inch


@pytest.mark.parametrize("path", [REPORT, "/dashboard/links/?hotel_id=1"])
def test_a_page_is_accessible_and_fits_the_window(stack: Stack, page: Page, path: str) -> None:
    page.goto(f"{stack.base}{path}")
    assert problems(page, f"report-and-links-{len(path)}") == []


def test_the_report_on_paper(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}{REPORT}")
    expect(page.get_by_role("button", name="Print or save as PDF")).to_be_visible()
    pdf = page.pdf(format="A4")
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 2 <= pages <= 6
    page.set_viewport_size({"width": PAPER_PX, "height": 1000})
    page.emulate_media(media="print")
    for hidden in (".report-tools", ".links", ".report-foot"):
        expect(page.locator(hidden).first).to_be_hidden()
    assert not is_wider_than_window(page)
    for table in page.locator("table.rows").all():
        assert table.evaluate(
            "t => getComputedStyle(t.tHead).display === 'table-header-group'"
            " && [...t.rows].every(row => getComputedStyle(row).breakInside === 'avoid')"
        )
    look(page, "report-on-paper")


def test_without_script_the_report_is_whole(stack: Stack, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{stack.base}{REPORT}")
    expect(page.locator("#days-table tbody tr")).to_have_count(31)
    expect(page.locator(".report-chart rect.bar")).to_have_count(31)
    expect(page.locator("#print")).to_be_hidden()
    context.close()


def test_a_printed_page_cuts_nothing_and_lays_nothing_over_another(
    stack: Stack, page: Page
) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    expect(page.locator("#chart canvas")).to_be_visible()
    page.pdf(format="A4")  # the chart is drawn for paper
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER_PX, "height": 1000})
    canvas, section = (
        page.locator(place).evaluate("e => e.getBoundingClientRect().right")
        for place in ("#chart canvas", "#chart-section")
    )
    assert canvas <= section, "December is on the paper"
    positions = page.locator(".rows :is(th, td)").evaluate_all(
        "cells => [...new Set(cells.map(cell => getComputedStyle(cell).position))]"
    )
    assert positions == ["static"], "no row stays behind where another is"
    heads = page.locator(".rows thead button").evaluate_all(
        "all => [...new Set(all.map(button => getComputedStyle(button).display))]"
    )
    assert heads == ["contents"], "else the heads are not on every page"


def test_a_table_of_the_report_as_excel(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}{REPORT}")
    shown = page.locator("#days-table tbody td:nth-child(2) data").evaluate_all(
        "all => all.map(x => +x.value)"
    )
    days = page.locator("section", has=page.locator("#days-table"))
    with page.expect_download() as download:
        days.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename.endswith("Figures 2025-07.xlsx")
    rows = excel_rows(download.value.path())[:-1]  # without the total
    assert [row["Net room-nights"] for row in rows] == shown


def test_a_link_shows_the_report_until_it_is_revoked(
    stack: Stack, page: Page, browser: Browser
) -> None:
    page.goto(f"{stack.base}{REPORT}")
    page.get_by_role("link", name="Read-only links").click()
    page.get_by_label("Valid for").select_option("1")
    page.get_by_label("For whom or what").fill("the tax adviser, of this test")
    page.get_by_role("button", name="Make the link").click()
    address = page.get_by_label("Link", exact=True).input_value()
    assert serious_violations(page) == []

    context = browser.new_context()
    reader = context.new_page()
    reader.goto(address)
    expect(reader.locator("header")).to_contain_text("by a read-only link")
    reader.locator("header nav a").first.click()
    expect(reader.locator("#days-table")).to_be_visible()
    with reader.expect_download() as download:
        reader.get_by_role("link", name="CSV").last.click()
    assert "Pickup" in download.value.suggested_filename

    page.get_by_role("row", name="the tax adviser, of this test").get_by_role("button").click()
    expect(page.get_by_text("the tax adviser, of this test")).to_have_count(0)
    response = reader.goto(address)
    assert response
    assert response.status == 410
    expect(reader.locator("h1")).to_have_text("This link is not valid any more")
    context.close()
