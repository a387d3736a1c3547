"""What is fed: files through loaders, events through clients that retry; and what was promised.

`promised` holds the identity of every event that a client was answered 2xx for or a loader
reported as queued; `tried` holds those as well that were sent without an answer.
"""

import csv
import gzip
import itertools
import random
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from math import inf
from pathlib import Path
from typing import Any

import psutil
import requests

from tests.soak.services import ROOT, Services

Identity = tuple[int, str, str, str, int]  # hotel, time, reservation, night, status, as in REST
Event = dict[str, Any]

SHARED = ROOT.parent / "shared" / "data" / "resort_hotel_events.csv.gz"
SAMPLE = ROOT / "data_provider" / "sample" / "events.csv"
FILE_EVENTS = 8_000
LOADERS = 2
CLIENTS = 3
TRY_SECONDS = 15
COLUMNS = ["hotel_id", "status", "event_timestamp", "night_of_stay", "room_reservation_id"]


class Traffic:
    """Threads that feed the services until `finish`.

    Args:
        rate: events a second at most, over the whole run; infinite for what the machine takes.
    """

    def __init__(self, services: Services, seed: int, rate: float = inf) -> None:
        self.services = services
        self.rate = rate
        self.seed = seed
        self.promised: set[Identity] = set()
        self.tried: set[Identity] = set()
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

    def start(self) -> None:
        self.began = time.monotonic()
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
            with self._lock:
                self.tried |= identities
            while not self._loaded(number, path):
                if self._abandoned:
                    return
                self.retries += 1
            with self._lock:
                self.promised |= identities
            self.files += 1
            ahead = len(self.promised) / self.rate - (time.monotonic() - self.began)
            self._stop.wait(max(ahead, 0) + rng.uniform(0, 1))

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
            events = [_made_up(rng, 500 + number, serial) for _ in range(count)]
            if sent and rng.random() < 0.1:
                events = sent  # a client that does not trust its own books
            self._post_until_answered(session, events[0] if len(events) == 1 else events)
            sent = events
            self._stop.wait(rng.expovariate(20))

    def _post_until_answered(self, session: requests.Session, body: Event | list[Event]) -> None:
        identities = {identity(event) for event in (body if isinstance(body, list) else [body])}
        with self._lock:
            self.tried |= identities
        url = f"{self.services.base}/events/"
        while not self._abandoned:
            try:
                answer = session.post(url, json=body, timeout=TRY_SECONDS)
            except requests.RequestException:
                pass
            else:
                if answer.status_code in (200, 201):
                    with self._lock:
                        self.promised |= identities
                    return
                if answer.status_code != 503:
                    self.wrong_answers.append(f"POST: {answer.status_code} {answer.text[:500]}")
            self.retries += 1
            time.sleep(0.2)


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
