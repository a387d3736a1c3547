"""A real hotel's reservations as events with money: every night and segment to the cent."""

import csv
import gzip
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests_mock
from django.test import Client

from dashboard_service.counting.feed_updater import update
from dashboard_service.data_provider_client import Provider
from dashboard_service.tests.fake_provider import BASE, FakeProvider

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
RESERVATIONS = DATA / "resort_hotel_reservations.csv.gz"
HOTEL = 101

pytestmark = [
    pytest.mark.long,
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["dashboard_service", "pricing_service"]),
    pytest.mark.skipif(not RESERVATIONS.exists(), reason=f"{RESERVATIONS} is missing"),
]


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / name).open() as file:
        return list(csv.DictReader(file))


def events_of_reservations() -> Iterator[dict[str, Any]]:
    """Yield a booking for each night of each reservation, and a cancellation where it has one."""
    with gzip.open(RESERVATIONS, "rt") as file:
        for row in csv.DictReader(file):
            arrival = date.fromisoformat(row["Arrival"])
            length = (date.fromisoformat(row["Departure"]) - arrival).days
            nights = [str(arrival + timedelta(days=number)) for number in range(length)]
            common = {"hotel_id": HOTEL, "room_reservation_id": row["Reservation"]}
            for time, status, money in (
                (row["Booked on"], 1, {
                    "rate": row["Rate per night"], "currency": row["Currency"],
                    "room_type": row["Room type"], "channel": row["Channel"],
                    "segment": row["Segment"],
                }),
                (row["Cancelled on"], 2, {}),
            ):  # fmt: skip
                for night in nights if time else ():
                    timestamp = f"{time.replace(' ', 'T')}Z"
                    yield common | money | {
                        "event_timestamp": timestamp, "status": status, "night_of_stay": night,
                    }  # fmt: skip


def test_a_real_hotel_to_the_cent(client: Client) -> None:
    events = sorted(events_of_reservations(), key=lambda event: event["event_timestamp"])
    assert len(events) == 225_141
    for number, event in enumerate(events, start=1):
        event["id"] = number
    with requests_mock.Mocker() as http:
        FakeProvider(http, events, page=10_000)
        update(Provider(BASE))
    get = client.get

    nights = get(f"/dashboard/performance/?hotel_id={HOTEL}&period=day").json()
    shown = {
        str(date(row["year"], row["month"], row["day"])): row
        for row in nights
        if row["room_nights"]
    }
    expected = rows_of("resort_hotel_performance.csv")
    assert len(shown) == len(expected)
    for row in expected:
        night = shown[row["night_of_stay"]]
        names = ("revenue", "average_rate")
        assert str(night["room_nights"]) == row["room_nights"]
        assert [night[name] for name in names] == [row[name] for name in names]

    months = get(f"/dashboard/performance/?hotel_id={HOTEL}&by=segment").json()
    by_segment = {(f"{row['year']}-{row['month']:02}", row["segment"]): row for row in months}
    expected = rows_of("resort_hotel_segments.csv")
    assert len(by_segment) == len(expected)
    for row in expected:
        segment = by_segment[row["month"], row["segment"]]
        assert str(segment["room_nights"]) == row["room_nights"]
        assert segment["revenue"] == row["revenue"]

    counts: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in rows_of("resort_hotel_daily.csv"):
        counts[row["basis"]][row["date"]] = (
            int(row["gross_booking_count"]), int(row["cancellation_count"]),
        )  # fmt: skip
    for basis, days in counts.items():
        rows = get(f"/dashboard/?hotel_id={HOTEL}&period=day&basis={basis}").json()
        assert days == {
            str(date(row["year"], row["month"], row["day"])): (
                row["gross_booking_count"], row["cancellation_count"],
            )
            for row in rows if row["gross_booking_count"] or row["cancellation_count"]
        }  # fmt: skip
    booked = get(f"/dashboard/performance/?hotel_id={HOTEL}&period=year&basis=booked").json()
    assert sum(row["room_nights"] for row in booked) == 120_861
    assert round(sum(float(row["revenue"]) for row in booked), 2) == 11_690_224.90

    page = get(f"/?hotel_id={HOTEL}&basis=stay&year=2016&show=revenue").content.decode()
    revenue = sum(
        Decimal(row["revenue"])
        for row in rows_of("resort_hotel_performance.csv")
        if row["night_of_stay"].startswith("2016")
    )
    assert f'id="figure-revenue"><data value="{revenue}"' in page
    squares = dict(re.findall(r'data-day="([\d-]+)" data-value="([\d.]+)"', page))
    assert sum(map(Decimal, squares.values())) == revenue
    assert f'<data value="{revenue}" data-as="amount:2">' in page.partition('id="pace"')[2]
