"""How often somebody may ask: requests in a minute, by key or user, and by address for the rest.

The count lies in Redis, so that all processes on all machines share it. While Redis is away nobody
is counted and nobody refused: the ledger takes events without Redis, and a limit is no promise.
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
LOGINS = ("login", "admin/login")  # each try costs the time of a password's hash
PAUSE_SECONDS = 10  # after a failure, before Redis is asked again

_ask_again_at = 0.0
_outage = OutageLog(logger, "requests are not counted, and so not limited")


def address(request: HttpRequest) -> str:
    """Where a request came from: what the outermost of our own PROXIES saw."""
    seen = request.META.get("HTTP_X_FORWARDED_FOR", "")
    chain = [part.strip() for part in seen.split(",") if part.strip()]
    chain.append(request.META.get("REMOTE_ADDR", ""))
    return _network(chain[max(0, len(chain) - 1 - settings.PROXIES)])


def _network(text: str) -> str:
    """An address as one counts it: IPv6 by its /64, which one customer has whole; no port."""
    try:
        found = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        host, _, _ = text.strip("[").partition("]" if "]" in text else ":")
        try:
            found = ip_address(host)
        except ValueError:
            return "0.0.0.0"  # noqa: S104  # something that is no address
    if found.version == 4:
        return str(found)
    return str(ip_network((found, 64), strict=False).network_address)


_clients: dict[str, redis.Redis] = {}
_making = threading.Lock()


def _redis(url: str) -> redis.Redis:
    """The one client of this process: one that is forgotten closes the connections of its users."""
    with _making:
        if url not in _clients:
            address = url.replace("redis+socket://", "unix://")
            _clients[url] = redis.Redis.from_url(
                address, socket_timeout=0.5, socket_connect_timeout=0.5
            )
        return _clients[url]


def seconds_to_wait(request: HttpRequest, access: Access) -> int:
    """0 for a request that may go on, else after how many seconds the next may come."""
    is_login = request.method == "POST" and request.path_info.strip("/") in LOGINS
    by_name = access.is_known and settings.API_AUTH != "open" and not is_login
    if is_login:
        limit = settings.RATE_OF_LOGINS
    else:
        limit = settings.RATE_PER_KEY if by_name else settings.RATE_PER_ADDRESS
    if not limit:
        return 0
    who = access.number if by_name else f"{'login' if is_login else 'address'} {address(request)}"
    now = time.time()
    count = _count(f"rpg:rate:{int(now // WINDOW_SECONDS)}:{who}")
    return 0 if count <= limit else WINDOW_SECONDS - int(now % WINDOW_SECONDS)


def _count(name: str) -> int:
    """How many there were in the window, this one included; 0 while nobody counts."""
    global _ask_again_at
    if time.monotonic() < _ask_again_at:
        return 0
    try:
        with _redis(settings.CELERY_BROKER_URL).pipeline(transaction=False) as pipe:
            pipe.incr(name)
            pipe.expire(name, 2 * WINDOW_SECONDS)
            count = int(pipe.execute()[0])
    except redis.RedisError as error:
        _ask_again_at = time.monotonic() + PAUSE_SECONDS
        _outage.failed(describe_redis_error(error))
        return 0
    _outage.is_over()
    return count
