"""The web page's figures: correct numbers, like compared with like, equal to a recount."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dashboard_service.counting.count_storage import add_counts
from dashboard_service.counting.event_counts import EventCounts
from dashboard_service.figures.recent_activity import recent_activity
from dashboard_service.models import (
    DashboardData,
    FeedPosition,
    HotelFigures,
    HotelProfile,
    HourlyData,
    PickupData,
)
from dashboard_service.tests.page_helpers import card_values, count_events, get_page, visible_text
from dashboard_service.web_page.page_content import build_context

pytestmark = pytest.mark.django_db(databases=["dashboard_service", "pricing_service"])


class TestPageFigures:
    @pytest.fixture(autouse=True)
    def two_years(self) -> None:
        count_events(
            ("2023-03-10T10:00:00", "2023-07-01", 1, 8),
            ("2023-05-20T10:00:00", "2023-07-01", 2, 3),
            ("2023-06-30T23:59:59", "2023-09-01", 1, 10),
            ("2023-07-01T00:00:00", "2023-09-01", 1, 100),  # after the same day last year
            ("2024-02-29T10:00:00", "2024-07-01", 1, 5),
            ("2024-06-29T10:30:00", "2024-08-01", 1, 4),
            ("2024-06-30T09:59:59", "2024-08-01", 2, 1),
        )

    def test_the_running_year_is_compared_with_the_same_days(self, client: Client) -> None:
        html = get_page(client)
        assert card_values(html) == {"net": 8, "gross": 9, "cancelled": 1, "rate": 1 / 9}
        assert "last year, in part: 15" in visible_text(html)  # 8 - 3 + 10
        assert (
            "1 Jan to 30 Jun 2023, the same days; the newest data is of 30 Jun 2024"
            in visible_text(html)
        )

    def test_nights_are_compared_with_the_same_time_last_year(self, client: Client) -> None:
        html = get_page(client, "?hotel_id=7&basis=stay")
        assert card_values(html) == {"net": 8, "gross": 9, "cancelled": 1, "rate": 1 / 9}
        assert "last year, in part: 15" in visible_text(html)
        assert "as they stood on 30 Jun 2023" in visible_text(html)

    def test_a_year_that_is_over_is_compared_with_all_of_the_year_before(
        self, client: Client
    ) -> None:
        count_events(("2025-01-01T00:00:00", "2025-01-01", 1, 1))
        html = get_page(client, "?hotel_id=7&year=2024")
        assert "last year, in part: 115" in visible_text(html)
        assert "Compared with 1 Jan to 31 Dec 2023." in visible_text(html)

    @pytest.mark.one_database
    def test_a_first_year_says_that_there_is_no_comparison(self, client: Client) -> None:
        html = get_page(client, "?hotel_id=7&year=2023")
        assert card_values(html)["net"] == 115
        assert "no data of the year before" in visible_text(html)
        assert 'class="delta' not in html

    @pytest.mark.one_database
    def test_a_last_year_that_is_known_in_part_is_no_comparison_and_says_from_which_day(
        self, client: Client
    ) -> None:
        html = get_page(client)
        assert "only bookings from 10 Mar 2023 are known" in visible_text(html)
        assert "A part is no measure of the whole, so no change is shown" in visible_text(html)
        assert 'class="delta' not in html

    @pytest.mark.one_database
    def test_bookings_that_few_make_so_early_do_not_end_the_comparison(
        self, client: Client
    ) -> None:
        """This year's nights tell how many: 5 % of them at most were on the books so early."""
        count_events(("2023-03-10T10:00:00", "2023-01-01", 1, 1))
        html = get_page(client, "?hotel_id=7&basis=stay")
        assert "last year, in part: 16" in visible_text(html)
        count_events(("2024-06-01T10:00:00", "2024-09-01", 1, 91))  # 5 of 100 came early
        html = get_page(client, "?hotel_id=7&basis=stay")
        assert "only bookings from 10 Mar 2023 are known" in visible_text(html)
        assert "from 16" in visible_text(html)
        assert 'class="delta' in html

    @pytest.mark.one_database
    def test_a_last_year_that_is_wholly_known_is_compared(self, client: Client) -> None:
        count_events(("2021-01-01T10:00:00", "2022-01-01", 1, 1))
        html = get_page(client, "?hotel_id=7&basis=stay")
        assert "from 15" in visible_text(html)
        assert 'class="delta' in html
        assert "no change is shown" not in html

    def test_a_last_year_before_the_first_event_is_not_compared(self, client: Client) -> None:
        """It is unknown, not zero."""
        for model in (DashboardData, PickupData, HourlyData):
            model.objects.all().delete()
        count_events(
            ("2023-07-01T10:00:00", "2024-06-01", 1, 9), ("2024-03-01T10:00:00", "2024-06-01", 1, 1)
        )
        for basis in ("booked", "stay"):
            html = visible_text(get_page(client, f"?hotel_id=7&basis={basis}"))
            assert "no data of the year before" in html
            assert "from 0" not in html

    @pytest.mark.one_database
    def test_nights_that_are_known_in_part_say_from_which_booking_day(self, client: Client) -> None:
        html = visible_text(get_page(client, "?hotel_id=7&basis=stay"))
        assert "only bookings from 10 Mar 2023 are known" in html

    def test_an_event_in_the_future_does_not_change_the_other_figures(self, client: Client) -> None:
        before = card_values(get_page(client))
        count_events(("2199-03-01T10:00:00", "2199-03-01", 1, 1))
        html = get_page(client)
        assert card_values(html) == before
        assert "1 event is dated in the future" in visible_text(html)
        assert "on their own day, up to 1 Mar 2199" in visible_text(html)
        years = html.partition('aria-label="Year"')[2].partition("</nav>")[0]
        assert re.findall(r">(\d{4})</a>", years) == ["2023", "2024", "2199"]
        assert "Last 24 hours of data +3 net" in visible_text(html)
        assert client.get("/dashboard/pickup/?hotel_id=7").json()[0]["as_of"] == "2024-06-30"

    def test_recent_activity_is_hidden_until_a_rebuild_is_done(self, client: Client) -> None:
        FeedPosition.objects.create(position=1, rebuild_needed=True)
        html = get_page(client)
        assert "Last 24 hours" not in html
        tag = client.get("/?hotel_id=7").headers["ETag"]
        FeedPosition.objects.update(rebuild_needed=False)
        assert client.get("/?hotel_id=7", headers={"If-None-Match": tag}).status_code == 200

    @pytest.mark.one_database
    def test_rows_after_the_newest_day_are_empty(self, client: Client) -> None:
        html = visible_text(get_page(client))
        assert re.search(r"June 2024 so far", html) is None  # its last day is there
        assert "July 2024\N{EN DASH}\N{EN DASH}\N{EN DASH}" in html
        assert "July 2024 on the books5" in visible_text(get_page(client, "?hotel_id=7&basis=stay"))

    def test_a_month(self, client: Client) -> None:
        html = get_page(client, "?hotel_id=7&year=2023&month=7&period=day&basis=stay")
        assert card_values(html) == {"net": 5, "gross": 8, "cancelled": 3, "rate": 3 / 8}
        assert html.count('<tr><th scope="row"><time') == 31 + 31 + 90  # days, pace, pickup

    def test_occupancy_where_the_rooms_are_known(self, client: Client) -> None:
        HotelProfile.objects.create(hotel_id=7, rooms=10)
        query = "?hotel_id=7&year=2023&month=7&period=day"
        assert card_values(get_page(client, f"{query}&basis=stay"))["occupancy"] == 5 / 310
        assert "occupancy" not in card_values(get_page(client, query))

    def test_a_full_leap_february_is_full(self, client: Client) -> None:
        HotelProfile.objects.create(hotel_id=8, rooms=1)
        rows = [
            {"hotel_id": 8, "event_timestamp": f"{year - 1}-01-01T00:00:00Z", "status": 1,
             "night_of_stay": str(date(year, 2, 1) + timedelta(days=n))}
            for year in (2023, 2024, 2025) for n in range(29 if year == 2024 else 28)
        ]  # fmt: skip
        counts = EventCounts({})
        counts.add(rows)
        add_counts(counts)
        html = get_page(client, "?hotel_id=8&year=2025&month=2&period=day&basis=stay")
        assert card_values(html)["occupancy"] == 1
        assert re.search(r"= same .* pts from 100.0%", visible_text(html))
        html = get_page(client, "?hotel_id=8&year=2023&basis=stay")
        assert card_values(html)["occupancy"] == 28 / 334, "from the first night on"
        assert "Occupancy counts from the first night, 1 Feb 2023" in visible_text(html)

    def test_recent_activity(self, client: Client) -> None:
        html = visible_text(get_page(client))
        assert "Last 24 hours of data +3 net: 4 booked, 1 cancelled" in html
        assert "29 Jun 2024 10:00 to 30 Jun 2024 10:00" in html
        assert "Last 7 days of data +3 net" in html

    @pytest.mark.one_database
    def test_every_row_and_the_sum(self, client: Client) -> None:
        html = get_page(client)
        assert html.count("data-day=") == 366
        assert re.search(r'Total</th><td><data value="8"', html)

    @pytest.mark.one_database
    def test_a_year_without_data_says_which_dates_have_some(self, client: Client) -> None:
        html = visible_text(get_page(client, "?hotel_id=7&year=2030"))
        assert "reaches from 10 Mar 2023 to 30 Jun 2024" in html

    @pytest.mark.parametrize("year", [1900, 2199])
    def test_the_first_and_the_last_valid_year(self, client: Client, year: int) -> None:
        for basis in ("booked", "stay"):
            get_page(client, f"?hotel_id=7&year={year}&basis={basis}&period=day")

    @pytest.mark.one_database
    def test_the_hotel_with_the_lowest_number_is_the_default(self, client: Client) -> None:
        HotelProfile.objects.create(hotel_id=7, name='Sea & "Side" <b>')
        HotelFigures.objects.create(hotel_id=9, changed_at=datetime.now(UTC))
        html = client.get("/?period=month").content.decode()
        assert '<option value="7" selected>Sea &amp; &quot;Side&quot; &lt;b&gt;</option>' in html
        assert '<option value="9">Hotel 9</option>' in html

    @pytest.mark.one_database
    def test_a_recount_in_another_time_zone_is_announced(self, client: Client) -> None:
        HotelProfile.objects.create(hotel_id=7, time_zone="Asia/Tokyo")
        assert "being recounted in Asia/Tokyo" in visible_text(get_page(client))


DAYS = st.dates(date(2023, 1, 1), date(2024, 12, 31))
ROWS = st.lists(st.tuples(DAYS, DAYS, st.sampled_from([1, 2]), st.integers(1, 3)), min_size=1)


class TestAnyEvents(TestCase):
    databases = {"dashboard_service", "pricing_service"}

    @given(ROWS, st.sampled_from(["booked", "stay"]), st.sampled_from([2023, 2024]))
    def test_figures_and_comparison_equal_a_recount(
        self, rows: list[tuple[date, date, int, int]], basis: str, year: int
    ) -> None:
        HotelFigures.objects.all().delete()
        for model in (DashboardData, PickupData, HourlyData):
            model.objects.all().delete()
        count_events(
            *((f"{booked}T12:00:00", str(night), status, n) for booked, night, status, n in rows)
        )
        today = max(booked for booked, *_ in rows)

        def recount(of_year: int, until: date) -> dict[str, int]:
            sums: Counter[int] = Counter()
            for booked, night, status, count in rows:
                if (booked if basis == "booked" else night).year == of_year and booked <= until:
                    sums[status] += count
            return {"net": sums[1] - sums[2], "gross": sums[1], "cancelled": sums[2]}

        context = build_context(7, "month", basis, year, None)
        cards = {card["key"]: card for card in context.get("cards", [])}
        if not cards:
            return  # the basis or the booked basis has no data
        running = date(year, 12, 31) > today
        leap = (today.month, today.day) == (2, 29)
        a_year_ago = today.replace(year=today.year - 1, day=28 if leap else today.day)
        now = recount(year, date.max)
        before = recount(year - 1, a_year_ago if running else date.max)
        first_booked = min(booked for booked, *_ in rows)
        first_day = first_booked if basis == "booked" else min(night for _, night, *_ in rows)
        end = date(year - 1, 12, 31)
        last_booked = min(end, a_year_ago) if running else end
        last_day = last_booked if basis == "booked" else end
        is_there = (
            first_day <= last_day and last_day.year == year - 1 and first_booked <= last_booked
        )
        for name, value in now.items():
            assert cards[name]["value"] == value
            assert cards[name]["last"] == (before[name] if is_there else None)
        assert sum(row["net"] for row in context["rows"]) == now["net"]
        squares = [
            day for month in context["heat"]["months"] for week in month["weeks"] for day in week
        ]
        assert sum(day["net"] for day in squares if day) == now["net"]
        for activity, days in zip(recent_activity(7), (1, 7), strict=True):
            since = today - timedelta(days=days)
            expected = sum(n * (3 - 2 * s) for booked, _, s, n in rows if booked > since)
            assert activity.net == expected
