"""Correlation of log lines: the ids of the requests that caused a line, and the task that wrote it.

Each request has one id (`X-Request-Id`, see request_metrics). The tasks that a request starts carry
its id too (see celery), so that a search for one id finds everything that followed from a POST.
Work is batched: one task may serve several requests, of which it carries the first MAX_IDS ids.
"""

import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from common.link_secrets import hide_link_secrets

MAX_IDS = 10
# Attributes that libraries attach to log records, and `id_prefix`, which only the line format uses.
NOT_IN_JSON = ("data", "request", "server_time", "id_prefix")

_is_valid_id = re.compile(r"[A-Za-z0-9._-]{1,64}").fullmatch

request_ids: ContextVar[tuple[str, ...]] = ContextVar("request_ids", default=())
task_id: ContextVar[str] = ContextVar("task_id", default="")


def choose_request_id(client_id: str | None) -> str:
    """Return the client's own id for its request when it is valid, else a new random one."""
    return client_id if client_id and _is_valid_id(client_id) else os.urandom(8).hex()


def valid_ids(ids: Iterable[object]) -> tuple[str, ...]:
    """Return the valid ones of the ids in a message, without duplicates, at most MAX_IDS.

    They come from another process, so nothing is assumed about them.
    """
    valid = (i for i in ids if isinstance(i, str) and _is_valid_id(i))
    return tuple(dict.fromkeys(valid))[:MAX_IDS]


@contextmanager
def correlated_with(ids: tuple[str, ...]) -> Iterator[None]:
    """Log lines written and tasks sent in this context carry these request ids."""
    token = request_ids.set(ids)
    try:
        yield
    finally:
        request_ids.reset(token)


class CorrelationFilter(logging.Filter):
    """Adds the ids to each log record; drops none."""

    def filter(self, record: logging.LogRecord) -> bool:
        ids = ",".join(request_ids.get()) or getattr(record, "request_id", "")
        record.id_prefix = f"[{ids}] " if ids else ""
        if ids:
            record.request_id = ids
        if task := task_id.get():
            record.task_id = task
        return True


class OneLineFormatter(logging.Formatter):
    """Writes a message as one line, whatever a client put into it; only a traceback has more.

    Line breaks, terminal commands and marks that reverse the text are shown as in Python's text
    literals, so that no message looks like two, or like another one. Links that give access to
    whoever has them show no secret.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # logging's name
        return _not_shown.sub(_escape, super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        return hide_link_secrets(super().format(record))


class SecretlessJsonFormatter(JsonFormatter):
    """JSON in which a link that gives access to whoever has it shows no secret."""

    def format(self, record: logging.LogRecord) -> str:
        return hide_link_secrets(super().format(record))


# ASCII's and Latin-1's controls, line separators, marks of direction, half characters.
_not_shown = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\u200e\u200f\ud800-\udfff]"
)


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()


def build_formatter(log_format: str) -> logging.Formatter:
    """Return the formatter for LOG_FORMAT: "line" or "json".

    It formats records that passed `CorrelationFilter`.
    """
    if log_format == "json":
        return SecretlessJsonFormatter(
            ["levelname", "name", "message", "process"],
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "exception"},
            timestamp="time",
            reserved_attrs=[*RESERVED_ATTRS, "taskName", *NOT_IN_JSON],
        )
    return OneLineFormatter("{levelname} {name}: {id_prefix}{message}", style="{")
