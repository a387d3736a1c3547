"""The Data Provider as the dashboard sees it: an external service behind HTTP.

Every method raises ProviderError, and nothing else, when the service is away, slow, or answers
something that is not what its contract says; half an answer is never given.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event, Semaphore
from typing import Any, NamedTuple

import orjson
import requests
from django.conf import settings

from common.access_rights import show_service_key

TIMEOUT_SECONDS = (3.0, 30.0)
STATUS_TIMEOUT_SECONDS = (1, 2)  # somebody waits for this one
PAGE_EVENTS = 10_000
PAGES_AHEAD = 4  # some 7 MB each

EVENT_TYPES = (int, int, str, int, str, str)


class ProviderError(Exception):
    """The Data Provider gave no usable answer; the message names the address and the reason."""


class FeedPage(NamedTuple):
    """A page of the feed, as checked."""

    events: list[dict[str, Any]]
    position: int
    has_more: bool


class Behind(NamedTuple):
    """What the ledger holds after a position; the time is ISO 8601 or None."""

    events: int
    oldest_recorded_at: str | None
    is_shorter: bool  # the ledger ends before the position: it was restored to an earlier state


class Provider:
    """A client with one kept-alive connection.

    Args:
        base_url: where the service answers; None for EVENTS_API_BASE_URL.
        timeout_seconds: to connect, and between two bytes of an answer.
    """

    def __init__(
        self, base_url: str | None = None, timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS
    ) -> None:
        self._base = (base_url or settings.EVENTS_API_BASE_URL).rstrip("/")
        self._timeout = timeout_seconds
        self._session = requests.Session()

    def __enter__(self) -> "Provider":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def _get(
        self,
        url: str,
        parameters: dict[str, Any] | None = None,
        timeout: tuple[float, float] | None = None,
    ) -> tuple[Any, str | None]:
        try:
            response = self._session.get(
                url,
                params=parameters,
                auth=show_service_key,
                timeout=timeout or self._timeout,
            )
            if response.status_code in (401, 403):
                raise ProviderError(
                    f"{url} answered {response.status_code}, the dashboard service's key is not "
                    "taken: run `manage.py create_api_key --service`, or set SERVICE_API_KEY"
                )
            if response.status_code != 200:
                raise ProviderError(f"{url} answered {response.status_code}")
            following = response.links.get("next", {}).get("url")
            return orjson.loads(response.content), following
        except (requests.RequestException, orjson.JSONDecodeError) as error:
            raise ProviderError(f"{url} gave no usable answer: {error}") from error

    def feed(self, after: int, limit: int = PAGE_EVENTS) -> FeedPage:
        """The next page of the feed. Raises: ProviderError."""
        url = f"{self._base}/events/feed/"
        answer, _ = self._get(url, {"after": after, "limit": limit})
        try:
            page = FeedPage(
                _events(answer["events"]), int(answer["position"]), bool(answer["has_more"])
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ProviderError(f"{url} answered no page of a feed: {error!r}") from error
        ids = [event["id"] for event in page.events]
        if page.position != (ids[-1] if ids else after) or any(
            later <= earlier for earlier, later in zip([after, *ids], ids, strict=False)
        ):
            raise ProviderError(f"{url} answered a page that does not follow {after}")
        if page.has_more and not page.events:
            raise ProviderError(f"{url} promised more events and gave none")
        return page

    def follow(self, after: int) -> Iterator[FeedPage]:
        """Page after page of the feed to its end; the next ones are fetched while one is used.

        Raises: ProviderError; the pages before were good.
        """
        page = self.feed(after)
        if not page.has_more:
            if page.events:
                yield page
            return
        fetched: SimpleQueue[FeedPage | Exception] = SimpleQueue()
        room, left = Semaphore(PAGES_AHEAD), Event()

        def fetch(position: int) -> None:
            has_more = True
            while has_more:
                room.acquire()
                if left.is_set():
                    return
                try:
                    coming = self.feed(position)
                except Exception as error:  # raised again where the page is waited for
                    fetched.put(error)
                    return
                fetched.put(coming)
                position, has_more = coming.position, coming.has_more

        with ThreadPoolExecutor(max_workers=1) as pool:
            pool.submit(fetch, page.position)
            try:
                yield page
                while page.has_more:
                    following = fetched.get()
                    room.release()
                    if isinstance(following, Exception):
                        raise following
                    page = following
                    if page.events:
                        yield page
            finally:
                left.set()
                room.release()

    def events(self, hotel_id: int | None = None) -> Iterator[list[dict[str, Any]]]:
        """Every event by time, page by page. Raises: ProviderError."""
        url: str | None = f"{self._base}/events/"
        parameters: dict[str, Any] | None = {"page_size": PAGE_EVENTS}
        if hotel_id is not None and parameters is not None:
            parameters["hotel_id"] = hotel_id
        while url is not None:
            answer, following = self._get(url, parameters)
            try:
                yield _events(answer)
            except (KeyError, TypeError, ValueError) as error:
                raise ProviderError(f"{url} answered no list of events: {error!r}") from error
            url, parameters = following, None

    def behind(self, position: int) -> Behind:
        """How much the ledger holds after a position. Raises: ProviderError."""
        url = f"{self._base}/events/feed/status/"
        answer, _ = self._get(url, {"after": position}, STATUS_TIMEOUT_SECONDS)
        try:
            shorter = (answer["newest_position"] or 0) < position
            return Behind(int(answer["events_after"]), answer["oldest_recorded_at"], shorter)
        except (KeyError, TypeError, ValueError) as error:
            raise ProviderError(f"{url} answered no status: {error!r}") from error


def _events(answer: Any) -> list[dict[str, Any]]:
    if not isinstance(answer, list):
        raise TypeError("no array")
    for event in answer:
        # One comparison for the six of them: half a million events come in some seconds.
        if (
            type(event["id"]),
            type(event["hotel_id"]),
            type(event["event_timestamp"]),
            type(event["status"]),
            type(event["room_reservation_id"]),
            type(event["night_of_stay"]),
        ) != EVENT_TYPES:
            raise TypeError(f"no event: {event!r}")
        if event["status"] not in (1, 2):
            raise ValueError(f"status is {event['status']!r}")
    return answer
