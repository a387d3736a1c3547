"""Traffic of the soak test: loaders of files, clients that post and retry, a reader of figures.

`acknowledged` holds the identity of every event for which a client got a 2xx response or that a
loader reported as queued; `sent` also holds those without a response. Half of the loads wait until
their events are recorded: whatever happens, exit code 0 is a promise. The others are repeated, as
the printed lines tell an operator, when queued events were destroyed (`losing_events`). With a
rate, a reader requests figures as the web pages do, and the hotels of one client have prices.
"""

import csv
import itertools
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
import redis
import requests

from tests.soak.events import (
    COLUMNS,
    Event,
    Identities,
    Identity,
    identity,
    identity_of_row,
    random_event,
    real_rows,
)
from tests.soak.money_events import MONEY_COLUMNS, MoneyEvents, with_money
from tests.soak.rate_limiter import RateLimiter
from tests.soak.services import ROOT, STREAM, Services

FILE_EVENTS = 8_000
BAD_LINES = 3  # in each file, so that each load writes a file of rejected lines
LOADERS = 2
CLIENTS = 3
MONEY_FROM_POST = 40  # of a client whose first events have none
# Each client posts for a hotel of its own, and after some posts for another one: figures and prices
# of one that grew as long as the run lasts would rightly take more and more memory.
FIRST_POSTED_HOTEL = 500
POSTS_OF_A_HOTEL = 200  # some 6,000 events
FIRST_LOADED_HOTEL = 1_000_000
READ_PAUSE_SECONDS = 0.5
REQUEST_TIMEOUT_SECONDS = 15


@dataclass
class LoadedFile:
    """A file of events."""

    path: Path
    events: int  # valid rows
    identities: set[Identity]
    loaded_at: float = 0  # monotonic time


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
        self.repeated_files = 0  # because events that were queued were destroyed
        self.vanished = 0  # loads with `--wait` that said that events vanished from the queue
        self.unwritten_rejects = 0  # loads that could not write their rejected lines
        self._loaders_can_write = True
        self._loading: dict[int, subprocess.Popen[str]] = {}
        self._stop = threading.Event()
        self._hurry = threading.Event()  # loads do not keep to the rate
        self._loaded: list[LoadedFile] = []  # not seen to be recorded yet
        self._to_repeat: list[LoadedFile] = []
        self._lost_at = 0.0  # monotonic time when events were destroyed last
        self._losing = False
        self._abandoned = False
        self._lock = threading.Lock()
        self._hotels = itertools.count(FIRST_LOADED_HOTEL)
        self._posted_hotels = [FIRST_POSTED_HOTEL + number for number in range(CLIENTS)]
        self._rows = list(real_rows())
        self._threads = [
            threading.Thread(target=self._load_files, args=(number,)) for number in range(LOADERS)
        ] + [threading.Thread(target=self._post, args=(number,)) for number in range(CLIENTS)]
        if rate:
            self._threads.append(threading.Thread(target=self._read))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self, seconds: float) -> bool:
        """Let each thread complete its current work; return False if one does not in time."""
        self._stop.set()
        self._hurry.set()
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up and any(thread.is_alive() for thread in self._threads):
            self.services.tend()
            time.sleep(0.1)
        return not any(thread.is_alive() for thread in self._threads)

    def abandon(self) -> None:
        """Stop all threads and loaders after a failed run."""
        self._stop.set()
        self._hurry.set()
        self._abandoned = True
        for process in list(self._loading.values()):
            with suppress(ProcessLookupError):
                process.kill()

    def limit_loaders(self, *, can_write: bool) -> None:
        """Let the loaders, those that start later too, write files or not."""
        self._loaders_can_write = can_write
        size = psutil.RLIM_INFINITY if can_write else 0
        for loader in self.loaders():
            with suppress(psutil.NoSuchProcess):
                loader.rlimit(psutil.RLIMIT_FSIZE, (size, psutil.RLIM_INFINITY))

    def loaders(self) -> list[psutil.Process]:
        """Return the loaders that are running."""
        running = []
        for process in list(self._loading.values()):
            with suppress(psutil.NoSuchProcess):
                running.append(psutil.Process(process.pid))
        return running

    # --- files ---

    @contextmanager
    def hurrying(self) -> Iterator[None]:
        """Load files one after another inside the block, whatever the rate."""
        self._hurry.set()
        try:
            yield
        finally:
            if not self._stop.is_set():
                self._hurry.clear()

    @contextmanager
    def losing_events(self) -> Iterator[None]:
        """Inside the block, events that wait in Redis may be destroyed.

        Afterwards every file is loaded again that was queued and not seen to be recorded.
        """
        with self._lock:
            self._losing = True
        try:
            with self.hurrying():
                yield
        finally:
            with self._lock:
                self._losing, self._lost_at = False, time.monotonic()
                self._to_repeat += self._loaded
                self._loaded = []

    def _load_files(self, number: int) -> None:
        """Load files of random rows; the loader with the highest number waits for the ledger."""
        rng = random.Random(f"{self.seed} loader {number}")
        is_waiting = number == LOADERS - 1
        while True:
            self._repeat_files()
            if self._stop.is_set():
                return
            file = self._write_file(rng)
            self._file_limiter.wait(len(file.identities), self._hurry)
            if self._stop.is_set():
                return
            with self._lock:
                self.sent.add(file.identities)
            if not self._load_until_done(file, is_waiting=is_waiting):
                return
            with self._lock:
                self.acknowledged.add(file.identities)
            self.files += 1
            self._stop.wait(rng.uniform(0, 1))

    def _repeat_files(self) -> None:
        while self._to_repeat and not self._abandoned:
            with self._lock:
                file = self._to_repeat.pop() if self._to_repeat else None
            if file:
                self.repeated_files += 1
                self._load_until_done(file, is_waiting=False)

    def _write_file(self, rng: random.Random) -> "LoadedFile":
        with self._lock:
            hotel = next(self._hotels)
        rows = rng.sample(self._rows, min(FILE_EVENTS, len(self._rows)))
        has_money = hotel % 2 == 0  # as hotels that send rates, and others that do not
        if has_money:
            rows = with_money(rng, rows)
        lines = [[hotel, *row] for row in rows]
        for _ in range(BAD_LINES):
            lines.insert(rng.randrange(len(lines)), [hotel, 1, "yesterday", "2024-05-01", "?"])
        path = self.services.data_dir / f"load{hotel}.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*COLUMNS, *MONEY_COLUMNS] if has_money else COLUMNS)
            writer.writerows(lines)
        return LoadedFile(path, len(rows), {identity_of_row(hotel, row[:4]) for row in rows})

    def _load_until_done(self, file: "LoadedFile", *, is_waiting: bool) -> bool:
        """Repeat a load until its events are promised; return False when the run is abandoned."""
        while not self._abandoned:
            began = time.monotonic()
            if not self._load_file(file, "--wait" if is_waiting else "--verbosity=1"):
                self.retries += 1
                continue
            self._forget_recorded_files()
            if is_waiting:
                file.path.unlink()
                return True
            with self._lock:
                if not self._losing and began > self._lost_at:
                    file.loaded_at = time.monotonic()
                    self._loaded.append(file)
                    return True
            self.repeated_files += 1
            self._stop.wait(1)
        return False

    def _load_file(self, file: "LoadedFile", option: str) -> bool:
        """Load a file once; return False if the loader was killed or failed."""
        process = subprocess.Popen(
            [sys.executable, "manage.py", "trigger_load_events", str(file.path), option],
            cwd=ROOT, env=self.services.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._loading[threading.get_ident()] = process
        if not self._loaders_can_write:
            self.limit_loaders(can_write=False)
        output, _ = process.communicate()
        self.unwritten_rejects += "rejected lines cannot be written" in output
        self.vanished += "vanished from the queue" in output
        total = (
            f"{file.events + BAD_LINES + 1:,} lines: 1 header, {file.events:,} queued, "
            f"{BAD_LINES} rejected, 0 blank"
        )
        if "Traceback" in output or (process.returncode == 0 and total not in output):
            self.wrong_responses.append(f"loader: {output[-2000:]}")
        return process.returncode == 0

    def _forget_recorded_files(self) -> None:
        """When the queue is empty, every file that was loaded before is in the ledger."""
        seen_at = time.monotonic()
        with (
            self._lock,
            suppress(redis.RedisError),
            redis.Redis(unix_socket_path=str(self.services.socket), socket_timeout=1) as client,
        ):
            if self._losing or client.xlen(STREAM):
                return
            for file in [file for file in self._loaded if file.loaded_at < seen_at]:
                self._loaded.remove(file)
                file.path.unlink()

    # --- clients ---

    def _post(self, number: int) -> None:
        rng = random.Random(f"{self.seed} client {number}")
        session = requests.Session()
        previous: list[Event] = []
        for hotel in itertools.count(FIRST_POSTED_HOTEL + number, CLIENTS):
            self._posted_hotels[number] = hotel
            if self.rate and number == 0:
                prices = f"/prices/hotels/{hotel}/"
                self._send_until_accepted(session, "PATCH", prices, {"base_price": 100})
            plain, money = partial(random_event, rng, hotel), MoneyEvents(rng, hotel).event
            for serial in range(POSTS_OF_A_HOTEL):
                if self._stop.is_set():
                    return
                count = 1 if rng.random() < 0.7 else rng.randint(2, 200)
                # One client never sends money, one always, one begins with it later.
                has_money = number == 1 or (number > 1 and serial >= MONEY_FROM_POST)
                events = [(money if has_money else plain)(serial) for _ in range(count)]
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
        if self._send_until_accepted(session, "POST", "/events/", body):
            with self._lock:
                self.acknowledged.add(identities)

    def _send_until_accepted(
        self, session: requests.Session, method: str, path: str, body: object
    ) -> bool:
        """Repeat a request until it succeeds; return False when the run is abandoned."""
        url = f"{self.services.base}{path}"
        while not self._abandoned:
            try:
                response = session.request(method, url, json=body, timeout=REQUEST_TIMEOUT_SECONDS)
            except requests.RequestException:
                pass
            else:
                if response.status_code in (200, 201):
                    return True
                if response.status_code != 503:
                    self.wrong_responses.append(
                        f"{method}: {response.status_code} {response.text[:500]}"
                    )
            self.retries += 1
            time.sleep(0.2)
        return False

    # --- readers ---

    def _read(self) -> None:
        """Request figures as the web pages do, with the ETag of the previous response."""
        session = requests.Session()
        etags: dict[str, str] = {}
        for number in itertools.count():
            if self._stop.wait(READ_PAUSE_SECONDS):
                return
            hotel = self._posted_hotels[number % CLIENTS]
            url = f"{self.services.base}/dashboard/?hotel_id={hotel}&period=day&year=2024"
            headers = {"If-None-Match": etags[url]} if url in etags else {}
            with suppress(requests.RequestException):
                response = session.get(url, headers=headers, timeout=REQUEST_TIMEOUT_SECONDS)
                etags[url] = response.headers.get("ETag", "")
                if response.status_code not in (200, 304, 503):
                    self.wrong_responses.append(
                        f"GET: {response.status_code} {response.text[:500]}"
                    )
