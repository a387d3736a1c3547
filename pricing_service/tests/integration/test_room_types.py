"""Room types over REST: told with the rules, priced from the reference, sold out by themselves."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dashboard_service.models import PaceData, PerformanceData, RoomNightHotel
from pricing_service.decisions import automatic_pricing
from pricing_service.decisions.manual_decisions import decide
from pricing_service.delivery.present_prices import present_prices
from pricing_service.models import Action, PricingRules
from pricing_service.room_types.room_type_models import RoomType
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    create_hotel,
    create_rules,
    night,
    set_rooms_by_date,
    today,
)
from pricing_service.tests.integration.test_pricing_rules_rest import send
from tests.prepared_rows import prepared_rows

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
RULES = f"/prices/hotels/{HOTEL}/"
DOUBLE = {"name": "Double", "is_reference": True, "rooms": 12}
SUITE = {"name": "Suite", "percent": "25.00", "rooms": 3}
SINGLE = {"name": "Single", "amount": "-15.00", "minimum_price": "40.00", "rooms": 5}
EMPTY = {"is_reference": False, "percent": None, "amount": None, "minimum_price": None,
         "maximum_price": None}  # fmt: skip
TYPES = [DOUBLE, SUITE, SINGLE]


@pytest.fixture(scope="module")
def hotel(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with prepared_rows(django_db_blocker, DATABASES, create_priced_hotel):
        yield


@pytest.fixture(autouse=True)
def api_without_authentication(hotel: None, settings: Any) -> None:
    settings.API_AUTH = "open"


def create_priced_hotel() -> None:
    """Create a hotel of 20 rooms in suggest mode; base 100, bounds 60 and 250."""
    create_hotel()
    create_rules()
    automatic_pricing.reprice(HOTEL)


def change(*room_types: dict[str, Any], **changes: Any) -> Any:
    response = send("PATCH", RULES, {"room_types": list(room_types), **changes})
    assert response.status_code == 200, response.content
    return response.json()


def rows(**parameters: Any) -> list[dict[str, Any]]:
    query = "".join(f"&{name}={value}" for name, value in parameters.items())
    response = send("GET", f"/prices/?hotel_id={HOTEL}{query}")
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()
    return found


def row_of(room_type: str, ahead: int = 5) -> dict[str, Any]:
    [row] = rows(room_type=room_type, to=night(ahead), **{"from": night(ahead)})
    return row


def sell(room_type: str, rooms: int, ahead: int = 5) -> None:
    """Put rooms of a type on the books, of a hotel whose room-nights are followed one by one."""
    RoomNightHotel.objects.update_or_create(hotel_id=HOTEL, defaults={"is_counted": True})
    sums = {"hotel_id": HOTEL, "room_nights": rooms, "room_nights_with_rate": 0, "revenue": 0}
    PerformanceData.objects.create(
        **sums, basis="stay", day=night(ahead), room_type=room_type, channel=f"{rooms} {room_type}"
    )
    pace, _ = PaceData.objects.get_or_create(
        hotel_id=HOTEL, night_of_stay=night(ahead), day=today(),
        defaults={**sums, "room_nights": 0},
    )  # fmt: skip
    pace.room_nights += rooms
    pace.save()


def test_they_are_stored_whole_and_shown() -> None:
    assert send("GET", RULES).json()["room_types"] == []
    stored = change(*TYPES)["room_types"]
    assert stored == [{**EMPTY, **room_type} for room_type in TYPES]
    assert send("GET", RULES).json()["room_types"] == stored


@pytest.mark.parametrize(
    ("room_types", "reason"),
    [
        ([SUITE], "exactly one type is the reference (`is_reference`); none is"),
        ([DOUBLE, {**DOUBLE, "name": "Twin"}], "2 are: Double, Twin"),
        ([DOUBLE, SUITE, {**SUITE, "name": " suite "}], "2: the name 'suite' is given in row 1"),
        ([{**DOUBLE, "percent": 10}], "0: the reference type has the hotel's prices"),
        ([{**DOUBLE, "maximum_price": 10}], "0: the reference type has the hotel's prices"),
        ([DOUBLE, {**SUITE, "amount": 5}], "1: give a percentage or an amount, not both"),
        ([DOUBLE, {"name": "Suite", "rooms": 3}], "1: give a percentage or an amount, not both"),
        ([DOUBLE, {**SUITE, "name": "*"}], "1: '*' stands for all room types"),
        ([DOUBLE, {**SUITE, "minimum_price": 90, "maximum_price": 80}], "1: the minimum 90"),
        ([DOUBLE, {**SUITE, "maximum_price": "0.50"}], "1: no multiple of the price step 1"),
        ([DOUBLE, *({**SUITE, "name": f"{n}"} for n in range(50))], "51 rows; at most 50"),
    ],
)
def test_wrong_lists_are_refused_and_change_nothing(
    room_types: list[dict[str, Any]], reason: str
) -> None:
    change(*TYPES)
    response = send("PATCH", RULES, {"room_types": room_types})
    assert response.status_code == 400
    assert reason in str(response.json()["room_types"])
    assert [room_type.name for room_type in RoomType.objects.all()] == ["Double", "Suite", "Single"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 41},
        {"rooms": 0},
        {"percent": -91},
        {"percent": 901},
        {"percent": "1.234"},
        {"minimum_price": 0},
        {"colour": "red"},
    ],
)
def test_a_wrong_field_is_named(wrong: dict[str, Any]) -> None:
    response = send("PATCH", RULES, {"room_types": [DOUBLE, {**SUITE, **wrong}]})
    assert response.status_code == 400
    [field] = wrong
    assert field in response.json()["room_types"]["1"]


def test_a_step_that_leaves_a_type_without_a_price_is_refused() -> None:
    change(DOUBLE, {**SUITE, "minimum_price": "121.00", "maximum_price": "124.00"})
    response = send("PATCH", RULES, {"price_step": "5.00"})
    assert "no multiple of the price step 5" in response.json()["room_types"][0]


def test_rows_of_the_house_name_the_reference() -> None:
    before = rows()[1:]  # without tonight, whose figures fall with every second of the day
    assert {row["room_type"] for row in before} == {None}
    assert list(before[0])[1:3] == ["night", "room_type"]
    change(*TYPES)
    after = rows()[1:]
    assert {row["room_type"] for row in after} == {"Double"}
    same = [{**row, "room_type": None, "priced_at": ""} for row in after]
    assert same == [{**row, "priced_at": ""} for row in before]


def test_a_type_has_the_price_of_the_reference_with_its_difference() -> None:
    change(*TYPES)
    decide(HOTEL, [night(5)], Action.OVERRIDE, price=Decimal(90), who="a test")
    house = next(row for row in rows() if row["night"] == str(night(5)))
    assert (row_of("Suite")["price"], row_of("Single")["price"]) == ("113.00", "75.00")
    assert row_of("suite")["state"] == "held"
    assert row_of("Double")["price"] == house["price"] == "90.00"
    suite = row_of("Suite")
    assert suite["sentence"] == f"25 % above Double at {house['recommended']}."
    assert row_of("Single")["sentence"] == f"15.00 below Double at {house['recommended']}."
    assert list(suite) == list(house)
    assert [suite[name] for name in ("forecast", "expected_on_the_books", "on_the_books")] == [
        None, None, None,
    ]  # fmt: skip
    assert len(rows(room_type="Suite")) == len(rows())


def test_a_type_keeps_to_the_hotels_minimum_unless_it_has_one() -> None:
    cheap = {"name": "Cabin", "percent": -40, "rooms": 2}
    change(DOUBLE, cheap)
    decide(HOTEL, [night(5)], Action.OVERRIDE, price=Decimal(70), who="a test")
    assert row_of("Cabin")["price"] == "60.00"
    span = {"first": str(night(5)), "last": str(night(5)), "minimum_price": "65.00"}
    change(DOUBLE, cheap, bounds=[span])
    assert row_of("Cabin")["price"] == "65.00"
    change(DOUBLE, {**cheap, "minimum_price": "30.00"})
    assert row_of("Cabin")["price"] == "42.00"


def test_a_type_is_sold_out_while_the_house_is_not() -> None:
    change(*TYPES)
    sell("SUITE", 2)
    sell("suite ", 1)
    sell("Double", 4)
    suite, double = row_of("Suite"), row_of("Double")
    assert (suite["state"], suite["on_the_books"], suite["occupancy"]) == ("sold out", 3, 1.0)
    assert suite["price"] == "125.00"
    assert (double["state"] != "sold out", double["on_the_books"]) == (True, 4)
    assert row_of("Single")["on_the_books"] == 0
    assert row_of("Suite", 6)["state"] != "sold out"


def test_room_nights_without_a_type_leave_a_types_number_open() -> None:
    change(*TYPES)
    sell("Suite", 2)
    sell("", 1)
    assert (row_of("Suite")["on_the_books"], row_of("Suite")["occupancy"]) == (None, None)
    assert row_of("Suite")["state"] != "sold out"
    sell("suite", 1)
    assert row_of("Suite")["state"] == "sold out"  # whatever the room without a type is


def test_as_of_an_earlier_day_nobody_knows_what_was_sold_of_a_type() -> None:
    change(*TYPES)
    sell("Suite", 3)
    assert row_of("Suite")["state"] == "sold out"
    change(*TYPES, try_as_of=str(today() - timedelta(days=1)))
    assert (row_of("Suite")["on_the_books"], row_of("Suite")["state"] != "sold out") == (None, True)


def test_a_closed_night_is_closed_for_all_types() -> None:
    change(*TYPES)
    sell("Suite", 3)
    set_rooms_by_date(night(5), night(5), 0)
    automatic_pricing.reprice(HOTEL)
    suite = row_of("Suite")
    assert (suite["state"], suite["price"], suite["recommended"]) == ("closed", None, None)
    assert suite["rooms"] == 0


def test_a_star_returns_all_types_also_as_csv() -> None:
    change(*TYPES)
    span = {"from": night(5), "to": night(6)}
    found = rows(room_type="*", **span)
    names = [(row["night"], row["room_type"]) for row in found]
    assert names == [
        (str(night(ahead)), name) for ahead in (5, 6) for name in ("Double", "Suite", "Single")
    ]
    path = f"/prices/?hotel_id={HOTEL}&room_type=Suite&from={night(5)}&to={night(5)}&format=csv"
    head, line = send("GET", path).content.decode().splitlines()
    assert head.startswith("hotel_id,night,room_type,price,")
    assert line.startswith(f"{HOTEL},{night(5)},Suite,125.00,EUR,")


def test_an_unknown_type_names_the_known_ones() -> None:
    path = f"/prices/?hotel_id={HOTEL}&room_type=Penthouse"
    assert "has no room types" in send("GET", path).json()["room_type"][0]
    change(*TYPES)
    response = send("GET", path)
    assert response.status_code == 400
    assert "known are: Double, Suite, Single" in response.json()["room_type"][0]


def test_a_night_has_a_table_of_its_types() -> None:
    path = f"/prices/night/?hotel_id={HOTEL}&night={night(5)}"
    assert send("GET", path).json()["room_types"] == []
    change(*TYPES)
    sell("Suite", 3)
    table = send("GET", path).json()["room_types"]
    assert [(row["room_type"], row["price"], row["is_reference"]) for row in table] == [
        ("Double", "100.00", True), ("Suite", "125.00", False), ("Single", "85.00", False),
    ]  # fmt: skip
    assert [row["state"] for row in table if row["room_type"] == "Suite"] == ["sold out"]


def test_a_change_of_room_types_can_be_undone() -> None:
    before = change(*TYPES)["room_types"]
    change(DOUBLE)
    [step] = send("GET", f"/prices/undo/?hotel_id={HOTEL}").json()
    response = send("POST", "/prices/undo/", {"hotel_id": HOTEL, "step": step["id"]})
    assert response.status_code == 200, response.content
    assert send("GET", RULES).json()["room_types"] == before


def test_the_proposal_has_the_types_that_were_sold() -> None:
    path = f"{RULES}proposal/"
    assert send("GET", path).json()["room_types"] == []
    for ahead in range(-60, 0):
        sell("Double", 8, ahead)
        sell("Suite", 2, ahead)
    proposed = send("GET", path).json()["room_types"]
    assert [(row["name"], row["is_reference"], row["rooms"]) for row in proposed] == [
        ("Double", True, 8), ("Suite", False, 2),
    ]  # fmt: skip


any_json = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=5)
)
any_row = st.dictionaries(
    st.sampled_from([*EMPTY, "name", "rooms", "x"]), any_json | st.lists(any_json, max_size=2)
)


class TestAnyInput:
    @hypothesis_settings(
        max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.lists(any_row | any_json, max_size=3) | any_json)
    def test_no_list_makes_a_500(self, room_types: Any) -> None:
        response = send("PATCH", RULES, {"room_types": room_types})
        assert response.status_code in (200, 400)


@pytest.mark.usefixtures("a_year_of_nights")
def test_the_booking_system_is_told_the_price_of_every_type() -> None:
    change(
        {"name": "Double", "is_reference": True, "rooms": 12},
        {"name": "Suite", "percent": 50, "rooms": 2},
    )
    automatic_pricing.reprice(HOTEL)
    rules = PricingRules.objects.get(pk=HOTEL)
    told = {price.key: price for price in present_prices(rules)}
    double, suite = told[night(5), ""], told[night(5), "Suite"]
    assert double.price is not None
    assert suite.price == round(double.price * Decimal("1.5"))
    assert suite.as_json()["room_type"] == "Suite"
    assert len(told) == 2 * 365
