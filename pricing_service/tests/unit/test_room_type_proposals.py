"""Room types proposed from what was sold: names, rooms, and rates night by night."""

from collections.abc import Iterator
from datetime import date, timedelta

from dashboard_service.figures_for_pricing import SoldByRoomType
from pricing_service.rules.room_type_proposals import propose_room_types

FIRST = date(2026, 1, 1)
NIGHTS = 60


def sold(
    name: str, rooms: int, rate: int | None, first: int = 0, nights: int = NIGHTS
) -> Iterator[SoldByRoomType]:
    """Yield nights in which so many rooms were sold; the rate is twice as high from day 30 on."""
    for number in range(first, first + nights):
        night_rate = 0 if rate is None else 1000 * rate * (2 if number >= 30 else 1)
        with_rate = 0 if rate is None else rooms
        night = FIRST + timedelta(days=number)
        yield SoldByRoomType(night, name, rooms, with_rate, rooms * night_rate)


def test_the_type_that_sells_most_is_the_reference() -> None:
    proposed = propose_room_types([*sold("Suite", 2, 150), *sold("Double", 8, 100)])
    assert proposed == [
        {"name": "Double", "is_reference": True, "percent": None, "rooms": 8, "room_nights": 480},
        {"name": "Suite", "is_reference": False, "percent": 50, "rooms": 2, "room_nights": 120},
    ]


def test_rates_are_compared_on_the_same_nights() -> None:
    """A type that sells only in the dear half of the year is not dearer for it."""
    rows = [*sold("Double", 8, 100), *sold("Single", 2, 80, first=30, nights=30)]
    assert [row["percent"] for row in propose_room_types(rows)] == [None, -20]


def test_spellings_of_one_name_are_one_type() -> None:
    rows = [*sold("Double", 5, 100), *sold("double ", 3, 100), *sold("", 9, 100)]
    [double] = propose_room_types(rows)
    assert (double["name"], double["rooms"]) == ("Double", 8)


def test_too_little_is_no_proposal() -> None:
    assert propose_room_types([]) == []
    assert propose_room_types(sold("Double", 8, 100, nights=27)) == []
    rows = [*sold("Double", 8, 100), *sold("Dbl", 1, 100, nights=19)]
    assert [row["name"] for row in propose_room_types(rows)] == ["Double"]


def test_without_rates_there_is_no_percentage() -> None:
    rows = [*sold("Double", 8, 100), *sold("Suite", 2, None)]
    assert [row["percent"] for row in propose_room_types(rows)] == [None, None]


def test_types_that_the_hotel_has_are_not_proposed_again() -> None:
    rows = [*sold("Double", 8, 100), *sold("Suite", 2, 150)]
    [suite] = propose_room_types(rows, reference="DOUBLE", known=["DOUBLE"])
    assert (suite["name"], suite["is_reference"], suite["percent"]) == ("Suite", False, 50)
    [double] = propose_room_types(rows, reference="suite", known=["suite"])
    assert (double["name"], double["is_reference"], double["percent"]) == ("Double", False, -33)
    [suite] = propose_room_types(rows, reference="Twin", known=["Twin", "Double"])
    assert suite["percent"] is None
