"""Only a request that leaves nothing to wait for is answered apart from all others."""

import pytest

from roompricegenie.gunicorn.request_head import read_head


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x",
        b"HEAD /readyz/ HTTP/1.1",
        b"GET /healthz?a=b HTTP/1.0\r\nContent-Length: 0",
    ],
)
def test_a_health_check(head: bytes) -> None:
    assert read_head(head).is_health_check


@pytest.mark.parametrize(
    "head",
    [
        b"", b"GET", b"GET /healthz", b"\r\nGET /healthz HTTP/1.1", b"GET  /healthz HTTP/1.1",
        b"POST /healthz HTTP/1.1", b"get /healthz HTTP/1.1", b"GET /healthz/more HTTP/1.1",
        b"GET /healthz HTTP/1.1\r\ncontent-length: 5", b"GET /healthz HTTP/1.1\r\nContent-Length:00",
        b"GET /healthz HTTP/1.1\r\nTRANSFER-ENCODING: chunked",
        b"GET /healthz HTTP/1.1\r\nExpect: 100-continue",
        b"GET /healthz HTTP/1.1\r\nContent-Length : 5", b"GET /events/ HTTP/1.1",
    ],
)  # fmt: skip
def test_no_health_check(head: bytes) -> None:
    assert not read_head(head).is_health_check


PAGE = (
    b"GET /?hotel_id=7 HTTP/1.1\r\nHost: x\r\nX-Renewal-Token: h7~18:x\r\n"
    b'X-Renewal-Version: 12ab-5\r\nIf-None-Match: "abc"'
)


def test_an_open_page_that_may_be_unchanged() -> None:
    head = read_head(PAGE)
    assert head.may_be_unchanged
    assert (head.renewal_token, head.renewal_version) == ("h7~18:x", "12ab-5")
    assert head.if_none_match == '"abc"'


@pytest.mark.parametrize(
    "head",
    [
        PAGE + b"\r\nContent-Length: 5", PAGE + b"\r\nConnection: close",
        PAGE.replace(b"1.1", b"1.0"), PAGE.replace(b"GET", b"POST"),
        PAGE.replace(b"-Token", b"-Tok"),
    ],
)  # fmt: skip
def test_no_open_page_for_the_main_loop(head: bytes) -> None:
    assert not read_head(head).may_be_unchanged


def test_addresses_of_several_headers_are_one_chain() -> None:
    head = b"GET / HTTP/1.1\r\nX-Forwarded-For: 6.6.6.6\r\nHost: x\r\nx-forwarded-for: 7.7.7.7, 8.8.8.8"
    assert read_head(head).forwarded_for == "6.6.6.6,7.7.7.7, 8.8.8.8"
