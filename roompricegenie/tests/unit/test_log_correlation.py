"""Lines of the log: whose they are, and that a machine can read each one."""

import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from roompricegenie.monitoring import log_correlation


@pytest.fixture
def somebody_s() -> Iterator[None]:
    with log_correlation.going_back_to(("abc", "d.e-f_1")):
        yield


def line(kind: str, message: str = "said", **more: object) -> str:
    record = logging.makeLogRecord(
        {"name": "here", "levelno": 20, "levelname": "INFO", "msg": message, **more}
    )
    assert log_correlation.OriginFilter().filter(record)
    return log_correlation.formatter(kind).format(record)


@pytest.mark.parametrize("given", ["a", "A-1_b.c", "x" * 64])
def test_a_client_s_own_id_is_taken(given: str) -> None:
    assert log_correlation.request_id(given) == given


@pytest.mark.parametrize("given", [None, "", "x" * 65, "a b", "a\n", "é", "<b>", "a,b", "\uff41"])
def test_what_is_no_id_is_replaced(given: str | None) -> None:
    made = log_correlation.request_id(given)
    assert made not in (given, log_correlation.request_id(given))
    assert log_correlation.request_id(made) == made


def test_of_many_ids_some_are_kept_each_once() -> None:
    many = [str(number // 2) for number in range(100)]
    assert log_correlation.known([*many, "bad id", 7]) == tuple(
        map(str, range(log_correlation.MAX_IDS))
    )


def test_a_line_for_people(somebody_s: None) -> None:
    assert line("line") == "INFO here: [abc,d.e-f_1] said"


def test_without_a_request_nothing_is_added() -> None:
    assert line("line") == "INFO here: said"
    assert "request_id" not in json.loads(line("json"))


def test_a_line_for_machines(somebody_s: None) -> None:
    found = json.loads(line("json", data={"args": "secret"}))
    assert found.keys() == {"time", "level", "logger", "message", "process", "request_id"}
    assert found["request_id"] == "abc,d.e-f_1"
    assert datetime.fromisoformat(found["time"]).tzinfo == UTC


def test_an_exception_is_inside_the_line() -> None:
    try:
        raise ValueError("two\nlines \udcff")
    except ValueError:
        said = line("json", "more\nlines", exc_info=sys.exc_info())
    assert "\n" not in said
    found = json.loads(said)
    assert found["message"] == "more\nlines"
    assert "ValueError: two\nlines" in found["exception"]
