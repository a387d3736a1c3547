"""Clients of the Redis server that CELERY_BROKER_URL names: every one of ours is made here.

The address is one server's (or a proxy's, or a virtual address that moves with the primary), or
that of the Sentinels which know the present primary. With Sentinels each new connection asks them,
and one whose server became a replica is closed: after a failover the next call, or the one after
it, reaches the new primary. Celery does the same with the same address.
"""

from typing import Any
from urllib.parse import unquote, urlsplit

import redis
from django.conf import settings
from redis.sentinel import Sentinel

SENTINEL = "sentinel://"
SENTINEL_PORT = 26379


def redis_client(**options: Any) -> redis.Redis:
    """Return a client; nothing is connected yet.

    Args:
        options: of redis-py's connections, such as `socket_timeout` in seconds. Without a timeout
            of its own a call may wait 10 s for an answer, 5 s for a connection.
    """
    url = settings.CELERY_BROKER_URL
    options = {"socket_timeout": 10, "socket_connect_timeout": 5, **options}
    if not is_replicated():
        return redis.Redis.from_url(url.replace("redis+socket://", "unix://"), **options)
    addresses = [urlsplit(part) for part in url.split(";")]
    first = addresses[0]
    sentinels = [(address.hostname, address.port or SENTINEL_PORT) for address in addresses]
    untyped: Any = Sentinel
    primary: redis.Redis = untyped(sentinels, **options).master_for(
        settings.REDIS_SENTINEL_MASTER,
        username=first.username and unquote(first.username),
        password=first.password and unquote(first.password),
        db=int(first.path.strip("/") or 0),
    )
    return primary


def is_replicated() -> bool:
    """Return whether a replica may take over: what the primary alone has may be lost."""
    return str(settings.CELERY_BROKER_URL).startswith(SENTINEL)
