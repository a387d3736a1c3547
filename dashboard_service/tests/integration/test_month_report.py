"""The printable report of a month: the page's own numbers, every state, strict parameters."""

import re
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from dashboard_service.hotel_profiles import update_profile
from dashboard_service.month_report import report_views
from dashboard_service.tests.page_helpers import (
    card_values,
    count_events,
    get_page,
    visible_text,
)

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["dashboard_service", "pricing_service"]),
]

EVENTS = [
    ("2021-01-01T10:00:00", "2022-01-01", 1, 1),
    ("2023-05-01T10:00:00", "2023-07-07", 1, 2),
    ("2024-06-01T10:00:00", "2024-07-05", 1, 9),
    ("2024-06-30T10:00:00", "2024-07-05", 2, 1),
    ("2024-06-30T10:00:00", "2024-12-24", 1, 4),
    ("2024-06-30T10:00:00", "2025-02-01", 1, 3),
]


def report(client: Client, query: str = "", status: int = 200) -> str:
    response = client.get(f"/dashboard/report/?hotel_id=7{query}")
    assert response.status_code == status, response.content
    return response.content.decode()


def section(html: str, title: str) -> str:
    return visible_text(
        html.partition(f'aria-labelledby="{title}-title"')[2].partition("</section>")[0]
    )


class TestReport:
    @pytest.fixture(autouse=True)
    def _events(self) -> None:
        count_events(*EVENTS)
        update_profile(7, rooms=10, name="Zur <b>Möwe")

    def test_the_key_figures_are_those_of_the_page(self, client: Client) -> None:
        page = get_page(client, "?hotel_id=7&year=2024&month=7&period=day&basis=stay")
        found = card_values(report(client, "&year=2024&month=7"))
        assert found == card_values(page)
        assert found["net"] == 8

    def test_nights_pace_and_pickup(self, client: Client) -> None:
        html = report(client, "&year=2024&month=7")
        assert "Fri 5 Jul 2024 on the books 8 1 80.0% 2" in re.sub(
            r"\s+", " ", re.sub(r"<[^>]+>", " ", html)
        ).replace(" </td> ", " ")
        assert (
            len(re.findall("<tr>", html.partition('id="days-table"')[2].partition("</table>")[0]))
            == 33
        )
        pace = section(html, "pace")
        months = re.findall(r"(June|July|August|September|October|November|December) 2024", pace)
        assert months[:6] == ["June", "July", "August", "September", "October", "November"]
        assert "All 90 nights" in section(html, "pickup")

    def test_the_months_of_pace_go_on_after_december(self, client: Client) -> None:
        count_events(("2024-11-02T10:00:00", "2025-03-01", 1, 1))
        pace = section(report(client), "pace")
        assert re.findall(r"([A-Z][a-z]+ 20\d\d)(?=\d)", pace) == [
            "November 2024", "December 2024", "January 2025", "February 2025", "March 2025",
            "April 2025",
        ]  # fmt: skip

    def test_without_a_month_it_is_that_of_the_newest_data(self, client: Client) -> None:
        assert "June 2024" in visible_text(report(client)).partition("Key figures")[0]

    def test_the_chart_needs_no_script(self, client: Client) -> None:
        html = report(client, "&year=2024&month=7")
        chart = html.partition('class="report-chart"')[2].partition("</svg>")[0]
        assert chart.count('class="bar"') == 31
        assert "style=" not in html
        assert html.count("<script") == 1
        assert 'class="report-chart"' not in report(client, "&year=2024&month=8"), "nothing to draw"

    def test_no_proxy_keeps_it(self, client: Client) -> None:
        response = client.get("/dashboard/report/?hotel_id=7")
        assert response["Cache-Control"] == "private, no-cache"

    def test_names_are_text(self, client: Client) -> None:
        assert "Zur &lt;b&gt;Möwe" in report(client)

    def test_every_file_that_it_links_to_is_there(self, client: Client) -> None:
        html = report(client, "&year=2024&month=7")
        links = re.findall(r'href="(/dashboard/table[^"]+)"', html)
        assert len(links) == 6
        for link in links:
            response = client.get(link.replace("&amp;", "&"))
            assert response.status_code == 200, link

    def test_the_page_links_to_the_report_of_its_month(self, client: Client) -> None:
        html = get_page(client, "?hotel_id=7&year=2024&month=7&period=day&basis=stay")
        [link] = re.findall(r'href="(/dashboard/report[^"]+)"', html)
        assert "July 2024" in client.get(link).content.decode()
        assert '/dashboard/report?hotel_id=7"' in get_page(client, "?hotel_id=7")

    def test_months_out_of_reach_have_no_link(self, client: Client) -> None:
        html = report(client, "&year=2199&month=12")
        assert "year=2199&amp;month=11" in html
        assert "year=2200" not in html
        assert "There is no data in this month" in html

    def test_without_rooms_there_is_no_occupancy(self, client: Client) -> None:
        update_profile(7, rooms=None)
        assert "Occupancy" not in section(report(client, "&year=2024&month=7"), "days")


def test_a_hotel_without_data_says_so(client: Client) -> None:
    assert "there is nothing to report" in report(client)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("&year=2024", "year and month go together"),
        ("&month=4", "year and month go together"),
        ("&year=2024&month=13", "less than or equal to 12"),
        ("&year=1800&month=1", "greater than or equal to 1900"),
        ("&mont=4", "unknown parameter"),
        ("&year=2024&month=", "empty"),
    ],
)
def test_wrong_parameters_are_refused(client: Client, query: str, reason: str) -> None:
    assert reason in report(client, query, status=400)


def test_without_a_database_it_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(report_views, "report_content", fail)
    report(client, status=503)
