"""Send batches to the queue as a load does: wait while it is full, retry while Redis is away."""

import time
from collections.abc import Callable
from contextlib import suppress

import redis

from common.redis_errors import describe_redis_error
from data_provider.event_queue.queue_stream import EventQueue

MAX_QUEUED_BATCHES = 25  # half a million events, some 50 MB of Redis' memory
RETRY_SECONDS = 60  # how long a load retries while Redis is unavailable
RETRY_POLL_SECONDS = 1  # a restart of Redis takes about as long
FULL_QUEUE_POLL_SECONDS = 1  # the workers take several batches meanwhile
NO_WORKER_POLL_SECONDS = 10  # longer, so that the message is not repeated every second

START_WORKER = "celery -A roompricegenie worker -l info -c 3"

PrintMessage = Callable[[str], None]


class LoadInterrupted(Exception):
    """Redis stayed unavailable during a load, or the dashboard, which was asked for a time zone.

    The message says how much was queued.
    """


def push_with_retries(push: Callable[[], bytes], ended: str, print_message: PrintMessage) -> bytes:
    """Return what `push` returns, which is called again while Redis is unavailable.

    Args:
        ended: what the error says of the load that ended.
    Raises: LoadInterrupted after RETRY_SECONDS.
    """
    give_up = time.monotonic() + RETRY_SECONDS
    reported = ""
    while True:
        try:
            return push()
        except redis.RedisError as error:
            problem = describe_redis_error(error)
            if time.monotonic() >= give_up:
                raise LoadInterrupted(f"{problem}; {ended}") from error
            if problem != reported:
                print_message(f"{problem}; waiting up to {RETRY_SECONDS} s")
                reported = problem
            time.sleep(RETRY_POLL_SECONDS)


def wait_until_queue_has_room(queue: EventQueue, print_message: PrintMessage) -> None:
    """Return when the queue is not full; say what is waited for."""
    with suppress(redis.RedisError):  # `push_with_retries` waits for Redis and reports it
        if queue.length() < MAX_QUEUED_BATCHES:
            return
        print_message("the queue is full, waiting for the workers")
        while queue.length() >= MAX_QUEUED_BATCHES:
            if queue.readers():
                time.sleep(FULL_QUEUE_POLL_SECONDS)
            else:
                print_message(f"no worker reads the queue; start a worker: {START_WORKER}")
                time.sleep(NO_WORKER_POLL_SECONDS)
