"""Rate limits: requests per minute by key or user, and by client address for all others.

The counts are in Redis, so that all processes on all machines share them. While Redis is not
reachable nothing is counted and no request is refused: the ledger accepts events without Redis,
and a limit is no promise.
"""

import logging
import threading
import time
from ipaddress import ip_address, ip_network

import redis
from django.conf import settings
from django.http import HttpRequest

from common.access_rights import Access
from common.outage_log import OutageLog
from common.redis_errors import describe_redis_error

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60
LOGINS = ("login", "admin/login")  # each attempt costs the time of a password hash
RETRY_SECONDS = 10  # after a failure, before Redis is tried again

_retry_at = 0.0
_outage = OutageLog(logger, "requests are not counted, and so not limited")


def address(request: HttpRequest) -> str:
    """Return a request's client address: the one that the outermost of our own PROXIES saw.

    IPv6 addresses are returned as their /64 network. Also called by django-axes.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    chain = [part.strip() for part in forwarded.split(",") if part.strip()]
    chain.append(request.META.get("REMOTE_ADDR", ""))
    return _client_network(chain[max(0, len(chain) - 1 - settings.PROXIES)])


def _client_network(text: str) -> str:
    """Return an address without its port; IPv6 as its /64, all of which one customer has."""
    try:
        parsed = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        host, _, _ = text.strip("[").partition("]" if "]" in text else ":")
        try:
            parsed = ip_address(host)
        except ValueError:
            return "0.0.0.0"  # noqa: S104  # not an address; nothing is bound to it
    if parsed.version == 4:
        return str(parsed)
    return str(ip_network((parsed, 64), strict=False).network_address)


_clients: dict[str, redis.Redis] = {}
_clients_lock = threading.Lock()


def _redis(url: str) -> redis.Redis:
    """Return the one client of this process.

    A second client that replaced it would close the connections of threads that use the first.
    """
    with _clients_lock:
        if url not in _clients:
            _clients[url] = redis.Redis.from_url(
                url.replace("redis+socket://", "unix://"),
                socket_timeout=0.5,
                socket_connect_timeout=0.5,
            )
        return _clients[url]


def seconds_to_wait(request: HttpRequest, access: Access) -> int:
    """Count a request; return 0 if it is within its limit, else the seconds to wait."""
    is_login = request.method == "POST" and request.path_info.strip("/") in LOGINS
    by_name = access.is_known and settings.API_AUTH != "open" and not is_login
    if is_login:
        limit = settings.RATE_OF_LOGINS
    else:
        limit = settings.RATE_PER_KEY if by_name else settings.RATE_PER_ADDRESS
    if not limit:
        return 0
    if by_name:
        client = access.number
    else:
        client = f"{'login' if is_login else 'address'} {address(request)}"
    now = time.time()
    count = _count(f"rpg:rate:{int(now // WINDOW_SECONDS)}:{client}")
    return 0 if count <= limit else WINDOW_SECONDS - int(now % WINDOW_SECONDS)


def _count(name: str) -> int:
    """Add 1 to a counter and return it; 0 while Redis is not reachable."""
    global _retry_at
    if time.monotonic() < _retry_at:
        return 0
    try:
        with _redis(settings.CELERY_BROKER_URL).pipeline(transaction=False) as pipe:
            pipe.incr(name)
            pipe.expire(name, 2 * WINDOW_SECONDS)
            count = int(pipe.execute()[0])
    except redis.RedisError as error:
        _retry_at = time.monotonic() + RETRY_SECONDS
        _outage.failed(describe_redis_error(error))
        return 0
    _outage.is_over()
    return count
