"""Limits and lock-outs count customers: an IPv4 address however it is written, an IPv6 network."""

from typing import Any

import pytest
from django.test import RequestFactory

from accounts.rate_limits import address


def address_of(peer: str, forwarded: str | None = None) -> str:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return address(RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers))


@pytest.mark.parametrize(
    "text",
    [
        "203.0.113.7", "203.0.113.7:4711",
        "::ffff:203.0.113.7", "::FFFF:203.0.113.7", "[::ffff:203.0.113.7]:4711",
        "::ffff:203.0.113.7%eth0", "0:0:0:0:0:ffff:cb00:7107", "::ffff:cb00:7107",
        "::ffff:0:203.0.113.7",  # translated (RFC 2765)
        "64:ff9b::203.0.113.7",  # a NAT64 gateway's (RFC 6052)
        "64:ff9b:1::203.0.113.7",  # a local NAT64 gateway's (RFC 8215)
    ],
)  # fmt: skip
def test_every_spelling_of_an_ipv4_address_is_that_address(text: str) -> None:
    assert address_of(text) == "203.0.113.7"


@pytest.mark.parametrize("prefix", ["::ffff:", "::ffff:0:", "64:ff9b::", "64:ff9b:1::"])
def test_two_ipv4_addresses_are_two_clients(prefix: str) -> None:
    assert address_of(f"{prefix}203.0.113.7") != address_of(f"{prefix}198.51.100.9")


def test_an_ipv6_customer_is_a_network_of_64_bits() -> None:
    assert address_of("2001:db8:1:2::5") == address_of("2001:db8:1:2:ffff::9") == "2001:db8:1:2::"
    assert address_of("2001:db8:1:3::5") == "2001:db8:1:3::"


def test_neighbours_on_a_link_are_not_one_customer() -> None:
    assert address_of("fe80::1%eth0") == "fe80::1" != address_of("fe80::2%eth0")


def test_this_machine_is_itself() -> None:
    assert address_of("::1") == "::1"
    assert address_of("127.0.0.1") == "127.0.0.1"


@pytest.mark.parametrize("text", ["", "unknown", "_hidden", "::ffff:", "203.0.113", "x" * 5000])
def test_what_is_no_address_is_one_client(text: str) -> None:
    assert address_of(text) == "0.0.0.0"  # nothing is bound to it


def test_a_proxy_that_writes_mapped_addresses(settings: Any) -> None:
    settings.PROXIES = 1
    assert address_of("10.0.0.1", "6.6.6.6, ::ffff:203.0.113.7") == "203.0.113.7"
    assert address_of("10.0.0.1", "::ffff:198.51.100.9") == "198.51.100.9"
