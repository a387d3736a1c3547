"""The page's calendar: fixed bands of occupancy, closed nights apart, and no colour alone."""

import re

import pytest
from django.test import Client

from dashboard_service.hotel_profiles import update_profile
from dashboard_service.tests.page_helpers import count_events, get_page, visible_text

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["dashboard_service", "pricing_service"]),
]

STAY = "?hotel_id=7&basis=stay&year=2024"


def squares(html: str) -> dict[str, tuple[str, str]]:
    """Return the class and the text of each day."""
    found = re.findall(r'<td class="l(\w+)"[^>]*data-day="([\d-]+)"[^>]*>([^<]*)<', html)
    return {day: (level, text) for level, day, text in found}


def legend(html: str) -> str:
    return visible_text(html.partition('aria-label="Colours">')[2].partition("</ul>")[0])


def sell(rooms: int, night: str) -> None:
    count_events(("2023-12-01T10:00:00", night, 1, rooms))


@pytest.mark.parametrize("show", ["", "&show=occupancy"])
@pytest.mark.parametrize(
    ("rooms", "level", "text"),
    [
        (0, "0", "0"),
        (1, "1", "1"),
        (23, "1", "38"),
        (24, "2", "40"),
        (35, "2", "58"),
        (36, "3", "60"),
        (47, "3", "78"),
        (48, "4", "80"),
        (56, "4", "93"),
        (57, "5", "95"),
        (60, "5", "100"),
        (66, "5", "110"),
    ],
)
def test_a_band_has_fixed_limits(
    client: Client, show: str, rooms: int, level: str, text: str
) -> None:
    """Whatever the other nights of the year are."""
    update_profile(7, rooms=60)
    sell(1, "2024-01-01")
    sell(rooms, "2024-03-01")
    assert squares(get_page(client, STAY + show))["2024-03-01"] == (level, text)


def test_the_legend_has_the_limits(client: Client) -> None:
    update_profile(7, rooms=60)
    sell(1, "2024-01-01")
    words = legend(get_page(client, STAY))
    for limits in ("below 40%", "40% to below 60%", "60% to below 80%", "80% to below 95%",
                   "95% and more"):  # fmt: skip
        assert limits in words


def test_a_closed_night_is_no_empty_one(client: Client) -> None:
    sell(1, "2024-01-01")
    sell(2, "2024-01-04")
    update_profile(
        7, rooms=60, rooms_by_date=[{"first": "2024-01-03", "last": "2024-01-04", "rooms": 0}]
    )
    html = get_page(client, STAY)
    days = squares(html)
    assert days["2024-01-02"] == ("0", "0")
    assert days["2024-01-03"] == days["2024-01-04"] == ("closed", "×")
    assert "closed, no room for sale" in legend(html)
    update_profile(7, rooms_by_date=[])
    assert "closed" not in legend(get_page(client, STAY))


def test_a_night_before_the_first_one_is_not_known_and_not_empty(client: Client) -> None:
    update_profile(7, rooms=60)
    sell(1, "2024-02-01")
    html = get_page(client, STAY)
    assert squares(html)["2024-01-31"] == ("unknown", "")
    assert "not known" in legend(html)


@pytest.mark.parametrize("query", [STAY, "?hotel_id=7&year=2023"])
def test_without_rooms_the_colours_are_steps_with_numbers(client: Client, query: str) -> None:
    for day in range(1, 11):
        count_events((f"2023-12-{day:02}T10:00:00", f"2024-01-{day:02}", 1, day))
    html = get_page(client, query)
    month = "2024-01" if "stay" in query else "2023-12"
    days = squares(html)
    assert [days[f"{month}-{day:02}"] for day in (1, 2, 3, 10)] == [
        ("1", "1"), ("1", "1"), ("2", "2"), ("5", "5"),
    ]  # fmt: skip
    assert days[f"{month}-20"][1] == ""
    assert "11 to 2" in legend(html), "the step's number and its values"
    assert "each of the five steps holds equally many" in visible_text(html)
