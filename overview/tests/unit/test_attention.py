"""What needs a person, and how much."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from overview.portfolio.attention import WEIGHTS, Reason, reasons, score
from overview.tests.made_up_lines import line

SINCE = datetime(2026, 6, 14, 8, tzinfo=UTC)


def test_a_hotel_that_goes_well_needs_nobody() -> None:
    assert reasons(line(pace=(120, 100))) == []
    assert score([]) == 0


@pytest.mark.parametrize(
    ("fields", "key", "value"),
    [
        ({"failing_since": SINCE}, "failing", SINCE),
        ({"stale_since": date(2026, 6, 1)}, "stale", date(2026, 6, 1)),
        ({"rooms": None}, "no_rooms", True),
        ({"pace": (80, 100)}, "behind", -0.2),
        ({"waiting": 3, "mode": "suggest"}, "waiting", 3),
        ({"mode": "off"}, "no_prices", True),
        ({"mode": ""}, "no_prices", True),
        ({"at_bound": 10}, "at_bound", 10),
    ],
)
def test_each_reason(fields: dict[str, Any], key: str, value: Any) -> None:
    needs = reasons(line(**fields))
    assert needs == [Reason(key, value)]
    assert score(needs) == WEIGHTS[key]


@pytest.mark.parametrize(
    "fields",
    [
        {"pace": (86, 100)},  # not far behind
        {"pace": (0, 19)},  # too few to say
        {"pace": None},
        {"at_bound": 9},
    ],
)
def test_what_is_no_reason(fields: dict[str, Any]) -> None:
    assert reasons(line(**fields)) == []


def test_reasons_add_up_and_the_gravest_comes_first() -> None:
    needs = reasons(line(waiting=2, mode="suggest", stale_since=date(2026, 6, 1)))
    assert [reason.key for reason in needs] == ["stale", "waiting"]
    assert score(needs) == WEIGHTS["stale"] + WEIGHTS["waiting"]


def test_who_may_not_see_prices_sees_no_reason_of_them() -> None:
    hotel = line(waiting=2, failing_since=SINCE, at_bound=30, rooms=None)
    assert [reason.key for reason in reasons(hotel, with_prices=False)] == ["no_rooms"]
