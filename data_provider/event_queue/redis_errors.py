"""Words for an error of Redis: whether it is silent, or what it answered."""

import redis
from redis import exceptions

# Subclasses of redis.ConnectionError that are answers of a server.
_ANSWERS = (
    redis.ResponseError,  # OOM, READONLY, NOPERM, MISCONF, …
    exceptions.AuthenticationError,
    exceptions.AuthorizationError,
    redis.BusyLoadingError,
)


def describe_redis_error(error: redis.RedisError) -> str:
    """Return "Redis does not answer" with the reason, or what Redis answered."""
    if isinstance(error, _ANSWERS):
        return f"Redis refuses: {error}"
    return f"Redis does not answer ({error})"
