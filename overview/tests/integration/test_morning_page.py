"""The morning's page: what came in, what moved, the strip, access, addresses, ETags."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from accounts.models import HotelAccess
from dashboard_service.models import HotelProfile
from overview.morning.last_visit_models import LastVisit
from overview.tests.morning_hotel import count, hours_ago, sell
from pricing_service.decisions import automatic_pricing
from pricing_service.notes.night_notes import write_note
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    create_hotel,
    create_rules,
    night,
    set_rooms_by_date,
)

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
PAGE = f"/morning/?hotel_id={HOTEL}"


def get(client: Client, query: str = "") -> str:
    response = client.get(PAGE + query)
    assert response.status_code == 200, response.text
    return unescape(response.text)


def value(html: str, name: str) -> str:
    found = re.search(f'id="{name}"><data value="([^"]+)"', html)
    assert found, name
    return found[1]


def section(html: str, name: str) -> str:
    part = html.partition(f'<section id="{name}"')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def events_of_the_night() -> None:
    count(
        sell(10, 4, hours_ago(500), name="before"),
        sell(10, 3, hours_ago(5)),
        sell(12, 1, hours_ago(4), rate="80.50"),
        sell(10, 1, hours_ago(3), name="before", status=2),
        sell(11, 2, hours_ago(50)),
    )


def test_what_came_in_has_its_money(client: Client) -> None:
    events_of_the_night()
    html = get(client, "&since=yesterday")
    assert [value(html, f"came-{name}") for name in ("net", "booked", "cancelled", "revenue")] == [
        "3", "4", "1", "280.50",
    ]  # fmt: skip
    assert "380.50 EUR" in section(html, "came-in")
    wider = get(client, "&since=" + hours_ago(60).strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert value(wider, "came-net") == "5"


def test_the_nights_that_moved_most_come_first(client: Client) -> None:
    events_of_the_night()
    rows = get(client, "&since=yesterday").partition('id="moved-table"')[2].partition("</table>")[0]
    nights = re.findall(r'night=([\d-]+)">', rows)
    assert nights == [night(10).isoformat(), night(12).isoformat()]
    assert "30.0%" in rows, "4 + 3 - 1 of 20 rooms"


def test_without_rates_and_rules_it_says_that_days_are_counted(client: Client) -> None:
    create_hotel()
    html = get(client, "&since=yesterday")
    assert "counted by whole days" in section(html, "came-in")
    assert "EUR" not in section(html, "came-in")
    assert "no prices yet" in section(html, "needs")


def test_nothing_unusual_is_said(client: Client) -> None:
    events_of_the_night()
    assert "Nothing is unusual" in section(get(client), "unusual")


def test_the_strip_has_ninety_nights_with_occupancy_price_and_marks(client: Client) -> None:
    events_of_the_night()
    create_rules()
    set_rooms_by_date(night(20), night(21), 0)
    automatic_pricing.reprice(HOTEL)
    write_note(HOTEL, [night(10)], 'lift "off"', "a test")
    html = get(client)
    strip = html.partition('<ol class="strip"')[2].partition("</ol>")[0]
    told = [
        " ".join(re.sub(r"<[^>]+>", "", text).split())
        for text in re.findall(r'<span class="told">(.*?)</span></span></a>', strip, re.DOTALL)
    ]
    assert len(told) == 90
    assert ", today" in told[0]
    assert "30 % booked, price" in told[10]
    assert told[10].endswith('Note: lift "off"')
    assert "closed" in told[20]
    assert "price" not in told[20]
    weekends = [f"{night(ahead):%a}" for ahead in range(90) if ", weekend" in told[ahead]]
    assert set(weekends) == {"Fri", "Sat"}
    table = html.partition('id="strip-table"')[2].partition("</table>")[0]
    assert table.count('<th scope="row">') == 90


def test_weekends_are_those_of_the_hotel_s_country(client: Client) -> None:
    events_of_the_night()
    HotelProfile.objects.filter(pk=HOTEL).update(country="IL")  # free on Friday and Saturday
    strip = get(client).partition('<ol class="strip"')[2].partition("</ol>")[0]
    told = re.findall(
        r'<span class="told"><time[^>]*>(\w+)[^<]*</time>(.*?)</span>', strip, re.DOTALL
    )
    assert {day for day, text in told if ", weekend" in text} == {"Thu", "Fri"}


def test_pace_is_shown_only_where_last_year_is_known(client: Client) -> None:
    events_of_the_night()
    assert "against last year" not in section(get(client), "strip")
    before = night(10) - timedelta(days=364)
    ahead = (before - night(0)).days
    count(
        sell(ahead, 1, datetime.combine(before - timedelta(days=200), datetime.min.time(), UTC)),
        sell(
            ahead - 200, 1, datetime.combine(before - timedelta(days=300), datetime.min.time(), UTC)
        ),
    )
    assert "+5 against last year" in get(client).replace("</data>", "").replace(
        '<data value="5" data-as="signed">', ""
    )


@pytest.mark.parametrize(
    "query",
    [
        "?hotel_id=0", "?hotel_id=x", "?since=tomorrow", "?since=2001-01-01T00:00Z", "?year=2026",
        "?hotel_id=7&since=2101-01-01T00:00Z", "?since=", "?hotel_id=7&hotel_id=8",
    ],
)  # fmt: skip
def test_a_wrong_address_says_what_is_wrong(client: Client, query: str) -> None:
    events_of_the_night()
    response = client.get(f"/morning/{query}")
    assert response.status_code == 400
    assert "The address is wrong" in response.text


def test_the_page_is_a_304_until_something_changes(client: Client) -> None:
    events_of_the_night()
    create_rules()
    since = "&since=" + hours_ago(20).strftime("%Y-%m-%dT%H:%M:%SZ")
    client.get(PAGE)  # which sets the form's cookie

    def status(tag: str) -> int:
        return client.get(PAGE + since, headers={"If-None-Match": tag}).status_code

    for change in (
        lambda: count(sell(40, 1, hours_ago(1), name="new")),
        lambda: automatic_pricing.reprice(HOTEL),
        lambda: write_note(HOTEL, [night(9)], "marathon", "a test"),
        lambda: HotelProfile.objects.filter(pk=HOTEL).update(name="Sea"),
        lambda: set_rooms_by_date(night(20), night(21), 0),
    ):
        tag = client.get(PAGE + since)["ETag"]
        assert status(tag) == 304
        change()
        assert status(tag) == 200, change


def test_a_system_without_figures_says_so_at_the_home_page(client: Client) -> None:
    assert client.get("/morning/").headers["Location"] == "/"
    assert "No events yet" in client.get("/").text


def test_the_home_page_leads_to_the_morning_and_with_a_query_to_the_figures(client: Client) -> None:
    events_of_the_night()
    assert client.get("/").headers["Location"] == f"/morning?hotel_id={HOTEL}"
    html = client.get(f"/?hotel_id={HOTEL}").text
    assert 'id="figures"' in html
    assert re.search(r'<a href="/morning\?hotel_id=7">Morning</a>', html)
    assert re.search(r'<a href="/\?hotel_id=7" aria-current="page">Room-nights</a>', html)


def make_user(name: str = "mia", hotels: str = str(HOTEL)) -> Client:
    user = get_user_model().objects.create_user(name)
    HotelAccess.objects.create(user=user, hotels=hotels)
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def move_visit(hours: float) -> None:
    """Make the last opening so many hours older."""
    [visit] = LastVisit.objects.all()
    visit.seen_at -= timedelta(hours=hours)
    visit.save()


def test_a_visit_begins_two_hours_after_the_one_before(settings: Any) -> None:
    settings.API_AUTH = "required"
    events_of_the_night()
    client = make_user()
    assert "My last visit" not in get(client), "there was none"
    move_visit(1)
    assert "My last visit" not in get(client), "the same visit goes on"
    move_visit(4.5)
    for _ in range(2):  # loading it again does not empty it
        html = get(client)
        assert 'since=last-visit" aria-current="true"' in html
        assert (value(html, "came-booked"), value(html, "came-cancelled")) == ("1", "1")


def test_a_renewal_is_no_visit(settings: Any) -> None:
    settings.API_AUTH = "required"
    events_of_the_night()
    client = make_user()
    get(client)
    move_visit(30)
    [before] = LastVisit.objects.values("seen_at", "before")
    client.get(PAGE, headers={"X-Renewal": "1"})
    client.head(PAGE)
    assert LastVisit.objects.values("seen_at", "before").get() == before


def test_the_home_page_leads_to_the_hotel_visited_last_of_those_one_may_see(settings: Any) -> None:
    settings.API_AUTH = "required"
    events_of_the_night()
    create_hotel(8)
    client = make_user(hotels="7, 8")
    assert client.get("/").headers["Location"] == "/morning?hotel_id=7"
    client.get("/morning/?hotel_id=8")
    assert client.get("/").headers["Location"] == "/morning?hotel_id=8"
    assert client.get("/morning/").status_code == 200
    HotelAccess.objects.update(hotels="7")
    assert client.get("/").headers["Location"] == "/morning?hotel_id=7"
    assert client.get("/morning/?hotel_id=8").status_code == 403


def test_visits_of_two_users_are_their_own(settings: Any) -> None:
    settings.API_AUTH = "required"
    events_of_the_night()
    get(make_user("mia"))
    move_visit(30)
    assert "My last visit" not in get(make_user("tom"))


def test_rooms_of_the_next_nights_are_those_by_date(client: Client) -> None:
    events_of_the_night()
    set_rooms_by_date(night(10), night(10), 6)
    strip = get(client).partition('<ol class="strip"')[2]
    assert "100 % booked" in strip.partition(f'data-night="{night(10).isoformat()}"')[2][:2000]
