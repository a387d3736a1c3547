"""Traffic of the soak test: loaders of files, clients that post and retry, a reader of figures.

`acknowledged` holds the identity of every event for which a client got a 2xx response or that a
loader reported as queued; `sent` also holds those without a response. Each identity is a row of
bytes, so that the millions of an hour need only some tens of megabytes. With a rate, a reader
requests figures as the web pages do, and a hotel has prices.
"""

import csv
import gzip
import itertools
import random
import struct
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import requests

from tests.soak.services import ROOT, Services

Identity = tuple[int, str, str, str, int]  # hotel, time, reservation, night, status, as in REST
# An identity as bytes. The last byte is never 0, because numpy strips trailing zeros.
PACKED = struct.Struct(">Iq16sIB")
Event = dict[str, Any]

REAL_EVENTS = ROOT.parent / "shared" / "data" / "resort_hotel_events.csv.gz"
SAMPLE = ROOT / "data_provider" / "sample" / "events.csv"
FILE_EVENTS = 8_000
LOADERS = 2
CLIENTS = 3
FIRST_POSTED_HOTEL = 500  # each client posts for a hotel of its own
READ_PAUSE_SECONDS = 0.5
REQUEST_TIMEOUT_SECONDS = 15
COLUMNS = ["hotel_id", "status", "event_timestamp", "night_of_stay", "room_reservation_id"]


class Identities:
    """Identities of events as packed bytes; may contain the same identity several times."""

    def __init__(self) -> None:
        self._rows = bytearray()

    def add(self, identities: Iterable[Identity]) -> None:
        for hotel, timestamp, reservation, night, status in identities:
            microseconds = (datetime.fromisoformat(timestamp) - EPOCH) // timedelta(microseconds=1)
            day = date.fromisoformat(night).toordinal()
            self._rows += PACKED.pack(
                hotel, microseconds, uuid.UUID(reservation).bytes, day, status
            )

    def __len__(self) -> int:
        """The number of identities, including repetitions."""
        return len(self._rows) // PACKED.size

    def sorted(self) -> Any:
        """Return all packed identities as a sorted numpy array."""
        return np.sort(np.frombuffer(bytes(self._rows), dtype=f"S{PACKED.size}"))


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def unpack_identity(row: bytes) -> Identity:
    """Return the identity of an element of `Identities.sorted`."""
    hotel, microseconds, reservation, day, status = PACKED.unpack(row)
    timestamp = (EPOCH + timedelta(microseconds=microseconds)).isoformat().replace("+00:00", "Z")
    return hotel, timestamp, str(uuid.UUID(bytes=reservation)), str(date.fromordinal(day)), status


class RateLimiter:
    """Lets threads send events at a common rate; 0 is unlimited."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._next = time.monotonic()
        self._lock = threading.Lock()

    def wait(self, events: int, stop: threading.Event) -> None:
        """Wait until so many events may be sent, or until `stop` is set."""
        if not self._per_second:
            return
        with self._lock:  # a delay is not made up for
            start = max(self._next, time.monotonic())
            self._next = start + events / self._per_second
        stop.wait(max(0.0, start - time.monotonic()))


class Traffic:
    """Threads that send events and requests until `finish`.

    Args:
        rate: events a second, half of them in files; 0 for as many as possible.
    """

    def __init__(self, services: Services, seed: int, rate: float = 0) -> None:
        self.services = services
        self.seed = seed
        self.rate = rate
        self.acknowledged = Identities()
        self.sent = Identities()
        self._file_limiter, self._post_limiter = RateLimiter(rate / 2), RateLimiter(rate / 2)
        self.wrong_responses: list[str] = []
        self.files = 0
        self.retries = 0
        self._loading: dict[int, subprocess.Popen[str]] = {}
        self._stop = threading.Event()
        self._abandoned = False
        self._lock = threading.Lock()
        self._hotels = itertools.count(1_000)
        self._rows = list(_real_rows())
        self._threads = [
            threading.Thread(target=self._load_files, args=(number,)) for number in range(LOADERS)
        ] + [threading.Thread(target=self._post, args=(number,)) for number in range(CLIENTS)]
        if rate:
            self._threads.append(threading.Thread(target=self._read))

    def start(self) -> None:
        if self.rate:
            url = f"{self.services.base}/prices/hotels/{FIRST_POSTED_HOTEL}/"
            requests.patch(url, json={"base_price": 100}, timeout=60).raise_for_status()
        for thread in self._threads:
            thread.start()

    def finish(self, seconds: float) -> bool:
        """Let each thread complete its current work; return False if one does not in time."""
        self._stop.set()
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up and any(thread.is_alive() for thread in self._threads):
            self.services.tend()
            time.sleep(0.1)
        return not any(thread.is_alive() for thread in self._threads)

    def abandon(self) -> None:
        """Stop all threads and loaders after a failed run."""
        self._stop.set()
        self._abandoned = True
        for process in list(self._loading.values()):
            with suppress(ProcessLookupError):
                process.kill()

    def loaders(self) -> list[psutil.Process]:
        """Return the loaders that are running."""
        running = []
        for process in list(self._loading.values()):
            with suppress(psutil.NoSuchProcess):
                running.append(psutil.Process(process.pid))
        return running

    # --- files ---

    def _load_files(self, number: int) -> None:
        rng = random.Random(f"{self.seed} loader {number}")
        path = self.services.data_dir / f"load{number}.csv"
        while not self._stop.is_set():
            with self._lock:
                hotel = next(self._hotels)
            rows = rng.sample(self._rows, min(FILE_EVENTS, len(self._rows)))
            with path.open("w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                writer.writerows([hotel, *row] for row in rows)
            identities = {_identity_of_row(hotel, row) for row in rows}
            self._file_limiter.wait(len(identities), self._stop)
            if self._stop.is_set():
                return
            with self._lock:
                self.sent.add(identities)
            while not self._load_file(number, path):
                if self._abandoned:
                    return
                self.retries += 1
            with self._lock:
                self.acknowledged.add(identities)
            self.files += 1
            self._stop.wait(rng.uniform(0, 1))

    def _load_file(self, number: int, path: Path) -> bool:
        """Load a file once; return False if the loader was killed or failed."""
        process = subprocess.Popen(
            [sys.executable, "manage.py", "trigger_load_events", str(path)],
            cwd=ROOT, env=self.services.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._loading[number] = process
        output, _ = process.communicate()
        if "Traceback" in output:
            self.wrong_responses.append(f"loader: {output[-2000:]}")
        return process.returncode == 0

    # --- clients ---

    def _post(self, number: int) -> None:
        rng = random.Random(f"{self.seed} client {number}")
        session = requests.Session()
        previous: list[Event] = []
        for serial in itertools.count():
            if self._stop.is_set():
                return
            count = 1 if rng.random() < 0.7 else rng.randint(2, 200)
            events = [_random_event(rng, FIRST_POSTED_HOTEL + number, serial) for _ in range(count)]
            if previous and rng.random() < 0.1:
                events = previous  # a client that sends the same events twice
            self._post_limiter.wait(count, self._stop)
            self._post_until_accepted(session, events[0] if len(events) == 1 else events)
            previous = events
            self._stop.wait(rng.expovariate(20))

    def _post_until_accepted(self, session: requests.Session, body: Event | list[Event]) -> None:
        identities = {identity(event) for event in (body if isinstance(body, list) else [body])}
        with self._lock:
            self.sent.add(identities)
        url = f"{self.services.base}/events/"
        while not self._abandoned:
            try:
                response = session.post(url, json=body, timeout=REQUEST_TIMEOUT_SECONDS)
            except requests.RequestException:
                pass
            else:
                if response.status_code in (200, 201):
                    with self._lock:
                        self.acknowledged.add(identities)
                    return
                if response.status_code != 503:
                    self.wrong_responses.append(
                        f"POST: {response.status_code} {response.text[:500]}"
                    )
            self.retries += 1
            time.sleep(0.2)

    # --- readers ---

    def _read(self) -> None:
        """Request figures as the web pages do, with the ETag of the previous response."""
        session = requests.Session()
        etags: dict[str, str] = {}
        for number in itertools.count():
            if self._stop.wait(READ_PAUSE_SECONDS):
                return
            hotel = FIRST_POSTED_HOTEL + number % CLIENTS
            url = f"{self.services.base}/dashboard/?hotel_id={hotel}&period=day&year=2024"
            headers = {"If-None-Match": etags[url]} if url in etags else {}
            with suppress(requests.RequestException):
                response = session.get(url, headers=headers, timeout=REQUEST_TIMEOUT_SECONDS)
                etags[url] = response.headers.get("ETag", "")
                if response.status_code not in (200, 304, 503):
                    self.wrong_responses.append(
                        f"GET: {response.status_code} {response.text[:500]}"
                    )


def _real_rows() -> Iterator[list[str]]:
    """Yield valid rows without their hotel: a real hotel's if available, else the sample's."""
    with gzip.open(REAL_EVENTS, "rt") if REAL_EVENTS.exists() else SAMPLE.open() as file:
        for row in csv.DictReader(file):
            values = [row.get(name) or "" for name in COLUMNS[1:]]
            with suppress(ValueError):
                uuid.UUID(values[3])
                datetime.fromisoformat(values[1])
                date.fromisoformat(values[2])
                if values[0] in ("1", "2"):
                    yield values


def _identity_of_row(hotel: int, row: list[str]) -> Identity:
    status, timestamp, night, reservation = row
    return (
        hotel,
        f"{timestamp[:10]}T{timestamp[11:]}Z",
        str(uuid.UUID(reservation)),
        night,
        int(status),
    )


def _random_event(rng: random.Random, hotel: int, serial: int) -> Event:
    timestamp = datetime(2024, 1, 1) + timedelta(seconds=serial * 600 + rng.randrange(600))
    return {
        "hotel_id": hotel,
        "event_timestamp": f"{timestamp.isoformat()}Z",
        "status": rng.choice([1, 1, 1, 2]),
        "room_reservation_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "night_of_stay": str((timestamp + timedelta(days=rng.randrange(200))).date()),
    }


def identity(event: Event) -> Identity:
    """Return the identity of an event in REST format; equal identities are the same event."""
    return (
        event["hotel_id"], event["event_timestamp"], event["room_reservation_id"],
        event["night_of_stay"], event["status"],
    )  # fmt: skip
