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


QUESTION = b'GET /renewal/?h7~18:x HTTP/1.1\r\nHost: x\r\nIf-None-Match: "abc"'


def test_the_question_of_an_open_page() -> None:
    head = read_head(QUESTION)
    assert head.is_renewal_question
    assert (head.query, head.if_none_match) == (b"h7~18:x", '"abc"')


@pytest.mark.parametrize(
    "head",
    [
        QUESTION + b"\r\nContent-Length: 5", QUESTION + b"\r\nConnection: close",
        QUESTION.replace(b"1.1", b"1.0"), QUESTION.replace(b"GET", b"POST"),
        QUESTION.replace(b"/renewal/", b"/renewal/more"),
    ],
)  # fmt: skip
def test_no_question_for_the_main_loop(head: bytes) -> None:
    assert not read_head(head).is_renewal_question


def test_addresses_of_several_headers_are_one_chain() -> None:
    head = b"GET / HTTP/1.1\r\nX-Forwarded-For: 6.6.6.6\r\nHost: x\r\nx-forwarded-for: 7.7.7.7, 8.8.8.8"
    assert read_head(head).forwarded_for == "6.6.6.6,7.7.7.7, 8.8.8.8"
