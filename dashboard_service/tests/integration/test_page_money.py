"""The web page with money: revenue, ADR, RevPAR, occupancy by date, breakdown, pace and pickup."""

import re
from collections import Counter
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from dashboard_service.counting.feed_updater import update
from dashboard_service.data_provider_client import Provider
from dashboard_service.hotel_profiles import update_profile
from dashboard_service.tests.fake_provider import BASE, FakeProvider, make_event
from dashboard_service.tests.page_helpers import card_values, count_events, get_page, visible_text
from dashboard_service.web_page.page_content import build_context

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["dashboard_service", "pricing_service"]),
]

STAY_2024 = "?hotel_id=7&basis=stay&year=2024"


def sold(
    number: int, day: str, night: str, rate: str = "", currency: str = "EUR", **more: Any
) -> dict[str, Any]:
    """Return a booking of hotel 7."""
    money = {"rate": rate, "currency": currency} if rate else {}
    return {**make_event(number, day=day, night=night), "hotel_id": 7, **money, **more}


EVENTS = [
    sold(1, "2023-01-10", "2023-05-05", "80.00", segment="Leisure"),
    sold(2, "2023-01-20", "2023-05-05", "90.00", segment="Group"),  # after the same time last year
    sold(3, "2023-06-10", "2023-12-31", "70.00"),
    sold(4, "2024-01-05", "2024-01-15", "100.00", segment="Leisure"),
    sold(5, "2024-01-10", "2024-05-03", "120.50", segment="Leisure"),
    sold(6, "2024-01-15", "2024-05-03", segment="Group"),
    sold(7, "2024-01-15", "2024-05-03", "60.00", "USD", segment="Group"),
    sold(8, "2024-01-15", "2024-01-16", "99.50", segment="Leisure"),
]


# Last year's records begin long before its first night, so that it is wholly known.
EARLIER_RECORDS = sold(99, "2021-01-01", "2022-01-01", "50.00")


def count(requests_mock: Any, events: list[Any]) -> None:
    FakeProvider(requests_mock, events)
    update(Provider(BASE))


@pytest.fixture
def money(requests_mock: Any) -> None:
    count(requests_mock, EVENTS)
    update_profile(7, rooms=10, currency="EUR")


def part(html: str, section: str) -> str:
    """Return the text of one section of the page."""
    return visible_text(html.partition(f'<section id="{section}"')[2].partition("</section>")[0])


def shown(html: str, choice: str) -> dict[str, bool]:
    """Return the choices of a group of links, and whether each can be chosen."""
    group = html.partition(f'aria-label="{choice}"')[2].partition("</nav>")[0]
    return {
        name: tag == "a" for tag, name in re.findall(r"<(a|span) [^>]*>([^<]+)</(?:a|span)>", group)
        if name != choice
    }  # fmt: skip


@pytest.mark.usefixtures("money")
class TestMoney:
    def test_the_cards_have_money_beside_room_nights(self, client: Client) -> None:
        html = get_page(client, STAY_2024)
        assert card_values(html) == {
            "revenue": 320.0, "adr": 106.67, "revpar": 0.09, "occupancy": 5 / 3660,
            "net": 5, "gross": 5, "cancelled": 0, "rate": 0,
        }  # fmt: skip
        assert "in part: 80" in part(html, "figures"), "the same time last year: 90 came later"

    def test_what_is_left_out_of_revenue_is_said_where_revenue_stands(self, client: Client) -> None:
        html = get_page(client, STAY_2024)
        for section in ("figures", "pace", "breakdown"):
            text = part(html, section)
            assert "1 room-night in other currencies" in text, section
            assert "1 room-night without a rate" in text, section
        assert "leave out" not in part(html, "pickup"), "these nights are after its 90"
        count_events(("2024-02-15T10:00:00", "2024-02-15", 1, 1))
        assert "without a rate" in part(get_page(client, STAY_2024), "pickup")

    def test_where_events_and_room_nights_differ_the_page_says_by_how_many(
        self, client: Client, requests_mock: Any
    ) -> None:
        assert "booked twice" not in get_page(client, STAY_2024)
        again = sold(9, "2024-01-15", "2024-01-16", "101.00", room_reservation_id="8")
        count(requests_mock, [*EVENTS, again])
        html = get_page(client, STAY_2024)
        assert card_values(html)["net"] == 6
        assert card_values(html)["occupancy"] == 5 / 3660
        assert "The events count 1 room-night more than is on the books" in part(html, "figures")

    def test_a_choice_shows_revenue_everywhere(self, client: Client) -> None:
        html = get_page(client, STAY_2024 + "&show=revenue")
        chart = html.partition('id="chart-data"')[2].partition("</script>")[0]
        assert '"unit": "amount:2"' in chart
        assert '"220.00"' not in chart, "numbers, not texts"
        assert "revenue of the night (EUR)" in part(html, "heat")
        squares = dict(re.findall(r'data-day="([\d-]+)"[^>]*? data-value="([^"]*)"', html))
        assert {day: value for day, value in squares.items() if float(value or 0)} == {
            "2024-01-15": "100.00", "2024-01-16": "99.50", "2024-05-03": "120.50",
        }  # fmt: skip
        assert "ADRRevenue, EUROn 15 Jan7 days30 days" in part(html, "pickup")
        assert "Revenue a year before" in part(html, "table")
        assert "show=revenue" in html.partition('id="rows-table"')[2], "links keep the choice"
        assert 'name="show" value="revenue"' in html

    def test_the_tables_rows_come_from_performance(self, client: Client) -> None:
        html = get_page(client, STAY_2024 + "&show=revenue")
        table = html.partition('id="table"')[2]
        [address] = re.findall(r'href="(/dashboard/performance/[^"]+)"', table)
        assert "revpar" in client.get(address).json()[0]
        january = part(html, "table").partition("January 2024")[2]
        assert "199.50" in january.partition("February")[0]

    @pytest.mark.parametrize("show", ["occupancy", "adr"])
    def test_the_other_choices(self, client: Client, show: str) -> None:
        html = get_page(client, f"{STAY_2024}&show={show}&period=day&month=1")
        value = {"occupancy": repr(1 / 10), "adr": "100.00"}[show]
        assert f'data-day="2024-01-15" data-value="{value}"' in html
        name = {"occupancy": "Occupancy", "adr": "ADR"}[show]
        assert f"{name} a year before" in part(html, "table")

    def test_by_day_of_booking_there_is_no_occupancy_and_the_page_says_why(
        self, client: Client
    ) -> None:
        html = get_page(client, "?hotel_id=7&year=2024&show=occupancy")
        assert shown(html, "Show")["Occupancy"] is False
        assert "Occupancy is known by night of stay only" in visible_text(html)
        cards = card_values(html)
        assert "occupancy" not in cards
        assert "revpar" not in cards
        assert cards["revenue"] == 320.0

    def test_a_breakdown_stands_beside_last_year(self, client: Client, requests_mock: Any) -> None:
        text = part(get_page(client, STAY_2024 + "&show=revenue"), "breakdown")
        assert "Leisure360.0%320106.6780\N{EN DASH}" in text, "last year is known in part only"
        assert "no change is shown" in text
        count(requests_mock, [EARLIER_RECORDS, *EVENTS])
        text = part(get_page(client, STAY_2024 + "&show=revenue"), "breakdown")
        assert re.search(r"Leisure360.0%320106.6780\+300.0%", text), text
        assert "revenue of the nights from 1 Jan to 31 Dec 2023, how they ended" in text
        assert "Channel" not in text, "no event has one"

    def test_pace_says_what_is_compared_with_what(self, client: Client, requests_mock: Any) -> None:
        html = get_page(client, STAY_2024 + "&show=revenue&period=month")
        text = part(html, "pace")
        assert "the same number of days before: each month with the same month" in text
        may = text.partition("May 2024")[2].partition("June")[0]
        assert may.strip() == "120.5080.00 in part\N{EN DASH}170.00 in part", may
        assert "The records of last year's nights begin on 5 May 2023" in text
        count(requests_mock, [EARLIER_RECORDS, *EVENTS])
        text = part(get_page(client, STAY_2024 + "&show=revenue&period=month"), "pace")
        may = text.partition("May 2024")[2].partition("June")[0]
        assert may.strip() == "120.5080.00+40.50170.00", may
        assert "begin on" not in text
        nights = part(get_page(client, STAY_2024 + "&period=day&month=5"), "pace")
        third = nights.partition("Fri 3 May 2024")[2].partition("Sat")[0].strip()
        assert third == "Fri 5 May 202331+22", "the same weekday, 364 days earlier"
        assert "how last year ended" in nights.lower()

    def test_pickup_counts_revenue(self, client: Client) -> None:
        text = part(get_page(client, STAY_2024 + "&show=revenue"), "pickup")
        assert "Tue 16 Jan 2024110.0%99.5099.50+99.50+99.50+99.50" in text
        assert "199.50+99.50+99.50+199.50" in text.partition("All 90 nights")[2]

    def test_rooms_by_date_count_everywhere(self, client: Client) -> None:
        tag = client.get("/" + STAY_2024).headers["ETag"]
        spans = [{"first": "2024-01-15", "last": "2024-01-15", "rooms": 2}]
        spans += [{"first": "2024-01-16", "last": "2024-12-31", "rooms": 0}]
        update_profile(7, rooms_by_date=spans)
        answer = client.get("/" + STAY_2024, headers={"If-None-Match": tag})
        assert answer.status_code == 200, "the page is another one"
        html = get_page(client, STAY_2024)
        assert card_values(html)["occupancy"] == 5 / (14 * 10 + 2)
        january = re.search(r'data-day="2024-01-15"[^>]*data-occupancy="([^"]+)"', html)
        assert january is not None
        assert float(january[1]) == 0.5
        assert "50.0%" in part(html, "pickup").partition("Mon 15 Jan 2024")[2][:9]
        closed = 'data-day="2024-01-16" data-net="1" data-closed aria'
        assert closed in html, "a closed night has no occupancy"


def test_a_hotel_without_money_sees_the_page_as_before(client: Client) -> None:
    count_events(("2024-06-30T12:00:00", "2024-08-01", 1, 3))
    html = get_page(client, "?hotel_id=7&basis=stay")
    assert card_values(html).keys() == {"net", "gross", "cancelled", "rate"}
    assert shown(html, "Show") == {}
    for word in ("Revenue", "ADR", "RevPAR", 'id="breakdown"', "EUR"):
        assert word not in html


def test_occupancy_can_be_shown_without_money(client: Client) -> None:
    count_events(("2024-06-30T12:00:00", "2024-08-01", 1, 3))
    update_profile(7, rooms=4)
    html = get_page(client, "?hotel_id=7&basis=stay&show=occupancy")
    assert shown(html, "Show") == {"Room-nights": True, "Occupancy": True}
    assert 'data-day="2024-08-01" data-value="0.75"' in html


def test_the_cancellation_rate_says_what_it_divides(client: Client) -> None:
    """By day of booking it mixes cohorts, and passes 100 % where more is cancelled than booked."""
    count_events(("2024-06-30T12:00:00", "2024-08-01", 1, 1))
    count_events(("2024-06-30T12:00:00", "2024-08-01", 2, 3))
    booked = part(get_page(client, "?hotel_id=7"), "figures")
    assert "may pass 100 %" in booked
    assert "Cancelled against booked" in booked
    stay = part(get_page(client, "?hotel_id=7&basis=stay"), "figures")
    assert "Cancellation rate" in stay
    assert "of the room-nights booked for these nights" in stay


def test_a_wrong_choice_is_named(client: Client) -> None:
    answer = client.get("/?show=profit")
    assert answer.status_code == 400
    assert "<code>show</code>" in answer.content.decode()


@pytest.mark.usefixtures("money")
@pytest.mark.parametrize("basis", ["stay", "booked"])
def test_the_page_reads_nothing_of_the_hotel_twice(basis: str) -> None:
    asked: Counter[tuple[str, str]] = Counter()

    def count_statement(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        # Two parts ask of these whether the hourly rows are complete, each for itself.
        if "feedposition" not in sql and "hotelrecount" not in sql:
            asked[sql, str(params)] += 1
        return execute(sql, params, many, context)

    with connections["dashboard_service"].execute_wrapper(count_statement):
        build_context(7, "month", basis, 2024, None, "revenue")
    assert asked
    assert [statement for statement, times in asked.items() if times > 1] == []
