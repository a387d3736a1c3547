"""What groups do to a price: rooms get scarce, and the pace of single guests stays what it is."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pricing_service.laboratory.old_formula import Price, Rules, Situation, price
from pricing_service.tests.unit.test_price_formula import NIGHT, any_rules, any_situation

RULES = Rules(base=Decimal(100), minimum=Decimal(40), maximum=Decimal(400))
ALL_ROOMS, USUAL = 60, 20  # at a target of 0.8, 20 of 48 single guests have booked by now


def priced(single_guests: int, group_rooms: int = 0) -> Price:
    books = single_guests + group_rooms
    return price(RULES, Situation(NIGHT, 20, ALL_ROOMS, books, USUAL / 48, group_rooms))


@given(any_rules, any_situation, st.integers(0, 300), st.integers(0, 100), st.integers(0, 100))
def test_a_night_is_never_cheaper_for_more_single_guests_or_larger_groups(
    rules: Rules, night: Situation, group: int, more_singles: int, more_group: int
) -> None:
    night = replace(night, on_the_books=night.on_the_books + group, group_rooms=group)
    fuller = replace(
        night,
        on_the_books=night.on_the_books + more_singles + more_group,
        group_rooms=group + more_group,
    )
    assert price(rules, fuller).amount >= price(rules, night).amount


def test_a_group_in_rooms_that_single_guests_leave_free_changes_no_price() -> None:
    assert priced(USUAL).amount == priced(USUAL, 12).amount == 100
    assert priced(USUAL, 12).expected_on_the_books == USUAL + 12


def test_a_group_of_35_in_60_rooms_costs_as_rooms_are_scarce_and_not_as_demand() -> None:
    with_group, as_demand = priced(USUAL, 35), priced(USUAL + 35)
    assert priced(USUAL).amount < with_group.amount < as_demand.amount
    # 25 rooms are left of the 48 that single guests usually take, 10 of them by now.
    assert round(with_group.expected_on_the_books - 35, 1) == 10.4
    assert with_group.factors["occupancy"] < 1.7
    assert as_demand.factors["occupancy"] > 2.4


def test_single_guests_that_are_behind_stay_behind_beside_a_group() -> None:
    assert priced(10, 12).factors["occupancy"] == priced(10).factors["occupancy"] < 1


def test_the_sentence_tells_what_groups_have() -> None:
    assert priced(USUAL, 12).sentence == (
        "32 of 60 rooms are booked 20 days before, 12 of them in groups; single guests have 20, "
        "as usual: ±0 %."
    )
    assert priced(USUAL, 35).sentence == (
        "55 of 60 rooms are booked 20 days before, 35 of them in groups; single guests have 20, "
        "where 10 would be on course to fill the 25 rooms left: +60 %."
    )
    assert priced(10).sentence == (
        "10 of 60 rooms are booked 20 days before, where 20 would be on course for the target: "
        "−15 %."
    )
