"""An outage is logged when it begins, when its reason changes and when it is over."""

import logging

import pytest
import redis
from kombu.exceptions import OperationalError

from common.outage_log import OutageLog
from common.redis_errors import describe_redis_error


def test_an_outage_is_two_lines_however_often_it_fails(caplog: pytest.LogCaptureFixture) -> None:
    outage = OutageLog(logging.getLogger("test"), "work waits")
    for _ in range(100):
        outage.failed("Redis does not answer")
    for _ in range(3):
        outage.is_over()
    first, last = caplog.messages
    assert first == "Redis does not answer; work waits"
    assert last.endswith("100 failures: Redis does not answer")
    outage.failed("Redis does not answer")
    assert len(caplog.messages) == 3


def test_another_reason_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    outage = OutageLog(logging.getLogger("test"), "work waits")
    for reason in ("one", "one", "two", "two"):
        outage.failed(reason)
    assert caplog.messages == ["one; work waits", "two; work waits"]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (redis.ConnectionError("Error 111 connecting"), "Redis does not answer: Error 111"),
        (redis.TimeoutError("Timeout reading"), "Redis does not answer: Timeout reading"),
        (redis.exceptions.OutOfMemoryError("command not allowed"), "Redis answers: command not"),
        (redis.exceptions.ReadOnlyError("You can't write"), "Redis answers: You can't write"),
        (redis.exceptions.BusyLoadingError("is loading"), "Redis answers: is loading"),
        (redis.AuthenticationError("Authentication required."), "Redis answers: Authentication"),
    ],
)
def test_it_says_whether_redis_answered(error: redis.RedisError, text: str) -> None:
    assert describe_redis_error(error).startswith(text)
    try:
        raise OperationalError("of kombu") from error
    except OperationalError as wrapped:
        assert describe_redis_error(wrapped).startswith(text)
