"""The open connections of one worker process, by address and by what they wait for."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Phase(Enum):
    """What a connection waits for."""

    HEAD = "the head of a request"
    QUEUED = "a thread"
    RUNNING = "its thread"
    IDLE = "the client's next request"
    CLOSING = "the client to close its side"


# Which connection is closed first where there are too many; one that has a thread never is. What
# waits for its client comes before a request that waits for a thread, but not in its first moments:
# a new connection's request is on its way.
CLOSED_FIRST = (Phase.CLOSING, Phase.HEAD, Phase.IDLE)
NEW_SECONDS = 1.0


@dataclass(eq=False)
class Connection:
    """A connection of a client."""

    conn: Any  # gunicorn's TConn
    peer: str | None  # the address that it comes from; None for a unix socket
    phase: Phase = Phase.HEAD
    since: float = 0.0  # when it began to wait for its client, in time.monotonic() seconds
    deadline: float = 0.0  # in time.monotonic() seconds, for the phases that a client may prolong
    received: bytearray = field(default_factory=bytearray)  # of a head
    is_watched: bool = False  # by the poller
    drained: int = 0  # bytes read while closing
    # Of its current request: the address, behind our proxies; the threads that serve such requests
    # (None: all of the process), and where it has a slot or waits for one.
    client: str | None = None
    pool: Any = None
    slots: "RequestSlots | None" = None

    def release_slot(self) -> None:
        """Its request has ended: the next one of its address starts."""
        if self.slots is not None:
            self.slots.release(self)

    def leave_queue(self) -> None:
        """It is closed while it waits for a thread."""
        if self.slots is not None:
            self.slots.leave(self)


class ConnectionTable:
    """All connections of the process. Only the main thread uses it."""

    def __init__(self) -> None:
        self._all: dict[Any, Connection] = {}  # in order of opening
        self._by_peer: defaultdict[str, dict[Connection, None]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._all.values()))

    def add(self, connection: Connection) -> None:
        self._all[connection.conn] = connection
        if connection.peer is not None:
            self._by_peer[connection.peer][connection] = None

    def of(self, conn: Any) -> Connection:
        return self._all[conn]

    def remove(self, connection: Connection) -> None:
        del self._all[connection.conn]
        if connection.peer is not None:
            of_peer = self._by_peer[connection.peer]
            del of_peer[connection]
            if not of_peer:
                del self._by_peer[connection.peer]

    def count(self, peer: str) -> int:
        """Return how many connections an address has."""
        return len(self._by_peer.get(peer, ()))

    def oldest_without_thread(self, now: float, peer: str | None = None) -> Connection | None:
        """Return the connection to close first, of one address or of all.

        Args:
            now: in time.monotonic() seconds.
        """
        candidates = self._all.values() if peer is None else self._by_peer.get(peer, {}).keys()
        oldest: dict[tuple[Phase, bool], Connection] = {}
        for connection in candidates:
            is_new = connection.since > now - NEW_SECONDS
            oldest.setdefault((connection.phase, is_new), connection)
        order = [
            *((phase, False) for phase in CLOSED_FIRST),
            (Phase.QUEUED, False),
            (Phase.QUEUED, True),
            *((phase, True) for phase in CLOSED_FIRST),
        ]
        return next((oldest[key] for key in order if key in oldest), None)


class RequestSlots:
    """How many requests of each address have a thread; further ones wait for their turn.

    Only the main thread uses it.
    """

    def __init__(self, limit: int, start: Callable[[Connection], None]) -> None:
        """
        Args:
            limit: of requests at a time per address; 0 for none.
            start: gives a connection's request to a thread.
        """
        self._limit = limit
        self._start = start
        self._running: defaultdict[str, int] = defaultdict(int)
        self._queues: defaultdict[str, deque[Connection]] = defaultdict(deque)

    def take(self, connection: Connection) -> None:
        """Start a connection's request, or let it wait for one of its address to end."""
        client = connection.client
        connection.slots = self
        if client is not None and self._limit:
            if self._running[client] >= self._limit:
                connection.phase = Phase.QUEUED
                self._queues[client].append(connection)
                return
            self._running[client] += 1
        self._start(connection)

    def release(self, connection: Connection) -> None:
        """A request has ended: the next one of its address starts."""
        client, connection.client, connection.slots = connection.client, None, None
        if client is None or not self._limit:
            return
        self._running[client] -= 1
        if queue := self._queues.get(client):
            following = queue.popleft()
            self._running[client] += 1
            self._start(following)
        if not self._queues.get(client):
            self._queues.pop(client, None)
        if not self._running[client]:
            del self._running[client]

    def leave(self, connection: Connection) -> None:
        """A waiting connection is closed."""
        assert connection.client is not None
        self._queues[connection.client].remove(connection)
        connection.client = None
