"""One POST or GET to a stranger's server, which may be slow, hostile or not what it says it is.

Guaranteed: it ends within its deadline whatever the receiver does, because a timer cuts the
connection (a receiver that sends a byte now and then never runs into a time-out per read); at most
some kB are read, or as many bytes as the caller allows; it connects only to an address that
`receiver_address` allows, and to exactly the one that was checked: the name is looked up once.
Redirects are not followed, and neither proxy variables nor `.netrc` are read. Error messages never
contain the address's path, which often holds a token.
"""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from pricing_service.delivery.receiver_address import is_named_internal, is_public, refusal

CONNECT_SECONDS = 4  # for one of the host's addresses
BODY_SECONDS = 1  # the status is known by then; a body is read so that the receiver sees no error
BODY_BYTES = 4096


# Whether a post arrived, and the status or error as text.
Outcome = tuple[bool, str]


class Answer(NamedTuple):
    """What a server answered; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes  # not decoded


class ExchangeFailed(Exception):
    """The receiver did not answer; the text says why, for people."""


class _TimeIsUp(ExchangeFailed):
    """The deadline has passed."""


def post(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> int:
    """Post a body and return the status of the answer.

    Args:
        seconds: the deadline for everything, from the lookup of the name to the end of the body.
    Raises:
        ExchangeFailed.
    """
    return _request("POST", url, body, headers, seconds).status


def get(url: str, headers: Mapping[str, str], seconds: float, max_bytes: int) -> Answer:
    """Return what an address answers.

    Args:
        seconds: the deadline for everything, from the lookup of the name to the end of the body.
    Raises:
        ExchangeFailed: also where the body is larger than `max_bytes`.
    """
    return _request("GET", url, None, headers, seconds, max_bytes)


def _request(
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    seconds: float,
    max_bytes: int | None = None,
) -> Answer:
    """Send a request; without `max_bytes` the answer's body is of no interest.

    Raises: ExchangeFailed.
    """
    clock = _Clock(seconds)
    try:
        target = urllib3.util.parse_url(url)
        if target.host is None or target.scheme not in ("http", "https"):
            raise ExchangeFailed("its address is no web address")
        with _pool(target, clock) as pool:
            return _exchange(pool, method, target.request_uri, body, headers, clock, max_bytes)
    except ExchangeFailed:
        raise
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        if clock.is_over():
            raise clock.error() from error
        raise ExchangeFailed(_reason(error)) from error
    finally:
        clock.stop()


def post_outcome(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Outcome:
    """Post a body as `post` does; any 2xx status means that it arrived."""
    try:
        status = post(url, body, headers, seconds)
    except ExchangeFailed as error:
        return False, str(error)
    if 300 <= status < 400:
        return False, f"answered {status}: redirects are not followed"
    return 200 <= status < 300, f"answered {status}"


class _Clock:
    """The deadline of an exchange; cuts the connection that it watches when it has passed."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._timer: threading.Timer | None = None
        self._watched: socket.socket | None = None

    def left(self) -> float:
        """Return the seconds that are left. Raises: _TimeIsUp."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.error()
        return left

    def is_over(self) -> bool:
        return time.monotonic() >= self._end

    def error(self) -> _TimeIsUp:
        return _TimeIsUp(f"did not answer within {self.seconds:g} s")

    def watch(self, connection: socket.socket) -> None:
        """Cut a connection at the deadline: a read that waits then ends.

        By a duplicate of the socket, because TLS takes the socket itself over.
        Raises: _TimeIsUp.
        """
        self.stop()
        self._watched = connection.dup()
        self._start_timer(self.left())

    def shorten(self, seconds: float) -> None:
        """Move the deadline of the watched connection nearer."""
        if self._timer is not None and self._end > time.monotonic() + seconds:
            self._timer.cancel()
            self._start_timer(seconds)

    def stop(self) -> None:
        """Cut no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()  # after this the duplicate is not used any more
        if self._watched is not None:
            self._watched.close()
        self._timer = self._watched = None

    def _start_timer(self, seconds: float) -> None:
        assert self._watched is not None
        self._timer = threading.Timer(seconds, _cut, [self._watched])
        self._timer.daemon = True
        self._timer.start()


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):  # the receiver closed it
        connection.shutdown(socket.SHUT_RDWR)


def _pool(target: urllib3.util.Url, clock: _Clock) -> HTTPConnectionPool:
    """Return a pool for one connection, to an address that is checked."""

    def connect(host: str, port: int) -> socket.socket:
        return _connect(host, port, clock)

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self.host, self.port or 80)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            # TLS asks for, and checks the certificate by, the name in the address.
            return connect(self.host, self.port or 443)

    host = target.host or ""
    if target.scheme == "https":
        secure = HTTPSConnectionPool(host, target.port, retries=False, ssl_context=_tls())
        secure.ConnectionCls = Secure
        return secure
    plain = HTTPConnectionPool(host, target.port, retries=False)
    plain.ConnectionCls = Plain
    return plain


@cache
def _tls() -> ssl.SSLContext:
    """Trusts the public authorities, and those of SSL_CERT_FILE or of the machine."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _exchange(
    pool: HTTPConnectionPool,
    method: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
    clock: _Clock,
    max_bytes: int | None,
) -> Answer:
    response = pool.urlopen(
        method, path, body=body, headers={**headers, "Connection": "close"},
        timeout=clock.left(), redirect=False, retries=False,
        preload_content=False, decode_content=False,
    )  # fmt: skip
    clock.left()  # headers that the clock cut off look like complete ones
    content = b""
    if max_bytes is None:
        clock.shorten(BODY_SECONDS)
        with suppress(urllib3.exceptions.HTTPError, OSError, ValueError):
            response.read(BODY_BYTES)
    else:
        content = response.read(max_bytes + 1)
        clock.left()  # so does a body without a length
        if len(content) > max_bytes:
            raise ExchangeFailed(f"its answer is larger than {max_bytes:,} bytes")
    response.close()
    named = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, named, content)


def _connect(host: str, port: int, clock: _Clock) -> socket.socket:
    """Return a connection to one of a host's addresses. Raises: ExchangeFailed."""
    addresses = _look_up(host, port, clock)
    if not is_named_internal(host, port):
        # One address that is not public refuses all: an honest receiver has none.
        for *_, address in addresses:
            if not is_public(str(address[0])):
                raise ExchangeFailed(refusal(f"{host} ({address[0]})"))
    failure = "has no address"
    for family, kind, protocol, _, address in addresses:
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(min(CONNECT_SECONDS, clock.left()))
            connection.connect(address)
            connection.settimeout(clock.left())
            clock.watch(connection)
            return connection
        except OSError as error:
            connection.close()
            failure = _reason(error)
        except _TimeIsUp:
            connection.close()
            raise
    raise ExchangeFailed(failure)


def _look_up(host: str, port: int, clock: _Clock) -> list[Any]:
    """Return what `getaddrinfo` does. Raises: ExchangeFailed.

    In a thread that is left behind at the deadline: the system's resolver has no time limit of ours
    and ends by itself after some tries.
    """
    results: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()

    def run() -> None:
        try:
            results.put(socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM))
        except (OSError, ValueError) as error:
            results.put(error)

    threading.Thread(target=run, name="webhook lookup", daemon=True).start()
    try:
        found = results.get(timeout=clock.left())
    except queue.Empty:
        raise ExchangeFailed(f"the name {host} was not found in time") from None
    if isinstance(found, Exception):
        raise ExchangeFailed(f"the name {host} is not known: {_reason(found)}") from found
    return found


def _reason(error: BaseException) -> str:
    """Return what went wrong, without the address: urllib3's own messages contain it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not valid: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed: {cause.reason or 'no TLS'}"
        if isinstance(cause, TimeoutError | urllib3.exceptions.TimeoutError):
            return "no connection in time"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
        cause = cause.__cause__ or cause.__context__
    return "no valid HTTP answer"
