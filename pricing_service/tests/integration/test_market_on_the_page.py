"""Competitors' rates on the pricing page and in its table: what counts now, and how old it is."""

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.market_rates.latest_rates import market_of_nights
from pricing_service.market_rates.rate_recording import record_rates
from pricing_service.market_rates.rate_validation import SeenRate
from pricing_service.models import FixedPrice
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    create_hotel,
    create_rules,
    night,
)

pytestmark = pytest.mark.django_db(databases=DATABASES)


@pytest.fixture(autouse=True)
def priced_hotel(settings: Any) -> None:
    settings.API_AUTH = "open"
    create_hotel()
    rules = create_rules(mode="automatic")
    for ahead in (5, 6):
        FixedPrice.objects.create(profile=rules, night=night(ahead), price=100)
    reprice(HOTEL)


def see(competitor: str, rate: str | None, *, hours_ago: float = 1, **more: Any) -> SeenRate:
    values: dict[str, Any] = {"hotel_id": HOTEL, "night": night(5), "room_type": ""} | more
    seen = SeenRate(
        competitor=competitor,
        rate=None if rate is None else Decimal(rate),
        currency=values.pop("currency", "EUR"),
        seen_at=timezone.now() - timedelta(hours=hours_ago),
        **values,
    )
    record_rates([seen])
    return seen


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def opened(client: Client) -> str:
    html = client.get(f"/pricing/?hotel_id={HOTEL}&night={night(5)}").content.decode()
    return text_of(
        html[html.index('<section aria-labelledby="market-title"') :].split("</section>")[0]
    )


def cell(client: Client, ahead: int = 5) -> str:
    date = night(ahead)
    html = client.get(f"/pricing/?hotel_id={HOTEL}&month={date:%Y-%m}").content.decode()
    return text_of(html[html.index(f'data-night="{date}"') :].split("</a>")[0])


def test_the_newest_sighting_counts_whatever_came_last(client: Client) -> None:
    see("A", "90", hours_ago=2)
    see("A", "80", hours_ago=30)  # came later, and was seen before
    see("B", "120")
    assert "competitors' median 105 , we are no. 2 of 3 from the cheapest" in cell(client)
    sheet = opened(client)
    assert "A 90 EUR" in sheet
    assert "2 hours ago" in sheet
    assert "80" not in sheet.replace("A 90", "")


def test_stale_sightings_are_marked_and_not_counted(client: Client) -> None:
    see("A", "90", hours_ago=24 * 7 + 1)
    see("B", "120")
    assert "median 120 , we are no. 1 of 2" in cell(client)
    assert re.search(
        r"A 90 EUR 7 days ago [^A-Z]*[A-Z][a-z]+ [0-9: ]+stale, not counted", opened(client)
    )


def test_nothing_is_shown_where_nothing_was_seen(client: Client) -> None:
    html = client.get(f"/pricing/?hotel_id={HOTEL}&night={night(5)}").content.decode()
    assert "median" not in html
    assert "market-title" not in html
    see("A", "90")
    assert "median" not in cell(client, 6)
    see("B", "90", night=night(6), hours_ago=24 * 8)
    assert "median" not in cell(client, 6), "stale ones alone have no median"


def test_sold_out_and_other_currencies_are_listed(client: Client) -> None:
    see("A", None, currency="")
    see("B", "90", currency="CHF")
    sheet = opened(client)
    assert "A sold out" in sheet
    assert "B 90 CHF" in sheet
    assert "Nothing to compare with" in sheet


def test_a_new_sighting_changes_the_etag(client: Client) -> None:
    address = f"/pricing/?hotel_id={HOTEL}"
    etag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    see("A", "90")
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.one_database
def test_one_query_for_all_nights(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for ahead in range(30):
        see("A", "90", night=night(ahead))
    with django_assert_num_queries(1, using="pricing_service"):
        found = market_of_nights(HOTEL, night(0), night(20), {}, currency="EUR", opened=night(25))
    assert len(found) == 22


@pytest.mark.one_database
def test_names_cannot_bring_markup(client: Client) -> None:
    see("<script>x</script>", "90", room_type="<b>")
    html = client.get(f"/pricing/?hotel_id={HOTEL}&night={night(5)}").content.decode()
    assert "<script>x" not in html
    assert "&lt;script&gt;x&lt;/script&gt;" in html


@pytest.mark.one_database
def test_the_table_has_median_and_place_where_something_was_seen(client: Client) -> None:
    def rows() -> list[dict[str, str]]:
        address = f"/pricing/table/?hotel_id={HOTEL}&table=nights&format=csv"
        text = client.get(address).content.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    assert "Competitors' median" not in rows()[0]
    see("A", "90")
    first, second = rows()[5:7]
    assert (first["Competitors' median"], first["Our place from the cheapest"]) == ("90.00", "2")
    assert (second["Competitors' median"], second["Our place from the cheapest"]) == ("", "")
