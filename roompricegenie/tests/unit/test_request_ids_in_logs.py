"""Log lines carry the ids of their requests, and each JSON line can be parsed."""

import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from roompricegenie.monitoring import request_ids_in_logs


@pytest.fixture
def two_requests() -> Iterator[None]:
    with request_ids_in_logs.correlated_with(("abc", "d.e-f_1")):
        yield


def format_line(log_format: str, message: str = "a message", **fields: object) -> str:
    record = logging.makeLogRecord(
        {"name": "here", "levelno": 20, "levelname": "INFO", "msg": message, **fields}
    )
    assert request_ids_in_logs.CorrelationFilter().filter(record)
    return request_ids_in_logs.build_formatter(log_format).format(record)


@pytest.mark.parametrize("client_id", ["a", "A-1_b.c", "x" * 64])
def test_a_valid_client_id_is_used(client_id: str) -> None:
    assert request_ids_in_logs.choose_request_id(client_id) == client_id


@pytest.mark.parametrize(
    "client_id", [None, "", "x" * 65, "a b", "a\n", "é", "<b>", "a,b", "\uff41"]
)
def test_an_invalid_client_id_is_replaced(client_id: str | None) -> None:
    new_id = request_ids_in_logs.choose_request_id(client_id)
    assert new_id not in (client_id, request_ids_in_logs.choose_request_id(client_id))
    assert request_ids_in_logs.choose_request_id(new_id) == new_id


def test_of_many_ids_the_first_ones_are_used_without_duplicates() -> None:
    many = [str(number // 2) for number in range(100)]
    assert request_ids_in_logs.valid_ids([*many, "bad id", 7]) == tuple(
        map(str, range(request_ids_in_logs.MAX_IDS))
    )


def test_the_line_format(two_requests: None) -> None:
    assert format_line("line") == "INFO here: [abc,d.e-f_1] a message"


def test_without_a_request_nothing_is_added() -> None:
    assert format_line("line") == "INFO here: a message"
    assert "request_id" not in json.loads(format_line("json"))


def test_the_json_format(two_requests: None) -> None:
    parsed = json.loads(format_line("json", data={"args": "secret"}))
    assert parsed.keys() == {"time", "level", "logger", "message", "process", "request_id"}
    assert parsed["request_id"] == "abc,d.e-f_1"
    assert datetime.fromisoformat(parsed["time"]).tzinfo == UTC


def test_a_traceback_is_inside_the_json_line() -> None:
    try:
        raise ValueError("two\nlines \udcff")
    except ValueError:
        line = format_line("json", "more\nlines", exc_info=sys.exc_info())
    assert "\n" not in line
    parsed = json.loads(line)
    assert parsed["message"] == "more\nlines"
    assert "ValueError: two\nlines" in parsed["exception"]


@pytest.mark.parametrize(
    "breaker", ["\n", "\r\n", "\r", "\x0b", "\x1b[2J", "\x85", "\u2028", "\u202e", "\ud800", "\0"]
)
@pytest.mark.parametrize("log_format", ["line", "json"])
def test_a_message_is_one_line(breaker: str, log_format: str) -> None:
    forged = f"x{breaker}ERROR access: admin logged in from 6.6.6.6"
    record = logging.LogRecord("access", logging.INFO, "", 0, "user agent %s", (forged,), None)
    request_ids_in_logs.CorrelationFilter().filter(record)
    written = request_ids_in_logs.build_formatter(log_format).format(record)
    assert len(written.splitlines()) == 1
    assert written.isprintable() or log_format == "json"
    assert written.encode("utf-8")
    assert "6.6.6.6" in written


def test_a_traceback_keeps_its_lines() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", None, sys.exc_info())
    request_ids_in_logs.CorrelationFilter().filter(record)
    lines = request_ids_in_logs.build_formatter("line").format(record).splitlines()
    assert lines[0] == "ERROR x: failed"
    assert lines[1] == "Traceback (most recent call last):"


SECRET = "WzEsImEiXQ:1xWrvB:cvOpEYwPZZC3DCUTp3zb63"


@pytest.mark.parametrize("log_format", ["line", "json"])
def test_neither_format_has_the_secret_of_a_link(log_format: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (f"/invitation/{SECRET}",), None)
    record.path = f"/password/new/MQ/{SECRET}"
    request_ids_in_logs.CorrelationFilter().filter(record)
    written = request_ids_in_logs.build_formatter(log_format).format(record)
    assert SECRET not in written
    if log_format == "json":
        assert json.loads(written)["message"] == "/invitation/<hidden>"
