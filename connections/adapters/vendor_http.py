"""One vendor's HTTP: each way to fail becomes a VendorFailure, in words and without the answer.

Promises: a call ends within CALL_SECONDS even if the vendor sends a byte now and then; an answer of
more than MAX_BYTES is refused; redirects are not followed, `.netrc` is not read; calls are no more
frequent than the vendor allows. Addresses and answers are never part of a message, because they may
hold tokens or guests.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import orjson
import requests

from connections.adapters.adapter import (
    CredentialsRefused,
    NotReachable,
    OddAnswer,
    TooMuch,
    TooOften,
)

CONNECT_SECONDS: Final = 5
CALL_SECONDS: Final = 45
MAX_BYTES: Final = 64 * 1024 * 1024
CHUNK_BYTES: Final = 64 * 1024
TRIES: Final = 3
PAUSE_SECONDS: Final = 0.1
SHORT_SECONDS: Final = 5  # asked for by the vendor are waited at once; more by the next reading
SHARE_OF_LIMIT: Final = 0.8  # other programs of the hotel have the same token


class VendorHttp:
    """Calls of one connection to one vendor, with one keep-alive connection.

    Args:
        calls_per_window: the vendor's limit: calls, seconds.
        before_call: called before each call.
    """

    def __init__(
        self,
        address: str,
        calls_per_window: tuple[int, float],
        before_call: Callable[[], None] = lambda: None,
    ) -> None:
        self._address = address.rstrip("/")
        calls, self._window_seconds = calls_per_window
        self._calls: deque[float] = deque(maxlen=max(1, int(calls * SHARE_OF_LIMIT)))
        self._before_call = before_call
        self._session = requests.Session()
        self._session.trust_env = False  # no .netrc; proxies are given below
        self._session.proxies = requests.utils.get_environ_proxies(address)
        self.now: datetime | None = None  # the vendor's clock at the last answer

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Return the JSON of an answer with 2xx; None of one with 204. Raises: VendorFailure.

        The body is `json`, or `form` as application/x-www-form-urlencoded.
        What may pass at once is tried TRIES times: every call may be sent twice.

        Args:
            json, form: the body, in one of two forms.
        """
        body: Any = form if json is None else orjson.dumps(json, default=str)
        for attempt in range(1, TRIES + 1):
            try:
                return self._call(method, path, body, query, headers)
            except NotReachable:
                if attempt == TRIES:
                    raise
                pause = PAUSE_SECONDS * 2**attempt * random.random()
            except TooOften as error:
                if attempt == TRIES or error.seconds is None or error.seconds > SHORT_SECONDS:
                    raise
                pause = error.seconds
            time.sleep(pause)  # at most SHORT_SECONDS: the lease outlasts it
        raise AssertionError("the last try returns or raises")

    def _call(
        self, method: str, path: str, body: Any, query: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
    ) -> Any:  # fmt: skip
        self._wait_for_limit()
        self._before_call()
        end = time.monotonic() + CALL_SECONDS
        try:
            with self._session.request(
                method, f"{self._address}{path}", params=query, headers=dict(headers or {}),
                data=body,
                timeout=(CONNECT_SECONDS, CALL_SECONDS), allow_redirects=False, stream=True,
            ) as response:  # fmt: skip
                content = _read(response, end)
        except requests.RequestException as error:
            raise NotReachable(_reason(error)) from None
        self.now = _http_date(response.headers.get("Date", "")) or self.now
        _check_status(response.status_code, response.headers, path)
        if response.status_code == 204:
            return None
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError:
            raise OddAnswer(f"{path} answered something that is not JSON") from None

    def _wait_for_limit(self) -> None:
        if len(self._calls) == self._calls.maxlen:
            wait = self._calls[0] + self._window_seconds - time.monotonic()
            if wait > 0:  # rather wait here than be refused: the limit is the vendor's
                time.sleep(wait)
        self._calls.append(time.monotonic())


def _read(response: requests.Response, end: float) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(CHUNK_BYTES):
        content += chunk
        if len(content) > MAX_BYTES:
            raise TooMuch(f"an answer was longer than {MAX_BYTES:,} bytes")
        if time.monotonic() > end:
            raise NotReachable(f"the answer took longer than {CALL_SECONDS} s")
    return bytes(content)


def _check_status(status: int, headers: Mapping[str, str], path: str) -> None:
    """Raises: VendorFailure unless the status is a success."""
    if 200 <= status < 300:
        return
    if status == 401:
        raise CredentialsRefused(f"{path} answered 401: the access is not valid")
    if status == 403:
        raise OddAnswer(f"{path} answered 403: our access does not allow this", status)
    if status == 429:
        raise TooOften(f"{path} answered 429", retry_after(headers.get("Retry-After", "")))
    if status in (408, 413):
        raise TooMuch(f"{path} answered {status}")
    if status >= 500 or status == 409:
        raise NotReachable(f"{path} answered {status}")
    raise OddAnswer(f"{path} answered {status}", status)


def retry_after(value: str) -> float | None:
    """Return the seconds of a `Retry-After` header, which may also be a moment."""
    if value.isascii() and value.isdigit():
        return float(value)
    moment = _http_date(value)
    return None if moment is None else max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "no valid TLS connection"
    return "no connection"
