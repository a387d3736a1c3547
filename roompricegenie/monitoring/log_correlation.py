"""Where a line of the log comes from: the requests that it goes back to, and the task.

A request has one id (`X-Request-Id`, see request_watch), and the tasks that it sets off have it too
(see celery), so that one word finds everything that became of a POST. What waits together goes on
together: a task may go back to several requests, of which MAX_IDS are kept.
"""

import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

FORMATS = ("line", "json")
MAX_IDS = 10
# What libraries attach to their lines, and the form that `line` shows ids in.
NOT_IN_JSON = ("data", "request", "server_time", "origin")

_well_formed = re.compile(r"[A-Za-z0-9._-]{1,64}").fullmatch

request_ids: ContextVar[tuple[str, ...]] = ContextVar("request_ids", default=())
task_id: ContextVar[str] = ContextVar("task_id", default="")


def request_id(given: str | None) -> str:
    """What a client calls its request, where that is short and plain, else a new id."""
    return given if given and _well_formed(given) else os.urandom(8).hex()


def known(ids: Iterable[object]) -> tuple[str, ...]:
    """The ids of a message, each once; they come from outside of this process."""
    return tuple(dict.fromkeys(i for i in ids if isinstance(i, str) and _well_formed(i)))[:MAX_IDS]


@contextmanager
def going_back_to(ids: tuple[str, ...]) -> Iterator[None]:
    """Whatever is logged or sent inside goes back to these requests."""
    token = request_ids.set(ids)
    try:
        yield
    finally:
        request_ids.reset(token)


class OriginFilter(logging.Filter):
    """Puts the ids into each line; it takes none away."""

    def filter(self, record: logging.LogRecord) -> bool:
        ids = ",".join(request_ids.get()) or getattr(record, "request_id", "")
        record.origin = f"[{ids}] " if ids else ""
        if ids:
            record.request_id = ids
        if task := task_id.get():
            record.task_id = task
        return True


def formatter(kind: str) -> logging.Formatter:
    """How a line of the log looks; `OriginFilter` must have seen it."""
    if kind == "json":
        return JsonFormatter(
            ["levelname", "name", "message", "process"],
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "exception"},
            timestamp="time",
            reserved_attrs=[*RESERVED_ATTRS, "taskName", *NOT_IN_JSON],
        )
    return logging.Formatter("{levelname} {name}: {origin}{message}", style="{")
