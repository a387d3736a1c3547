"""Post simulated events to a running Data Provider, at a steady rate and with retries.

Posting can be interrupted and repeated: the ledger does not count an event twice. A server that is
being restarted is retried; a refusal is not.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import requests
from rich.console import Console
from rich.progress import Progress

from simulator.simulated_event import SimulatedEvent

CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS = 5, 60
# A server that is being restarted is back within these pauses; after them posting fails.
RETRY_PAUSES_SECONDS = (0.5, 1, 2, 4)
PROGRESS_LINE_SECONDS = 5  # between two lines of progress, if the output is not a terminal
MAX_REASON_CHARACTERS = 500  # of a response body in an error message


class PostingFailed(Exception):
    """The events were not accepted; the message says why."""


class ServerUnavailable(PostingFailed):
    """The server does not respond or has an error of its own; a retry may succeed."""


@dataclass
class PostingTally:
    """Counts of the events posted so far."""

    total: int
    posted: int = 0
    created: int = 0
    duplicates: int = 0

    def add(self, posted: int, created: int, duplicates: int) -> None:
        self.posted += posted
        self.created += created
        self.duplicates += duplicates

    def __str__(self) -> str:
        return (
            f"{self.posted:,} of {self.total:,} events were posted, "
            f"{self.created:,} new, {self.duplicates:,} already known"
        )


class PostingProgress:
    """Displays a tally: a progress bar on a terminal, otherwise a line every few seconds.

    Args:
        write_line: writes one line, if the output is not a terminal.
    """

    def __init__(
        self, tally: PostingTally, *, is_terminal: bool, write_line: Callable[[str], object]
    ) -> None:
        self._tally, self._is_terminal, self._write_line = tally, is_terminal, write_line
        self._bar = Progress(console=Console(stderr=True), disable=not is_terminal)
        self._task = self._bar.add_task("Posting events", total=tally.total)
        self._next_line_at = time.monotonic() + PROGRESS_LINE_SECONDS

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def update(self) -> None:
        self._bar.update(self._task, completed=self._tally.posted)
        if not self._is_terminal and time.monotonic() >= self._next_line_at:
            self._next_line_at = time.monotonic() + PROGRESS_LINE_SECONDS
            self.print_message(f"{self._tally}")

    def print_message(self, text: str) -> None:
        if self._is_terminal:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            self._write_line(text)


def post_events(
    events: Sequence[SimulatedEvent],
    url: str,
    *,
    events_per_second: float,
    batch_size: int,
    tally: PostingTally,
    progress: PostingProgress,
) -> None:
    """Post events in batches, and add the result of each batch to the tally.

    Args:
        url: of `POST /events/`.

    Raises: PostingFailed; the tally counts what was posted before.
    """
    with requests.Session() as session:
        started = time.monotonic()
        for first in range(0, len(events), batch_size):
            time.sleep(max(0.0, started + first / events_per_second - time.monotonic()))
            batch = [event.as_json() for event in events[first : first + batch_size]]
            tally.add(len(batch), *_post_with_retries(session, url, batch, progress))
            progress.update()


def _post_with_retries(
    session: requests.Session,
    url: str,
    batch: list[dict[str, int | str]],
    progress: PostingProgress,
) -> tuple[int, int]:
    """Post a batch; retry after each pause. Safe, because the ledger counts nothing twice."""
    for pause in RETRY_PAUSES_SECONDS:
        try:
            return _post_batch(session, url, batch)
        except ServerUnavailable as error:
            progress.print_message(f"{error} Trying again in {pause:g} s.")
            time.sleep(pause)
    return _post_batch(session, url, batch)


def _post_batch(
    session: requests.Session, url: str, batch: list[dict[str, int | str]]
) -> tuple[int, int]:
    """Post a batch; return how many events were new and how many already known.

    Raises: ServerUnavailable, PostingFailed.
    """
    timeout = (CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS)
    try:
        response = session.post(url, json=batch, timeout=timeout, allow_redirects=False)
    except requests.Timeout as error:
        raise ServerUnavailable(f"{url} did not answer in time.") from error
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
        raise ServerUnavailable(f"No connection to {url}: does the server run there?") from error
    except requests.RequestException as error:
        raise PostingFailed(f"Cannot post to {url}: {error}") from error
    reason = " ".join(response.text.split())[:MAX_REASON_CHARACTERS]
    if response.status_code >= 500:
        raise ServerUnavailable(f"{url} answered {response.status_code}: {reason}")
    if response.status_code not in (200, 201):
        raise PostingFailed(f"{url} answered {response.status_code}: {reason}")
    try:
        counts = response.json()
        return int(counts["created"]), int(counts["duplicates"])
    except (ValueError, KeyError, TypeError) as error:
        raise PostingFailed(f"{url} is no Data Provider: it answered {reason!r}") from error
