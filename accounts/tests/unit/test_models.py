"""Hotels in a text, and the rights that a key gives."""

import pytest
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import PermissionDenied

from accounts.models import ApiKey, hotel_numbers
from accounts.rate_limits import address
from common.access_rights import Ability, Access
from common.value_limits import MAX_HOTEL_ID


@given(st.frozensets(st.integers(1, MAX_HOTEL_ID)), st.sampled_from([", ", ",", " ", ";", "\r\n"]))
def test_numbers_are_read_as_they_were_written(numbers: frozenset[int], between: str) -> None:
    assert hotel_numbers(between.join(map(str, numbers))) == numbers


@pytest.mark.parametrize("text", ["x", "0", "-1", "1.5", "2147483648", "1, two", "٣", "1_000"])
def test_what_is_no_hotel_is_named(text: str) -> None:
    with pytest.raises(ValidationError, match="is no hotel"):
        hotel_numbers(text)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"read_events": True}, "give the hotels' numbers"),
        ({"read_events": True, "hotels": "1", "all_hotels": True}, "give the hotels' numbers"),
        ({"hotels": "1"}, "may do nothing"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ApiKey(name="x", **fields).clean()


def test_a_key_gives_the_rights_that_it_names() -> None:
    access = ApiKey(name="x", prefix="abc", hotels="1, 7", write_events=True).access()
    assert access.abilities == {Ability.WRITE_EVENTS}
    assert access.hotels == frozenset({1, 7})


@given(st.sets(st.integers(1, 50)), st.sets(st.integers(1, 50)))
def test_foreign_hotels_are_named(mine: set[int], asked: set[int]) -> None:
    access = Access("key", "key 1", frozenset(), frozenset(mine), is_known=True)
    foreign = sorted(asked - mine)
    if not foreign:
        access.must_see(asked)
        return
    with pytest.raises(PermissionDenied) as refused:
        access.must_see(asked)
    assert f"hotel {', '.join(map(str, foreign[:10]))}" in str(refused.value.detail)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, "", "9.9.9.9"),
        (0, "1.1.1.1", "9.9.9.9"),  # anybody can write this header
        (1, "1.1.1.1, 2.2.2.2", "2.2.2.2"),
        (2, "1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (1, "", "9.9.9.9"),
        (1, "1.2.3.4:5678", "1.2.3.4"),
        (1, "unknown", "0.0.0.0"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),  # one customer has all of a /64
        (1, "[2001:db8:1:2::9]:443", "2001:db8:1:2::"),
    ],
)
def test_an_address_is_what_our_own_proxies_saw(
    settings: object, proxies: int, forwarded: str, seen: str
) -> None:
    settings.PROXIES = proxies  # type: ignore[attr-defined]
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="9.9.9.9")
    assert address(request) == seen
