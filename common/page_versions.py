"""Versions of what pages show: whether a page would look different now, without making it.

Each web process keeps the versions of the hotels and users that open pages are about. A thread
looks twice a second for what has moved and, less often, at everything that is watched, so that a
change that nothing announces is found too. A version is made from what is in the databases alone,
so all processes on all machines have the same one.

`version` is None whenever it is not certain, as while a database is away: then the page has to be
asked for. A version is never newer than what a page shows, so no change is missed.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.db import connections

from common.error_responses import DATABASE_AWAY
from common.outage_log import OutageLog

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5  # between two looks for what has moved
ALL_SECONDS = 3.0  # between two looks at everything that is watched
ALL_SHARE = 20  # such a look takes at most one part in so many of the time
CERTAIN_SECONDS = 10.0  # after a look, versions are no longer certain
UNASKED_SECONDS = 120.0  # after which a hotel or user is no longer watched
MAX_WATCHED = 50_000  # about 1 kB each
BATCH = 1_000  # hotels or users in one query
# Some values change with the clock's hour (see the pages' states). All pages at once would ask, so
# those of each hotel do so within these seconds after the hour, by its number.
HOUR_SPREAD_SECONDS = 20

HOTEL, USER = "hotel", "user"
Key = tuple[str, int]  # HOTEL or USER, and its number


class Source(NamedTuple):
    """What an app knows of hotels or users that pages show."""

    kind: str  # HOTEL or USER
    #: Returns a value of each of these numbers that changes whenever what pages show of it does.
    read: Callable[[list[int]], Mapping[int, Hashable]]
    #: Given what it returned last (None the first time), returns the numbers of which something may
    #: have changed since, and what to give next; cheap, whatever the number of hotels.
    moved: Callable[[Any], tuple[Collection[int], Any]] | None = None


_sources: Final[dict[str, Source]] = {}


def register(name: str, source: Source) -> None:
    """Make a source known; one that is registered again under its name takes its own place."""
    _sources[name] = source


@dataclass(eq=False)
class Watched:
    """A hotel or user that an open page is about."""

    asked_at: float  # in time.monotonic() seconds, as all times here
    values: dict[str, str] = field(default_factory=dict)  # digests, by source
    version: str | None = None  # None before the first look
    since: float = 0.0  # when this version was known first


class PageVersions:
    """The versions of one process. Asked by any thread, looked up by one."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._watched: dict[Key, Watched] = {}
        self._moved_to: dict[str, Any] = {}
        self._looked_at = 0.0
        self._all_due_at = 0.0
        self._outage = OutageLog(logger, "pages ask for their whole content each time")
        self.is_running = False

    def version(self, keys: Iterable[Key], *, before: float | None = None) -> str | None:
        """Return the version of what is shown of hotels and users; None if it is not certain.

        They are watched from now on.

        Args:
            before: the versions must have been known at this time, so that whatever was read later
                is at least as new.
        """
        now = time.monotonic()
        is_certain = self._looked_at > now - CERTAIN_SECONDS
        parts = []
        for key in keys:
            watched = self._watched.get(key)
            if watched is None:
                if len(self._watched) < MAX_WATCHED:
                    self._watched[key] = Watched(now)
                is_certain = False
                continue
            watched.asked_at = now
            if watched.version is None or (before is not None and watched.since > before):
                is_certain = False
                continue
            parts.append(watched.version)
            if key[0] == HOTEL:
                parts.append(_hour(key[1]))
        return "-".join(parts) if is_certain else None

    def look(self) -> None:
        """Look for what has moved, or at everything. Raises: django.db.Error."""
        now = time.monotonic()
        for key, watched in list(self._watched.items()):
            if watched.asked_at < now - UNASKED_SECONDS:
                del self._watched[key]
        if not self._watched:
            self._moved_to.clear()
            return
        is_all = now >= self._all_due_at
        touched: set[Key] = set()
        for name, source in self._sources.items():
            touched |= self._look_at(name, source, is_all=is_all)
        self._set_versions(touched)
        self._looked_at = time.monotonic()
        if is_all:
            self._all_due_at = now + max(ALL_SECONDS, ALL_SHARE * (self._looked_at - now))

    def _look_at(self, name: str, source: Source, *, is_all: bool) -> set[Key]:
        watched = {
            number: found for (kind, number), found in list(self._watched.items())
            if kind == source.kind
        }  # fmt: skip
        moved: Collection[int] = ()
        if source.moved is not None:
            moved, self._moved_to[name] = source.moved(self._moved_to.get(name))
        ordered = sorted(
            number for number, found in watched.items()
            if is_all or name not in found.values or number in moved
        )  # fmt: skip
        for begin in range(0, len(ordered), BATCH):
            batch = ordered[begin : begin + BATCH]
            values = source.read(batch)
            for number in batch:
                watched[number].values[name] = _digest(values.get(number))
        return {(source.kind, number) for number in ordered}

    def _set_versions(self, touched: set[Key]) -> None:
        for key in touched:
            watched = self._watched[key]
            version = _digest(sorted(watched.values.items()))
            if version != watched.version:
                watched.version, watched.since = version, time.monotonic()

    def run(self) -> None:
        """Look for ever; called in a thread of its own."""
        self.is_running = True
        while True:
            time.sleep(LOOK_SECONDS)
            self.look_or_fail()

    def look_or_fail(self) -> None:
        """Look; after an error nothing is certain until a look succeeds."""
        try:
            self.look()
            self._outage.is_over()
        except DATABASE_AWAY as error:
            self._failed(error)
        except Exception as error:  # the thread must go on
            logger.exception("the versions of pages cannot be read")
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        self._looked_at = self._all_due_at = 0.0
        self._outage.failed(str(error))
        for connection in connections.all(initialized_only=True):
            with suppress(Exception):  # of a connection that is broken
                connection.close()


def _digest(value: Any) -> str:
    return hashlib.blake2b(repr(value).encode(), digest_size=8).hexdigest()


def _hour(hotel_id: int) -> str:
    """Return the hour of the clock, a little late and not for all hotels at once."""
    return f"{int(time.time() - hotel_id % HOUR_SPREAD_SECONDS) // 3600:x}"


versions: Final = PageVersions(_sources)


def start() -> None:
    """Keep the versions of this process; without it pages are always asked for."""
    threading.Thread(target=versions.run, name="page-versions", daemon=True).start()
