"""Runs and durations of Celery tasks, counted in one Redis hash that all worker processes share.

The counts start anew when Redis is emptied. A run whose process was killed is not counted.
"""

import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

import redis

COUNTS_KEY = "rpg:tasks"

_started_at: ContextVar[float] = ContextVar("started_at")  # of the current run, in perf_counter s


class TaskCounts(NamedTuple):
    """The counts of one task."""

    runs: dict[str, int]  # by outcome, as "success"
    seconds: float  # of all runs together
    last_at: float  # when the last run ended, in seconds since 1970


def begin() -> None:
    """Start the clock of the current run."""
    _started_at.set(time.perf_counter())


def end(client: redis.Redis, task_name: str, state: str | None) -> None:
    """Count the current run. Raises: redis.RedisError."""
    seconds = time.perf_counter() - _started_at.get()
    short_name = task_name.rpartition(".")[2]
    with client.pipeline(transaction=False) as pipe:
        pipe.hincrby(COUNTS_KEY, f"{short_name} runs {(state or 'unknown').lower()}", 1)
        pipe.hincrbyfloat(COUNTS_KEY, f"{short_name} seconds", seconds)
        pipe.hset(COUNTS_KEY, f"{short_name} last", str(time.time()))
        pipe.execute()


def load(client: Any) -> dict[str, TaskCounts]:
    """Return the counts by the task's short name. Raises: redis.RedisError."""
    tasks: dict[str, TaskCounts] = {}
    for (task, kind, *outcome), value in _fields(client):
        counts = tasks.get(task, TaskCounts({}, 0.0, 0.0))
        if kind == "runs":
            counts.runs[outcome[0]] = int(value)
        elif kind == "seconds":
            counts = counts._replace(seconds=float(value))
        else:
            counts = counts._replace(last_at=float(value))
        tasks[task] = counts
    return tasks


def _fields(client: Any) -> Iterator[tuple[list[str], bytes]]:
    for name, value in client.hgetall(COUNTS_KEY).items():
        yield name.decode().split(), value
