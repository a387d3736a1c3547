"""Lists of hotel numbers, the rights that a key gives, and client addresses."""

import pytest
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import PermissionDenied

from accounts.models import ApiKey, parse_hotel_numbers
from accounts.rate_limits import address
from common.access_rights import Ability, Access
from common.value_limits import MAX_HOTEL_ID


@given(st.frozensets(st.integers(1, MAX_HOTEL_ID)), st.sampled_from([", ", ",", " ", ";", "\r\n"]))
def test_hotel_numbers_are_parsed(numbers: frozenset[int], between: str) -> None:
    assert parse_hotel_numbers(between.join(map(str, numbers))) == numbers


@pytest.mark.parametrize("text", ["x", "0", "-1", "1.5", "2147483648", "1, two", "٣", "1_000"])
def test_the_error_names_what_is_no_hotel_number(text: str) -> None:
    with pytest.raises(ValidationError, match="is no hotel"):
        parse_hotel_numbers(text)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"read_events": True}, "give the hotels' numbers"),
        ({"read_events": True, "hotels": "1", "all_hotels": True}, "give the hotels' numbers"),
        ({"hotels": "1"}, "may do nothing"),
    ],
)
def test_inconsistent_keys_are_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ApiKey(name="x", **fields).clean()


def test_a_key_gives_its_abilities_and_hotels() -> None:
    access = ApiKey(name="x", prefix="abc", hotels="1, 7", write_events=True).access()
    assert access.abilities == {Ability.WRITE_EVENTS}
    assert access.hotels == frozenset({1, 7})


@given(st.sets(st.integers(1, 50)), st.sets(st.integers(1, 50)))
def test_the_error_names_foreign_hotels(own: set[int], requested: set[int]) -> None:
    access = Access("key", "key 1", frozenset(), frozenset(own), is_known=True)
    foreign = sorted(requested - own)
    if not foreign:
        access.must_see(requested)
        return
    with pytest.raises(PermissionDenied) as refused:
        access.must_see(requested)
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
def test_a_client_address_is_what_our_own_proxies_saw(
    settings: object, proxies: int, forwarded: str, seen: str
) -> None:
    settings.PROXIES = proxies  # type: ignore[attr-defined]
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="9.9.9.9")
    assert address(request) == seen
