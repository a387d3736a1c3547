"""Sample memory, lag and queue during a run, and decide whether memory grows.

Memory is PSS, summed over the processes of a service: a page that several processes share is
divided among them. (RSS would count the code that a worker shares with its children several times.)
"""

import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil
import redis
import requests

from tests.soak.services import Services
from tests.soak.traffic import Traffic

QUEUED_EVENTS = "events:queued"  # in Redis: see data_provider/event_queue/queue_stream.py
SAMPLE_SECONDS = 10
PRINT_SECONDS = 60
# Of the run: caches fill, and each process meets its largest piece of work. Of eight processes of
# event workers one gets a file's batch every few minutes; those that faults restarted begin anew.
WARM_UP_SHARE = 0.3
# Memory below either growth is flat. In less than 20 minutes the slope is mostly noise, so it is
# only printed.
FLAT_FROM_SECONDS = 20 * 60
FLAT_MB_PER_HOUR, FLAT_SHARE_PER_HOUR = 10.0, 0.1
POSTGRES, TEST = "PostgreSQL", "the test itself"
# Reported, but allowed to grow: PostgreSQL fills its shared buffers, the test remembers events.
MAY_GROW = (POSTGRES, TEST)
SPARKS = " ▁▂▃▄▅▆▇█"


@dataclass
class Sample:
    """One sample; None for a part that did not answer."""

    seconds: float
    memory_mb: dict[str, float]
    events_behind: int | None
    seconds_behind: float | None
    queued: int | None
    acknowledged: int


@dataclass
class Memory:
    """A service's memory over a run, in MB."""

    name: str
    warm: float
    middle: float
    end: float
    highest: float
    slope_per_hour: float  # Theil-Sen slope after the warm-up
    sparkline: str

    @property
    def allowed_per_hour(self) -> float:
        return max(FLAT_MB_PER_HOUR, FLAT_SHARE_PER_HOUR * self.warm)

    @property
    def is_flat(self) -> bool:
        return self.name in MAY_GROW or self.slope_per_hour <= self.allowed_per_hour


class Sampler:
    """Takes a sample every SAMPLE_SECONDS until `stop`, and prints one each minute."""

    def __init__(self, services: Services, traffic: Traffic) -> None:
        self.samples: list[Sample] = []
        self._services = services
        self._traffic = traffic
        self._redis = redis.Redis(unix_socket_path=str(services.socket), socket_timeout=5)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._began = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        self._redis.close()

    def memories(self, since: float) -> list[Memory]:
        """Return each service's memory since a second of the run; [] with too few samples."""
        samples = [sample for sample in self.samples if sample.seconds >= since]
        if len(samples) < 4:
            return []
        return [memory_of(name, samples) for name in samples[-1].memory_mb]

    def _run(self) -> None:
        print_at = PRINT_SECONDS
        while not self._stop.wait(SAMPLE_SECONDS):
            sample = self._take_sample()
            self.samples.append(sample)
            if sample.seconds >= print_at:
                print_at += PRINT_SECONDS
                memory = sum(sample.memory_mb.values())
                print(
                    f"{sample.seconds:7.1f} s  {sample.acknowledged:,} events acknowledged, "
                    f"{_format_count(sample.queued)} queued, "
                    f"{_format_count(sample.events_behind)} behind, "
                    f"{memory:,.0f} MB",
                    flush=True,
                )

    def _take_sample(self) -> Sample:
        seconds = time.monotonic() - self._began
        status: dict[str, Any] = {}
        with suppress(requests.RequestException, ValueError):
            status = requests.get(f"{self._services.base}/dashboard/status/", timeout=8).json()
        queued = None
        with suppress(redis.RedisError):
            queued = int(self._redis.get(QUEUED_EVENTS) or 0)
        return Sample(
            seconds, self._memory(), status.get("events_behind"), status.get("seconds_behind"),
            queued, len(self._traffic.acknowledged),
        )  # fmt: skip

    def _memory(self) -> dict[str, float]:
        trees = {name: service.members() for name, service in self._services.all.items()}
        if self._services.postgres:
            with suppress(OSError, psutil.NoSuchProcess, IndexError):  # while it restarts
                main = psutil.Process(self._services.postgres.pid)
                trees[POSTGRES] = [main, *main.children(recursive=True)]
        trees[TEST] = [psutil.Process(os.getpid())]
        return {name: sum(map(_pss_mb, tree)) for name, tree in trees.items()}


def _format_count(number: int | None) -> str:
    return "?" if number is None else f"{number:,}"


def _pss_mb(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        return float(process.memory_full_info().pss) / 1e6
    return 0.0


def memory_of(name: str, samples: list[Sample]) -> Memory:
    """Summarize the memory of a service over the samples after the warm-up."""
    began, ended = samples[0].seconds, samples[-1].seconds
    warm_from = began + WARM_UP_SHARE * (ended - began)
    points = [
        (sample.seconds, sample.memory_mb[name])
        for sample in samples
        if sample.seconds >= warm_from and sample.memory_mb.get(name)
    ]
    seconds, used_mb = np.array(points or [(0.0, 0.0)]).T
    return Memory(
        name,
        _median_around(used_mb, 0), _median_around(used_mb, len(used_mb) // 2),
        _median_around(used_mb, len(used_mb) - 1),
        float(max(used_mb)), 3600 * slope(seconds, used_mb), _sparkline(used_mb),
    )  # fmt: skip


def _median_around(values: Any, place: int) -> float:
    """Return the median of five values: one sample may be taken in the middle of a batch."""
    return float(np.median(values[max(0, place - 2) : place + 3]))


def slope(x: Any, y: Any) -> float:
    """Return the median slope over all pairs of points (Theil-Sen), which is robust to outliers."""
    first, second = np.triu_indices(len(x), 1)
    steps = x[second] - x[first]
    return (
        float(np.median((y[second] - y[first])[steps > 0] / steps[steps > 0]))
        if len(x) > 1
        else 0.0
    )


def _sparkline(values: Any, width: int = 24) -> str:
    """Draw values as a line of block characters, from 0 to the highest."""
    parts = np.array_split(values, min(width, len(values)))
    highest = max(values) or 1
    return "".join(SPARKS[round(8 * float(np.mean(part)) / highest)] for part in parts)
