"""What is fed: files through loaders, events through clients that retry; and what was promised.

`promised` holds the identity of every event that a client was answered 2xx for or a loader
reported as queued; `tried` holds those as well that were sent without an answer. Each is a row of
bytes, so that an hour's millions fit into some tens of megabytes. With a rate, a reader asks for
figures as pages do, and a hotel has prices.
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
PACKED = struct.Struct(">Iq16sIB")  # an identity; its last byte is never 0, as numpy needs it
Event = dict[str, Any]

SHARED = ROOT.parent / "shared" / "data" / "resort_hotel_events.csv.gz"
SAMPLE = ROOT / "data_provider" / "sample" / "events.csv"
FILE_EVENTS = 8_000
LOADERS = 2
CLIENTS = 3
POSTED_HOTELS = 500  # the first of the clients' hotels
READ_EVERY_SECONDS = 0.5
TRY_SECONDS = 15
COLUMNS = ["hotel_id", "status", "event_timestamp", "night_of_stay", "room_reservation_id"]


class Identities:
    """Identities of events, packed one after the other; the same one may be there several times."""

    def __init__(self) -> None:
        self._rows = bytearray()

    def add(self, identities: Iterable[Identity]) -> None:
        for hotel, moment, reservation, night, status in identities:
            microseconds = (datetime.fromisoformat(moment) - EPOCH) // timedelta(microseconds=1)
            day = date.fromisoformat(night).toordinal()
            self._rows += PACKED.pack(
                hotel, microseconds, uuid.UUID(reservation).bytes, day, status
            )

    def __len__(self) -> int:
        """How many, repetitions included."""
        return len(self._rows) // PACKED.size

    def sorted(self) -> Any:
        """A numpy array of them all, in order."""
        return np.sort(np.frombuffer(bytes(self._rows), dtype=f"S{PACKED.size}"))


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def unpacked(row: bytes) -> Identity:
    """The identity that an element of `Identities.sorted` stands for."""
    hotel, microseconds, reservation, day, status = PACKED.unpack(row)
    moment = (EPOCH + timedelta(microseconds=microseconds)).isoformat().replace("+00:00", "Z")
    return hotel, moment, str(uuid.UUID(bytes=reservation)), str(date.fromordinal(day)), status


class Pace:
    """Lets events through at a rate; without one, at once."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._next = time.monotonic()
        self._lock = threading.Lock()

    def wait(self, events: int, stop: threading.Event) -> None:
        """Return when so many events may go, or when `stop` is set."""
        if not self._per_second:
            return
        with self._lock:  # what was missed is not made up for
            mine = max(self._next, time.monotonic())
            self._next = mine + events / self._per_second
        stop.wait(max(0.0, mine - time.monotonic()))


class Traffic:
    """Threads that feed the services until `finish`.

    Args:
        rate: events a second, half of them in files; 0 for as many as go.
    """

    def __init__(self, services: Services, seed: int, rate: float = 0) -> None:
        self.services = services
        self.seed = seed
        self.rate = rate
        self.promised = Identities()
        self.tried = Identities()
        self._file_pace, self._post_pace = Pace(rate / 2), Pace(rate / 2)
        self.wrong_answers: list[str] = []
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
            url = f"{self.services.base}/prices/hotels/{POSTED_HOTELS}/"
            requests.patch(url, json={"base_price": 100}, timeout=60).raise_for_status()
        for thread in self._threads:
            thread.start()

    def finish(self, seconds: float) -> bool:
        """Let each thread end what it has in hand; False when one does not within the time."""
        self._stop.set()
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up and any(thread.is_alive() for thread in self._threads):
            self.services.tend()
            time.sleep(0.1)
        return not any(thread.is_alive() for thread in self._threads)

    def abandon(self) -> None:
        """Stop whatever is still at work, when the run failed."""
        self._stop.set()
        self._abandoned = True
        for process in list(self._loading.values()):
            with suppress(ProcessLookupError):
                process.kill()

    def loaders(self) -> list[psutil.Process]:
        """The loaders that run now."""
        found = []
        for process in list(self._loading.values()):
            with suppress(psutil.NoSuchProcess):
                found.append(psutil.Process(process.pid))
        return found

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
            identities = {_of_file(hotel, row) for row in rows}
            self._file_pace.wait(len(identities), self._stop)
            if self._stop.is_set():
                return
            with self._lock:
                self.tried.add(identities)
            while not self._loaded(number, path):
                if self._abandoned:
                    return
                self.retries += 1
            with self._lock:
                self.promised.add(identities)
            self.files += 1
            self._stop.wait(rng.uniform(0, 1))

    def _loaded(self, number: int, path: Path) -> bool:
        """Load a file once; False when the loader was killed or gave up."""
        process = subprocess.Popen(
            [sys.executable, "manage.py", "trigger_load_events", str(path)],
            cwd=ROOT, env=self.services.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._loading[number] = process
        said, _ = process.communicate()
        if "Traceback" in said:
            self.wrong_answers.append(f"loader: {said[-2000:]}")
        return process.returncode == 0

    # --- clients ---

    def _post(self, number: int) -> None:
        rng = random.Random(f"{self.seed} client {number}")
        session = requests.Session()
        sent: list[Event] = []
        for serial in itertools.count():
            if self._stop.is_set():
                return
            count = 1 if rng.random() < 0.7 else rng.randint(2, 200)
            events = [_made_up(rng, POSTED_HOTELS + number, serial) for _ in range(count)]
            if sent and rng.random() < 0.1:
                events = sent  # a client that does not trust its own books
            self._post_pace.wait(count, self._stop)
            self._post_until_answered(session, events[0] if len(events) == 1 else events)
            sent = events
            self._stop.wait(rng.expovariate(20))

    def _post_until_answered(self, session: requests.Session, body: Event | list[Event]) -> None:
        identities = {identity(event) for event in (body if isinstance(body, list) else [body])}
        with self._lock:
            self.tried.add(identities)
        url = f"{self.services.base}/events/"
        while not self._abandoned:
            try:
                answer = session.post(url, json=body, timeout=TRY_SECONDS)
            except requests.RequestException:
                pass
            else:
                if answer.status_code in (200, 201):
                    with self._lock:
                        self.promised.add(identities)
                    return
                if answer.status_code != 503:
                    self.wrong_answers.append(f"POST: {answer.status_code} {answer.text[:500]}")
            self.retries += 1
            time.sleep(0.2)

    # --- readers ---

    def _read(self) -> None:
        """Ask for figures as pages do, with the ETag of what is shown."""
        session = requests.Session()
        shown: dict[str, str] = {}
        for number in itertools.count():
            if self._stop.wait(READ_EVERY_SECONDS):
                return
            hotel = POSTED_HOTELS + number % CLIENTS
            url = f"{self.services.base}/dashboard/?hotel_id={hotel}&period=day&year=2024"
            headers = {"If-None-Match": shown[url]} if url in shown else {}
            with suppress(requests.RequestException):
                answer = session.get(url, headers=headers, timeout=TRY_SECONDS)
                shown[url] = answer.headers.get("ETag", "")
                if answer.status_code not in (200, 304, 503):
                    self.wrong_answers.append(f"GET: {answer.status_code} {answer.text[:500]}")


def _real_rows() -> Iterator[list[str]]:
    """The real hotel's rows where they are at hand, else the sample's, without the hotel."""
    with gzip.open(SHARED, "rt") if SHARED.exists() else SAMPLE.open() as file:
        for row in csv.DictReader(file):
            values = [row.get(name) or "" for name in COLUMNS[1:]]
            with suppress(ValueError):
                uuid.UUID(values[3])
                datetime.fromisoformat(values[1])
                date.fromisoformat(values[2])
                if values[0] in ("1", "2"):
                    yield values


def _of_file(hotel: int, row: list[str]) -> Identity:
    status, moment, night, reservation = row
    return hotel, f"{moment[:10]}T{moment[11:]}Z", str(uuid.UUID(reservation)), night, int(status)


def _made_up(rng: random.Random, hotel: int, serial: int) -> Event:
    moment = datetime(2024, 1, 1) + timedelta(seconds=serial * 600 + rng.randrange(600))
    return {
        "hotel_id": hotel,
        "event_timestamp": f"{moment.isoformat()}Z",
        "status": rng.choice([1, 1, 1, 2]),
        "room_reservation_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "night_of_stay": str((moment + timedelta(days=rng.randrange(200))).date()),
    }


def identity(event: Event) -> Identity:
    """What makes an event of REST the same as another."""
    return (
        event["hotel_id"], event["event_timestamp"], event["room_reservation_id"],
        event["night_of_stay"], event["status"],
    )  # fmt: skip
