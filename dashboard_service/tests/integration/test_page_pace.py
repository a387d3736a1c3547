"""Pace in the page's chart and table: three lines, and no comparison with what is not known."""

import json
from typing import Any

import pytest
from django.test import Client

from dashboard_service.hotel_profiles import update_profile
from dashboard_service.tests.page_helpers import count_events, get_page, visible_text

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["dashboard_service", "pricing_service"]),
]

RECORDS_BEGIN = ("2021-01-01T10:00:00", "2022-01-01", 1, 1)
EVENTS = [
    ("2023-05-01T10:00:00", "2023-07-07", 1, 2),
    ("2023-06-20T10:00:00", "2023-07-07", 1, 3),
    ("2023-07-05T10:00:00", "2023-07-07", 1, 5),  # after the same time last year
    ("2024-06-01T10:00:00", "2024-07-05", 1, 9),  # the same weekday: 364 days later
    ("2024-06-30T10:00:00", "2024-07-05", 2, 1),
]
STAY = "?hotel_id=7&year=2024&basis=stay"


def chart_of(client: Client, query: str) -> dict[str, Any]:
    """Return the values of each of the chart's series, by its name."""
    html = get_page(client, query)
    text = html.partition('id="chart-data"')[2].partition(">")[2].partition("</script>")[0]
    return {line["name"]: line["values"] for line in json.loads(text)["series"]}


def part(html: str, tag: str, name: str) -> str:
    """Return the text of an element of the page."""
    return visible_text(html.partition(f'<{tag} id="{name}"')[2].partition(f"</{tag}>")[0])


class TestLines:
    @pytest.fixture(autouse=True)
    def _events(self) -> None:
        count_events(RECORDS_BEGIN, *EVENTS)

    def test_by_month(self, client: Client) -> None:
        chart = chart_of(client, STAY)
        assert list(chart) == [
            "Gross", "Cancelled", "On the books", "Same time last year", "How last year ended",
        ]  # fmt: skip
        july = [chart[name][6] for name in list(chart)[2:]]
        assert july == [8, 5, 10]

    @pytest.mark.parametrize(("month", "row"), [("&month=7", 4), ("", 31 + 29 + 31 + 30 + 31 + 34)])
    def test_by_night_the_same_weekday_is_compared(
        self, client: Client, month: str, row: int
    ) -> None:
        chart = chart_of(client, f"{STAY}&period=day{month}")
        assert [chart[name][row] for name in list(chart)[2:]] == [8, 5, 10]
        assert chart["How last year ended"][row + 2] == 0, "7 July is no Friday this year"

    def test_the_table_below_has_the_same_nights(self, client: Client) -> None:
        html = get_page(client, f"{STAY}&period=day&month=7")
        rows = part(html, "section", "table")
        assert "the same weekday 364 days earlier, how it ended" in rows
        friday = rows.partition("Fri 5 Jul 2024")[2].partition("Sat")[0]
        assert friday.strip().endswith("10")

    def test_of_another_measure(self, client: Client) -> None:
        update_profile(7, rooms=10)
        chart = chart_of(client, f"{STAY}&period=day&month=7&show=occupancy")
        assert {name: values[4] for name, values in chart.items()} == {
            "On the books": 0.8, "Same time last year": 0.5, "How last year ended": 1.0,
        }  # fmt: skip

    def test_by_day_of_booking_there_is_no_pace(self, client: Client) -> None:
        chart = chart_of(client, "?hotel_id=7&year=2024")
        assert list(chart) == ["Gross", "Cancelled", "Net", "Net a year before"]


class TestRecordsThatBeginLate:
    def test_within_the_compared_month_it_has_no_line_and_no_difference(
        self, client: Client
    ) -> None:
        count_events(*EVENTS)
        html = get_page(client, STAY)
        chart = chart_of(client, STAY)
        assert list(chart)[2:] == ["On the books"], "all that is known of last year is a part"
        why = "The records of last year's nights begin on 7 Jul 2023"
        assert why in part(html, "p", "chart-note")
        pace = part(html, "section", "pace")
        assert why in pace
        july = pace.partition("July 2024")[2].partition("August")[0]
        assert july.strip() == "85 in part\N{EN DASH}10 in part"

    def test_before_the_compared_months_is_said_where_the_lines_begin(self, client: Client) -> None:
        count_events(("2022-01-01T10:00:00", "2023-07-01", 1, 1), *EVENTS)
        html = get_page(client, STAY)
        chart = chart_of(client, STAY)
        assert chart["How last year ended"][5:7] == [None, 11]
        for place in (part(html, "p", "chart-note"), part(html, "section", "pace")):
            assert "The records of last year's nights begin on 1 Jul 2023" in place
        assert "nothing to compare" in part(
            get_page(client, "?hotel_id=7&year=2023&basis=stay"), "section", "pace"
        )

    def test_after_the_same_time_what_was_on_the_books_is_unknown_and_not_nothing(
        self, client: Client
    ) -> None:
        count_events(*EVENTS[2:], ("2023-07-05T10:00:00", "2023-06-01", 1, 1))
        html = get_page(client, STAY)
        pace = part(html, "section", "pace")
        july = pace.partition("July 2024")[2].partition("August")[0].removeprefix(" on the books")
        assert july.strip() == "8\N{EN DASH}\N{EN DASH}5"
        assert "The records of bookings begin on 5 Jul 2023" in pace
        chart = chart_of(client, STAY)
        assert "Same time last year" not in chart
        assert chart["How last year ended"][6] == 5
        rows = client.get("/dashboard/pace/?hotel_id=7&year=2024").json()
        assert (rows[6]["room_nights_last_year"], rows[6]["room_nights_difference"]) == (None, None)

    def test_less_than_a_year_ahead_is_said(self, client: Client) -> None:
        count_events(("2022-12-01T10:00:00", "2023-01-01", 1, 1), *EVENTS)
        pace = part(get_page(client, STAY), "section", "pace")
        assert "Only bookings from 1 Dec 2022 on are known" in pace
        assert "8" + "5+310" in pace.partition("July 2024")[2].partition("August")[0]
