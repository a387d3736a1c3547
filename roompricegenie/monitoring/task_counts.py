"""How the workers' tasks fare, counted in one hash in Redis, which all their processes share.

Emptying Redis begins the count anew. A run whose process was killed is not counted.
"""

import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

import redis

COUNTS = "rpg:tasks"

_began: ContextVar[float] = ContextVar("began")


class TaskCounts(NamedTuple):
    """A task's runs by outcome, the seconds that they took in all, and when the last one ended."""

    runs: dict[str, int]
    seconds: float
    last_at: float  # seconds since 1970


def begin() -> None:
    """A run begins here."""
    _began.set(time.perf_counter())


def end(client: redis.Redis, task_name: str, state: str | None) -> None:
    """The run that began here has ended. Raises: redis.RedisError."""
    seconds = time.perf_counter() - _began.get()
    short = task_name.rpartition(".")[2]
    with client.pipeline(transaction=False) as pipe:
        pipe.hincrby(COUNTS, f"{short} runs {(state or 'unknown').lower()}", 1)
        pipe.hincrbyfloat(COUNTS, f"{short} seconds", seconds)
        pipe.hset(COUNTS, f"{short} last", str(time.time()))
        pipe.execute()


def read(client: Any) -> dict[str, TaskCounts]:
    """The counts of each task. Raises: redis.RedisError."""
    found: dict[str, TaskCounts] = {}
    for field, value in _fields(client):
        task, kind, *outcome = field
        counts = found.get(task, TaskCounts({}, 0.0, 0.0))
        if kind == "runs":
            counts.runs[outcome[0]] = int(value)
        elif kind == "seconds":
            counts = counts._replace(seconds=float(value))
        else:
            counts = counts._replace(last_at=float(value))
        found[task] = counts
    return found


def _fields(client: Any) -> Iterator[tuple[list[str], bytes]]:
    for name, value in client.hgetall(COUNTS).items():
        yield name.decode().split(), value
