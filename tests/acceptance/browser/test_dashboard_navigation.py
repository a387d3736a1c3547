"""The dashboard page: choosing a view, links and Back, opening a month, chart, tables, keyboard."""

import csv
import re

import requests
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.browser.dashboard_page import (
    bar_centre,
    chosen_options,
    read_out,
    shown_figure,
)
from tests.acceptance.conftest import Stack
from tests.excel_files import excel_rows


def test_a_choice_is_in_the_address_and_back_undoes_it(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1")
    assert chosen_options(page) == ["2025", "Month", "Booking date"]
    page.get_by_role("link", name="2024").click()
    expect(page).to_have_url(re.compile("year=2024"))
    page.get_by_role("link", name="Night of stay").click()
    expect(page).to_have_url(re.compile("basis=stay"))
    page.get_by_role("link", name="Day", exact=True).click()
    expect(page).to_have_url(re.compile("period=day"))
    page.get_by_label("Hotel", exact=True).select_option("2")
    expect(page).to_have_url(re.compile("hotel_id=2"))
    assert chosen_options(page)[1:] == ["Day", "Night of stay"]
    net = shown_figure(page, "net")
    page.go_back()
    expect(page.get_by_label("Hotel", exact=True)).to_have_value("1")
    assert chosen_options(page) == ["2024", "Day", "Night of stay"]
    page.go_back()
    expect(page.locator("#choose [aria-current]").nth(1)).to_have_text("Month")
    page.go_forward()
    page.go_forward()
    expect(page.get_by_label("Hotel", exact=True)).to_have_value("2")
    assert shown_figure(page, "net") == net


def test_a_link_shows_the_same_view_in_another_browser(
    stack: Stack, page: Page, browser: Browser
) -> None:
    page.goto(f"{stack.base}/?hotel_id=1")
    page.get_by_role("link", name="2024").click()
    expect(page).to_have_url(re.compile("year=2024"))
    page.get_by_role("link", name="Night of stay").click()
    expect(page).to_have_url(re.compile("basis=stay"))
    other = browser.new_page()
    other.goto(page.url)
    assert chosen_options(other) == chosen_options(page) == ["2024", "Month", "Night of stay"]
    assert other.locator("#rows-table").inner_text() == page.locator("#rows-table").inner_text()
    assert other.title() == page.title() == "Hotel 1 · 2024 · RoomPriceGenie"
    other.close()


def test_the_rows_as_csv_excel_and_json_are_the_same_rows(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2024&basis=stay&month=2&period=day")
    shown = page.locator("#rows-table tbody td:nth-child(2) data").evaluate_all(
        "d => d.map(x => +x.value)"
    )
    href = page.get_by_role("link", name="JSON", exact=True).get_attribute("href")
    rows = requests.get(f"{stack.base}{href}", timeout=10).json()
    assert [row["booking_count"] for row in rows] == shown
    links = page.locator("#table .table-links")
    with page.expect_download() as download:
        links.get_by_role("link", name="CSV", exact=True).click()
    assert download.value.suggested_filename.endswith("Figures 2024-02.csv")
    rows_of_csv = list(csv.DictReader(download.value.path().open(encoding="utf-8-sig")))
    assert [int(row["Net room-nights"]) for row in rows_of_csv] == shown
    with page.expect_download() as download:
        links.get_by_role("link", name="Excel", exact=True).click()
    rows_of_excel = excel_rows(download.value.path())[:-1]  # without the total
    assert [row["Net room-nights"] for row in rows_of_excel] == shown


def test_a_month_of_the_chart_opens_its_days(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    page.locator("#chart").scroll_into_view_if_needed()
    page.mouse.click(*bar_centre(page, 6))
    expect(page).to_have_url(re.compile("month=7&period=day"))
    expect(page.locator("#rows-table tbody tr")).to_have_count(31)
    expect(page.locator("#chart-title")).to_have_text("Room-nights by day, July 2025")
    page.get_by_role("link", name="Next month").click()
    expect(page.locator("#chart-title")).to_contain_text("August 2025")
    page.get_by_role("link", name="All of 2025").click()
    expect(page.locator("#rows-table tbody tr")).to_have_count(12)
    page.go_back()
    expect(page.locator("#chart-title")).to_contain_text("August 2025")


def test_calendar_and_table_open_a_month_too(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    page.locator("td[data-day='2025-03-14']").click()
    expect(page).to_have_url(re.compile("month=3&period=day"))
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    page.locator("#rows-table").get_by_role("link", name="May 2025").click()
    expect(page).to_have_url(re.compile("month=5&period=day"))


def test_hovering_shows_exact_numbers(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    page.locator("td[data-day='2025-03-14']").scroll_into_view_if_needed()
    page.wait_for_timeout(200)  # scrolling hides the tooltip
    page.locator("td[data-day='2025-03-14']").hover()
    net = page.locator("td[data-day='2025-03-14']").get_attribute("data-net")
    # Of a hotel whose rooms another test saved, the occupancy follows.
    exact = re.compile(rf"^Fri, Mar 14, 2025: {net}( \(|$)")
    expect(page.get_by_role("tooltip")).to_have_text(exact)
    page.locator("#chart").scroll_into_view_if_needed()
    page.mouse.move(*bar_centre(page, 4))
    lines = page.evaluate(
        "Chart.getChart(document.querySelector('#chart canvas')).tooltip.body.map(b => b.lines[0])"
    )
    assert (
        lines[0]
        == "Gross: " + page.locator("#rows-table tbody tr").nth(4).locator("td").nth(1).inner_text()
    )


def test_a_year_of_days_zooms_and_scrolls(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay&period=day")
    span = """(() => { const chart = Chart.getChart(document.querySelector("#chart canvas"));
                       return [chart.scales.x.min, chart.scales.x.max]; })()"""
    assert page.evaluate(span) == [0, 364]
    page.get_by_role("button", name="31 days").click()
    assert page.evaluate(span) == [334, 364]
    page.get_by_label("First day in the chart").fill("31")
    assert page.evaluate(span) == [31, 61]
    x, y = bar_centre(page, 45)
    page.locator("#chart").scroll_into_view_if_needed()
    x, y = bar_centre(page, 45)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 200, y, steps=5)
    page.mouse.up()
    assert page.evaluate(span)[0] > 31
    assert "month" not in page.url, "a drag is no click"


def test_everything_can_be_reached_by_keyboard(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    order = []
    for _ in range(60):
        page.keyboard.press("Tab")
        order.append(
            page.evaluate(
                "(document.activeElement.id || document.activeElement.textContent).trim()"
            )
        )
        if order[-1] == "chart":
            break
    assert [text for text in order if text in ("2024", "Month", "Night of stay", "chart")] == [
        "2024", "Month", "Night of stay", "chart",
    ]  # fmt: skip
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    cells = page.locator("#rows-table tbody tr").nth(1).locator("td").all_inner_texts()
    assert read_out(page).startswith(
        f"February 2025: Gross {cells[1]}, Cancelled {cells[2]}, On the books {cells[0]}"
    )
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("month=2&period=day"))
    expect(page.get_by_role("application", name="Chart")).to_be_focused()
    while page.evaluate("!document.activeElement.dataset.day"):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.day") == "2025-01-09"
    expect(page.get_by_role("tooltip")).to_contain_text("Jan 9, 2025")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("month=1&period=day"))


def test_a_table_is_sorted_by_its_column_heads(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    head = page.locator("#rows-table thead th").nth(2)
    values = "d => d.map(x => +x.value)"
    column = page.locator("#rows-table tbody td:nth-child(3) data")
    in_time = column.evaluate_all(values)
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert column.evaluate_all(values) == sorted(in_time, reverse=True)
    expect(head).to_have_attribute("aria-sort", "descending")
    page.keyboard.press("Enter")
    assert column.evaluate_all(values) == sorted(in_time)
    page.locator("#rows-table thead th").first.get_by_role("button").click()
    assert column.evaluate_all(values) == in_time


def test_a_measure_is_chosen_for_the_whole_page(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2024&basis=stay")
    page.get_by_role("link", name="Revenue").click()
    expect(page).to_have_url(re.compile("show=revenue"))
    expect(page.locator("#chart-title")).to_have_text("Revenue by month, 2024 (EUR)")
    page.get_by_role("link", name="2025").click()
    expect(page.locator("#chart-title")).to_have_text("Revenue by month, 2025 (EUR)")
    heads = page.locator("#rows-table thead th").all_inner_texts()
    column = next(n for n, head in enumerate(heads) if head.startswith("Revenue, EUR"))
    may = page.locator("#rows-table tbody tr").nth(4)
    chart = page.get_by_role("application", name="Chart")
    chart.focus()
    for key in ("Home", *["ArrowRight"] * 4):
        page.keyboard.press(key)
    assert read_out(page).startswith(
        f"May 2025: On the books {may.locator('td').nth(column - 1).inner_text()}"
    )
    square = page.locator("#heat td[data-day='2025-05-10']")
    square.scroll_into_view_if_needed()
    page.wait_for_timeout(200)  # scrolling hides the tooltip
    square.hover()
    expect(page.get_by_role("tooltip")).to_have_text(
        re.compile(r"May 10, 2025: [\d,]+\.\d\d \(\d+ room-nights\)")
    )
    page.get_by_role("link", name="Room-nights", exact=True).last.click()
    expect(page.locator("#chart-title")).to_have_text("Room-nights by month, 2025")
    assert "show" not in page.url
    chart.focus()
    page.keyboard.press("Home")
    assert "Gross" in read_out(page)


def test_the_chart_has_pace_as_three_lines_that_its_legend_shows(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.base}/?hotel_id=1&year=2025&basis=stay")
    chart = page.get_by_role("application", name="Chart")
    expect(chart).to_have_attribute("aria-roledescription", "chart")
    lines = page.evaluate(
        """(() => { const chart = Chart.getChart(document.querySelector("#chart canvas"));
           return chart.legend.legendItems.filter(item => item.pointStyle === "line").map(item =>
             [item.text, item.lineDash, chart.data.datasets[item.datasetIndex].borderDash ?? []]);
        })()"""
    )
    assert [name for name, *_ in lines] == [
        "On the books", "Same time last year", "How last year ended",
    ]  # fmt: skip
    assert all(in_legend == drawn for _, in_legend, drawn in lines)
    assert len({str(drawn) for *_, drawn in lines}) == 3, "told apart without their colours"
    pace = page.locator("#pace-table tbody tr").nth(4).locator("td").all_inner_texts()
    chart.focus()
    for key in ("Home", *["ArrowRight"] * 4):
        page.keyboard.press(key)
    assert read_out(page).endswith(
        f"On the books {pace[0]}, Same time last year {pace[1]}, How last year ended {pace[3]}"
    )
