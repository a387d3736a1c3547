"""gunicorn: threads, because requests wait for databases; local unless told otherwise."""

import gc
import os
import socket
import struct
from typing import Any

# No request holds a thread for long: a client that stops in the middle of sending or taking is left
# after these seconds, and so is a database that does not answer.
SLOW_CLIENT_SECONDS = int(os.environ.get("SLOW_CLIENT_SECONDS", "10"))
os.environ.setdefault("DATABASE_PATIENCE_SECONDS", "20")

from roompricegenie import settings  # noqa: E402  # it reads the above
from roompricegenie.monitoring import gunicorn_metrics_folder  # noqa: E402

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = "roompricegenie.gunicorn_worker.BoundedWorker"  # gthread, with an end
# A process for each core, as Python runs one thread of a process at a time; two at least, so that
# one answers while the other is started again. Each thread keeps a connection to each database that
# it asked: at most 8 * 8 * 4 of them.
workers = int(os.environ.get("WEB_CONCURRENCY", min(max(2, len(os.sched_getaffinity(0))), 8)))
threads = 8
timeout = 60
graceful_timeout = 4
keepalive = 30
wsgi_app = "roompricegenie.wsgi:application"
loglevel = "warning"
logger_class = "roompricegenie.gunicorn_logger.WebLog"
accesslog = "-" if settings.ACCESS_LOG else None
forwarder_headers = ""  # SCRIPT_NAME is for whoever configures this, not for whoever asks
control_socket_disable = True
preload_app = True  # imported once, and the workers share the memory

# What the workers count adds up there, whoever of them is asked.
gunicorn_metrics_folder.fresh(settings.DATA_DIR / "metrics")


def child_exit(server: Any, worker: Any) -> None:
    """What a worker counted stays; what only says how it stood goes with it."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # it has no types


def post_worker_init(worker: Any) -> None:
    """What is loaded by now stays: the garbage collector need not look at it again and again.

    A page of 1,000 events makes enough objects to set it off, over all of Django each time.
    """
    gc.collect()
    gc.freeze()


def when_ready(server: Any) -> None:
    """Connections inherit these from the listening socket; Python's own timeouts are gunicorn's."""
    for listener in server.LISTENERS:
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            listener.sock.setsockopt(
                socket.SOL_SOCKET, option, struct.pack("ll", SLOW_CLIENT_SECONDS, 0)
            )
