"""Whether the figures are behind the ledger, for pages that ask whether they changed.

A page asks `/dashboard/status/` itself while something is behind. While nothing is, it has to learn
that this changed: one thread of each web process asks for all of its pages.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Hashable
from typing import Final

from django.db import close_old_connections, connections

from common.page_versions import HOTEL, Source
from dashboard_service.data_provider_client import Provider
from dashboard_service.feed_lag import feed_lag

logger = logging.getLogger(__name__)

ASK_SECONDS: Final = 5.0  # as a page did
BEHIND_SECONDS: Final = 5.0  # as in static/dashboard/feed_status.js
UNREAD_SECONDS: Final = 15.0  # after which no page is open


class FeedLagState:
    """The state of this process: "counted", "behind" or "unknown"."""

    def __init__(self) -> None:
        self._state = "counted"
        self._read_at = 0.0
        self._is_asking = False

    def read(self, hotels: list[int]) -> dict[int, Hashable]:
        """Return the same state for each hotel; it is renewed while somebody reads it."""
        self._read_at = time.monotonic()
        if not self._is_asking:
            self._is_asking = True
            threading.Thread(target=self._ask_again, name="feed-lag", daemon=True).start()
        return dict.fromkeys(hotels, self._state)

    def _ask_again(self) -> None:
        unknown = 0
        while time.monotonic() < self._read_at + UNREAD_SECONDS:
            state = ask()
            unknown = unknown + 1 if state == "unknown" else 0
            if state != "unknown" or unknown > 1:  # once may be an accident
                self._state = state
            close_old_connections()  # those with an error, as Django does after a request
            time.sleep(ASK_SECONDS)
        connections.close_all()  # of this thread
        self._is_asking = False


def ask() -> str:
    """Ask the Data Provider whether events wait to be counted."""
    try:
        with Provider() as provider:
            lag = feed_lag(provider)
    except Exception as error:  # the next page that is loaded says what is wrong
        logger.warning("whether the figures are behind is not known: %s", error)
        return "unknown"
    if lag["events_behind"] is None:
        return "unknown"
    return (
        "behind" if lag["events_behind"] and lag["seconds_behind"] > BEHIND_SECONDS else "counted"
    )


SOURCE: Final = Source(HOTEL, FeedLagState().read)
