"""The data provider's Celery tasks: they schedule and retry; the modules they call do the work."""

import logging
import time

import redis
from celery import shared_task
from django.db import Error

from common.outage_log import OutageLog
from common.redis_errors import describe_redis_error
from data_provider.event_queue.queue_recorder import QueueRun
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.file_upload.upload_loading import finish_recorded, load_next
from data_provider.file_upload.upload_storage import delete_old_uploads as delete_old
from data_provider.signals import events_queued

logger = logging.getLogger(__name__)

RUN_SECONDS = 4  # then the next run goes on, so that a worker can always stop soon
TIME_LIMIT_SECONDS = 180  # for a run that hangs; another worker claims its batch

LOAD_LIMIT_SECONDS = 3_600  # for a file; after that another worker begins it anew

_queue: EventQueue | None = None
_redis_outage = OutageLog(logger, "queued events wait, each run tries again")
_upload_outage = OutageLog(logger, "uploaded files wait, each run tries again")
_database_outage = OutageLog(logger, "queued events wait, each run tries again")


def _process_queue() -> EventQueue:
    """Return this process's queue: one for each worker, so that it has one consumer name."""
    global _queue
    if _queue is None:
        _queue = EventQueue()
    return _queue


@shared_task(time_limit=TIME_LIMIT_SECONDS)
def record_queued_events() -> int:
    """Record the queued batches in the ledger; return how many events were new."""
    run = QueueRun(_process_queue())
    try:
        if not run.record_until(time.monotonic() + RUN_SECONDS):
            events_queued.send(sender=None)
    except redis.RedisError as error:
        _redis_outage.failed(describe_redis_error(error))
    except Error as error:
        _redis_outage.is_over()
        reason = " ".join(str(error).split())
        _database_outage.failed(f"the ledger's database refused a batch: {reason}")
    else:
        _redis_outage.is_over()
        _database_outage.is_over()
    if run.created:
        logger.info("%s new events in the ledger", f"{run.created:,}")
    return run.created


@shared_task(time_limit=LOAD_LIMIT_SECONDS)
def load_uploaded_files() -> None:
    """Load the uploaded files that wait, and note which are in the ledger."""
    try:
        queue = EventQueue()
        while load_next(queue) is not None:
            pass
        finish_recorded(queue)
    except redis.RedisError as error:
        _upload_outage.failed(describe_redis_error(error))
    except Error as error:
        _upload_outage.failed(" ".join(str(error).split()))
    else:
        _upload_outage.is_over()


@shared_task
def delete_old_uploads() -> int:
    """Delete uploaded files that nobody loads, and results that are old."""
    return delete_old()
