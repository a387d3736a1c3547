"""HTTP client of the Data Provider, which the dashboard treats as an external service.

Every method raises ProviderError, and nothing else, when the service is not reachable, is slow, or
gives an answer that breaks its contract; a partial answer is never returned.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event, Semaphore
from typing import Any, NamedTuple

import orjson
import requests
from django.conf import settings

from common.service_key import authenticate_request

TIMEOUT_SECONDS = (3.0, 30.0)
STATUS_TIMEOUT_SECONDS = (1, 2)  # a client's request waits for this one
PAGE_EVENTS = 10_000
PAGES_AHEAD = 4  # about 7 MB each
HOTEL_PAGE_EVENTS = 2_500  # of one hotel: a check holds little memory, and has time

# Types of an event's fields, in the order in which `_validate_events` compares them.
EVENT_TYPES = (int, int, str, int, str, str)

Share = tuple[int, int]  # the hotels whose id leaves the first number when divided by the second


class ProviderError(Exception):
    """The Data Provider gave no usable answer; the message names the address and the reason."""


class ProviderSlow(ProviderError):
    """The Data Provider is reachable, and did not answer in time."""


class KeyRefused(ProviderError):
    """The Data Provider refused the dashboard service's key."""


class LedgerRestored(ProviderError):
    """The position belongs to another ledger than the present one: recount everything."""


class FeedPage(NamedTuple):
    """A validated page of the feed; `position` is the id of its last event, of a share or later."""

    events: list[dict[str, Any]]
    position: int
    has_more: bool
    epoch: str  # of the ledger that the position belongs to; empty from an older Data Provider


class FeedStatus(NamedTuple):
    """The events of the ledger after a position."""

    events: int
    is_estimate: bool
    oldest_recorded_at: str | None  # ISO 8601; None without events
    epoch: str  # empty from an older Data Provider
    newest_position: int  # 0 without events


class Provider:
    """A client with one keep-alive connection.

    Args:
        base_url: the service's address; None for EVENTS_API_BASE_URL.
        timeout_seconds: for connecting, and between two bytes of an answer.
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
        """Return the parsed JSON and the next page's address. Raises: ProviderError."""
        try:
            response = self._session.get(
                url,
                params=parameters,
                auth=authenticate_request,
                timeout=timeout or self._timeout,
            )
            if response.status_code in (401, 403):
                raise KeyRefused(
                    f"{url} answered {response.status_code}, the dashboard service's key is "
                    "refused: run `manage.py create_api_key --service`, or set SERVICE_API_KEY"
                )
            if response.status_code == 409:
                raise LedgerRestored(
                    f"{url} answered 409, the ledger was restored: everything is recounted within "
                    "a minute"
                )
            if response.status_code != 200:
                raise ProviderError(f"{url} answered {response.status_code}")
            next_url = response.links.get("next", {}).get("url")
            return orjson.loads(response.content), next_url
        except requests.ReadTimeout as error:
            raise ProviderSlow(f"{url} did not answer in time: {error}") from error
        except (requests.RequestException, orjson.JSONDecodeError) as error:
            raise ProviderError(f"{url} gave no usable answer: {error}") from error

    def feed(
        self, after: int, limit: int = PAGE_EVENTS, epoch: str = "", share: Share | None = None
    ) -> FeedPage:
        """Return the page of the feed after a position.

        Args:
            epoch: of the position; empty when it is unknown.
            share: only its events; None for all.
        Raises: ProviderError; LedgerRestored when the ledger has another epoch.
        """
        url = f"{self._base}/events/feed/"
        parameters = {"after": after, "limit": limit, **_optional(epoch, share)}
        answer, _ = self._get(url, parameters)
        try:
            page = FeedPage(
                _validate_events(answer["events"]),
                int(answer["position"]),
                bool(answer["has_more"]),
                str(answer.get("epoch", "")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ProviderError(
                f"{url} answered something other than a page of the feed: {error!r}"
            ) from error
        ids = [event["id"] for event in page.events]
        last = ids[-1] if ids else after
        if (page.position < last if share else page.position != last) or any(
            later <= earlier for earlier, later in zip([after, *ids], ids, strict=False)
        ):
            raise ProviderError(f"{url} answered a page that does not follow {after}")
        if page.has_more and page.position == after:
            raise ProviderError(f"{url} promised more events and gave none")
        if share and any(event["hotel_id"] % share[1] != share[0] for event in page.events):
            raise ProviderError(f"{url} answered events of hotels that were not asked for")
        return page

    def follow(self, after: int, epoch: str = "", share: Share | None = None) -> Iterator[FeedPage]:
        """Yield the pages of the feed to its end; a thread fetches the next pages ahead.

        A page without events is yielded only if its position is a higher one.

        Args:
            epoch: of the position; empty when it is unknown. All pages are of one epoch.
            share: only its events; None for all.
        Raises: ProviderError; the pages before it are valid.
        """
        page = self.feed(after, epoch=epoch, share=share)
        epoch = page.epoch
        if not page.has_more:
            if page.position > after:
                yield page
            return
        fetched: SimpleQueue[FeedPage | Exception] = SimpleQueue()
        free_slots, is_closed = Semaphore(PAGES_AHEAD), Event()

        def fetch_ahead(position: int) -> None:
            has_more = True
            while has_more:
                free_slots.acquire()
                if is_closed.is_set():
                    return
                try:
                    next_page = self.feed(position, epoch=epoch, share=share)
                except Exception as error:  # raised again in the consumer's thread
                    fetched.put(error)
                    return
                fetched.put(next_page)
                position, has_more = next_page.position, next_page.has_more

        with ThreadPoolExecutor(max_workers=1) as pool:
            pool.submit(fetch_ahead, page.position)
            try:
                yield page
                while page.has_more:
                    result = fetched.get()
                    free_slots.release()
                    if isinstance(result, Exception):
                        raise result
                    is_further, page = result.position > page.position, result
                    if is_further:
                        yield page
            finally:
                is_closed.set()
                free_slots.release()

    def events(self, hotel_id: int | None = None) -> Iterator[list[dict[str, Any]]]:
        """Yield pages of all events by time, or of one hotel's. Raises: ProviderError."""
        only = {} if hotel_id is None else {"hotel_id": hotel_id, "page_size": HOTEL_PAGE_EVENTS}
        for url, answer in self._pages("/events/", only):
            try:
                yield _validate_events(answer)
            except (KeyError, TypeError, ValueError) as error:
                raise ProviderError(
                    f"{url} answered something other than a list of events: {error!r}"
                ) from error

    def hotels(self) -> Iterator[list[int]]:
        """Yield pages of the hotels that have events, in order. Raises: ProviderError."""
        for url, answer in self._pages("/events/hotels/", {}):
            try:
                yield [int(row["hotel_id"]) for row in answer]
            except (KeyError, TypeError, ValueError) as error:
                raise ProviderError(
                    f"{url} answered something other than a list of hotels: {error!r}"
                ) from error

    def _pages(self, path: str, parameters: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        """Yield each page of a list with its address. Raises: ProviderError."""
        url: str | None = f"{self._base}{path}"
        query: dict[str, Any] | None = {"page_size": PAGE_EVENTS, **parameters}
        while url is not None:
            answer, next_url = self._get(url, query)
            yield url, answer
            url, query = next_url, None  # the address holds the parameters

    def feed_status(self, position: int, epoch: str = "", share: Share | None = None) -> FeedStatus:
        """Return how many events the ledger holds after a position.

        Args:
            epoch: of the position; empty when it is unknown.
            share: only its events; None for all.
        Raises: ProviderError; LedgerRestored when the position is of another ledger.
        """
        url = f"{self._base}/events/feed/status/"
        parameters = {"after": position, **_optional(epoch, share)}
        answer, _ = self._get(url, parameters, STATUS_TIMEOUT_SECONDS)
        try:
            if (answer["newest_position"] or 0) < position:
                raise LedgerRestored(f"{url}: the ledger ends before event {position}")
            return FeedStatus(
                int(answer["events_after"]),
                bool(answer.get("is_estimate", False)),
                answer["oldest_recorded_at"],
                str(answer.get("epoch", "")),
                int(answer["newest_position"] or 0),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ProviderError(
                f"{url} answered something other than a status: {error!r}"
            ) from error


def _optional(epoch: str, share: Share | None) -> dict[str, Any]:
    """Return the query parameters of an epoch, none when it is unknown, and of a share."""
    parameters: dict[str, Any] = {"epoch": epoch} if epoch else {}
    return parameters | ({"share": share[0], "shares": share[1]} if share else {})


def _validate_events(answer: Any) -> list[dict[str, Any]]:
    """Return the answer if it is a list of events. Raises: KeyError, TypeError, ValueError."""
    if not isinstance(answer, list):
        raise TypeError("not an array")
    for event in answer:
        # One comparison for all six types: half a million events are validated in a few seconds.
        if (
            type(event["id"]),
            type(event["hotel_id"]),
            type(event["event_timestamp"]),
            type(event["status"]),
            type(event["room_reservation_id"]),
            type(event["night_of_stay"]),
        ) != EVENT_TYPES:
            raise TypeError(f"not an event: {event!r}")
        if event["status"] not in (1, 2, 3):
            raise ValueError(f"status is {event['status']!r}")
    return answer
