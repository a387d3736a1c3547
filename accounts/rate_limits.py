"""Rate limits: requests per minute by key or user, and by client address for all others; mails.

The counts are in Redis, so that all processes on all machines share them. While Redis is not
reachable nothing is counted and no request is refused: the ledger accepts events without Redis,
and a limit is no promise.
"""

import hashlib
import logging
import threading
import time

import redis
from django.conf import settings
from django.http import HttpRequest

from common.access_rights import Access
from common.client_address import client_address
from common.outage_log import OutageLog
from common.redis_client import redis_client
from common.redis_errors import describe_redis_error

logger = logging.getLogger(__name__)
access_log = logging.getLogger("access")

WINDOW_SECONDS = 60
# Each attempt costs the time of a password hash, or a mail.
LOGINS = (
    "login", "login/code", "password", "password/forgotten",
    "invitation", "people/invite", "people/resend", "account/second-factor",
    "account/second-factor/off", "account/recovery-codes",
)  # fmt: skip
NEW_PASSWORD = "password/new/"  # noqa: S105  # with a link's token behind it
MAILS_TO_AN_ADDRESS, MAIL_WINDOW_SECONDS = 5, 3600  # so that nobody's mailbox is filled by us
RETRY_SECONDS = 10  # after a failure, before Redis is tried again

_retry_at = 0.0
_outage = OutageLog(logger, "requests are not counted, and so not limited")


def address(request: HttpRequest) -> str:
    """Return a request's client address (see common.client_address); django-axes calls it too."""
    meta = request.META
    return client_address(
        meta.get("HTTP_X_FORWARDED_FOR", ""), meta.get("REMOTE_ADDR", ""), settings.PROXIES
    )


_clients: dict[str, redis.Redis] = {}
_clients_lock = threading.Lock()


def _redis(url: str) -> redis.Redis:
    """Return the one client of this process.

    A second client that replaced it would close the connections of threads that use the first.
    """
    with _clients_lock:
        if url not in _clients:
            _clients[url] = redis_client(socket_timeout=0.5, socket_connect_timeout=0.5)
        return _clients[url]


def seconds_to_wait(request: HttpRequest, access: Access) -> int:
    """Count a request; return 0 if it is within its limit, else the seconds to wait."""
    path = request.path_info.strip("/")
    is_login = request.method == "POST" and (path in LOGINS or path.startswith(NEW_PASSWORD))
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
    count = _count(f"rpg:rate:{int(now // WINDOW_SECONDS)}:{client}", 2 * WINDOW_SECONDS)
    if count <= limit:
        return 0
    wait = WINDOW_SECONDS - int(now % WINDOW_SECONDS)
    if count == limit + 1:  # one line for each client and minute, not for each request
        origin = f"key or user {client} from {address(request)}" if by_name else client
        access_log.warning(
            "%s sent more than %d requests in a minute: refused for %d s", origin, limit, wait
        )
    return wait


def is_mailbox_full(mail_address: str) -> bool:
    """Count a mail to an address; return whether it got as many as it may within an hour."""
    digest = hashlib.sha256(mail_address.casefold().encode()).hexdigest()
    return _count(f"rpg:mails:{digest}", MAIL_WINDOW_SECONDS) > MAILS_TO_AN_ADDRESS


def _count(name: str, seconds: int) -> int:
    """Add 1 to a counter and return it; 0 while Redis is not reachable.

    The counter begins anew when nothing was counted for so many seconds.
    """
    global _retry_at
    if time.monotonic() < _retry_at:
        return 0
    try:
        with _redis(settings.CELERY_BROKER_URL).pipeline(transaction=False) as pipe:
            pipe.incr(name)
            pipe.expire(name, seconds)
            count = int(pipe.execute()[0])
    except redis.RedisError as error:
        _retry_at = time.monotonic() + RETRY_SECONDS
        _outage.failed(describe_redis_error(error))
        return 0
    _outage.is_over()
    return count
