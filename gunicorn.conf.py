"""gunicorn's configuration: threaded workers, because requests wait for databases; listens on
127.0.0.1 unless `--bind` says otherwise, and refuses to serve an open system to the network."""

import gc
import os
import resource
import socket
import struct
import sys
from typing import Any

from django.core.exceptions import ImproperlyConfigured

# No database may hold a thread for long: web processes give up a statement after this time.
os.environ.setdefault("DATABASE_PATIENCE_SECONDS", "20")
# gunicorn creates its logger, which reads the settings, before it loads wsgi.py.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")

try:
    from roompricegenie import settings  # it reads the variable set above
    from roompricegenie.gunicorn import (
        memory_arenas,
        metrics_folder,
        open_system,
        request_timeout,  # noqa: F401
    )

    # One process per core, because Python runs one thread of a process at a time; at least two, so
    # that one answers while the other is restarted. Each thread keeps a connection to each of the
    # four databases that it used, and so do the three that answer /readyz, keep the versions of
    # pages, and look how far the figures are behind: at most
    # 8 processes * 11 threads * 4 databases = 352 connections.
    workers = settings.WEB_CONCURRENCY or min(max(2, len(os.sched_getaffinity(0))), 8)
    # The metrics of all worker processes are summed there, whichever process answers a scrape.
    metrics_folder.create_metrics_folder(settings.DATA_DIR / "metrics")
except (ImproperlyConfigured, OSError) as error:
    sys.exit(f"gunicorn: {error}")

bind = f"127.0.0.1:{settings.PORT}"
worker_class = "roompricegenie.gunicorn.front_worker.FrontWorker"
threads = 8
# Of each process; a further one closes the oldest that is not served. Each open page holds one.
worker_connections = 4000
# A connection is an open file. Where the limit is lower, connections are closed earlier.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
if _soft != resource.RLIM_INFINITY and _soft < (_files := 2 * worker_connections):
    _most = _files if _hard == resource.RLIM_INFINITY else min(_files, _hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_most, _hard))
timeout = 60
graceful_timeout = 4
keepalive = 30
wsgi_app = "roompricegenie.wsgi:application"
loglevel = "warning"
logger_class = "roompricegenie.gunicorn.access_log.GunicornLogger"
accesslog = "-" if settings.ACCESS_LOG else None
forwarder_headers = ""  # SCRIPT_NAME is for the operator to set, not for a client's header
control_socket_disable = True
preload_app = True  # imported once; the workers share the memory


def on_starting(server: Any) -> None:
    """Refuse to serve an open system to the network, before any socket is bound."""
    open_system.refuse_open_addresses(server.address)


def child_exit(server: Any, worker: Any) -> None:
    """Remove the gauges of a worker that ended; its counters are kept."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # it has no types


def post_worker_init(worker: Any) -> None:
    """Let threads share freed memory; exclude all that is loaded by now from garbage collection.

    What is loaded lives as long as the process. A page of 1,000 events creates enough objects to
    trigger a collection, which would scan all of Django each time.
    """
    memory_arenas.share_arenas()
    _keep_page_versions()
    gc.collect()
    gc.freeze()


def _keep_page_versions() -> None:
    """Start what answers the questions of open pages; a thread does not survive a fork."""
    from common import page_versions

    page_versions.start()


def when_ready(server: Any) -> None:
    """Set the timeouts for slow clients on the listening sockets; connections inherit them.

    Python's socket timeouts cannot be used for this, because gunicorn sets them itself.
    """
    for listener in server.LISTENERS:
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            listener.sock.setsockopt(
                socket.SOL_SOCKET, option, struct.pack("ll", settings.SLOW_CLIENT_SECONDS, 0)
            )
