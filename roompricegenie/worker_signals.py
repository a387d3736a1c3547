"""What happens around Celery's tasks: request ids in the log, counts of runs, memory, log format.

Importing this module connects it to Celery's signals (`WiringConfig.ready` does).
"""

import gc
import logging
from collections import deque
from typing import Any

import redis
from celery.signals import (
    before_task_publish,
    celeryd_init,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_process_init,
)
from django.conf import settings
from django.db import connections

from roompricegenie import task_nudges
from roompricegenie.monitoring import request_ids_in_logs, task_counts

REQUEST_IDS_HEADER = "request_ids"

logger = logging.getLogger(__name__)


@worker_process_init.connect
def store_no_statements(**_: Any) -> None:
    """With debug Django stores each process's last 9,000 statements until the next request, with
    all their values; a worker has no requests, and each of its statements may take a megabyte."""
    for connection in connections.all():
        connection.queries_log = deque(maxlen=0)


@worker_process_init.connect
def freeze_loaded_objects(**_: Any) -> None:
    """What is loaded by now stays: the garbage collector need not examine it for each batch."""
    gc.collect()
    gc.freeze()


@setup_logging.connect
def set_log_level(loglevel: int, **_: Any) -> None:
    """Celery adds no handlers of its own, in another format; `-l` sets the level."""
    logging.getLogger().setLevel(loglevel)


@celeryd_init.connect
def suppress_banner(instance: Any, **_: Any) -> None:
    """A worker's banner is no JSON."""
    instance.quiet = instance.quiet or settings.LOG_FORMAT == "json"


@before_task_publish.connect
def attach_request_ids(headers: dict[str, Any], **_: Any) -> None:
    """A task that a request sends, or a task caused by one, carries the request's id."""
    if ids := request_ids_in_logs.request_ids.get():
        headers[REQUEST_IDS_HEADER] = list(ids)


@task_prerun.connect
def begin_task(task_id: str, task: Any, args: Any = (), **_: Any) -> None:
    """Remove the nudge flag, so that the next event nudges again: this run may miss what is stored
    from now on. Set the ids of the requests that caused the run."""
    request_ids_in_logs.task_id.set(task_id)
    ids = task.request.get(REQUEST_IDS_HEADER) or []
    late: list[str] = []
    if not task_nudges.is_redis_paused():  # else the flag expires by itself
        try:
            late = task_nudges.take_late_request_ids(task_nudges.Run(task.name, tuple(args)))
        except redis.RedisError as error:
            task_nudges.redis_failed(error)
    request_ids_in_logs.request_ids.set(request_ids_in_logs.valid_ids([*ids, *late]))
    task_counts.begin()


@task_postrun.connect
def end_task(task: Any, state: str | None = None, **_: Any) -> None:
    """Count the run; what the process logs between two tasks belongs to none."""
    if not task_nudges.is_redis_paused():
        try:
            task_counts.end(task_nudges.redis_client, task.name, state)
        except redis.RedisError as error:
            task_nudges.redis_failed(error)
        else:
            task_nudges.redis_answered()
    request_ids_in_logs.request_ids.set(())
    request_ids_in_logs.task_id.set("")
