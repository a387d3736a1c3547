"""What went wrong with Redis, in words: whether it did not answer, or what it answered."""

import redis

# redis-py files these answers of the server under ConnectionError.
ANSWERS = (
    redis.ResponseError,  # out of memory, read-only replica, wrong rights, cannot write its file
    redis.exceptions.BusyLoadingError,
    redis.AuthenticationError,
    redis.exceptions.AuthorizationError,
)


def describe_redis_error(error: BaseException) -> str:
    """Return one line: "Redis does not answer: ...", or "Redis answers: ..." with its own words.

    Args:
        error: of redis-py, or an error of kombu or celery that one of redis-py caused.
    """
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, redis.RedisError):
        cause = cause.__cause__ or cause.__context__
    cause = cause or error
    if isinstance(cause, ANSWERS):
        return f"Redis answers: {_one_line(cause)}"
    return f"Redis does not answer: {_one_line(cause)}"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
