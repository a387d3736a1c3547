"""What a run's services need: memory and lag over time, and whether the memory stays flat."""

import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from statistics import median
from typing import NamedTuple

import psutil
import requests

from tests.soak.services import Services

EVERY_SECONDS = 10
WARM_UP_SECONDS = 180  # caches fill, pools open, every kind of task has run
JUDGED_SECONDS = 15 * 60  # less than this says nothing about growth
GROWTH_MB, GROWTH_SHARE = 10, 0.1  # the larger of the two may come between begin and end
BARS = "▁▂▃▄▅▆▇█"


class Sample(NamedTuple):
    """A moment: MB of each service with its children (PSS), and events behind (None: no answer)."""

    seconds: float
    megabytes: dict[str, float]
    behind: int | None


class Growth(NamedTuple):
    """A service's memory: medians in MB of the first and the last fifth, and the highest."""

    first: float
    last: float
    highest: float

    def is_flat(self) -> bool:
        return self.last - self.first <= max(GROWTH_MB, GROWTH_SHARE * self.first)


class Watch:
    """Samples taken each EVERY_SECONDS while `look` is called often."""

    def __init__(self, services: Services) -> None:
        self.samples: list[Sample] = []
        self._services = services
        self._began = time.monotonic()

    def look(self) -> None:
        now = time.monotonic() - self._began
        if self.samples and now < self.samples[-1].seconds + EVERY_SECONDS:
            return
        megabytes = {name: _megabytes(s.members()) for name, s in self._services.all.items()}
        self.samples.append(Sample(now, megabytes, self._behind()))

    def _behind(self) -> int | None:
        with suppress(requests.RequestException, ValueError):
            url = f"{self._services.base}/dashboard/status/"
            found: int | None = requests.get(url, timeout=5).json()["events_behind"]
            return found
        return None

    def _warm(self) -> list[Sample]:
        return [sample for sample in self.samples if sample.seconds >= WARM_UP_SECONDS]

    def growths(self) -> dict[str, Growth]:
        """Of each service, after the warm-up; empty when the run was too short to say."""
        warm = self._warm()
        if not warm or warm[-1].seconds - warm[0].seconds < JUDGED_SECONDS:
            return {}
        fifth = len(warm) // 5
        return {
            name: Growth(
                median(sample.megabytes[name] for sample in warm[:fifth]),
                median(sample.megabytes[name] for sample in warm[-fifth:]),
                max(sample.megabytes[name] for sample in warm),
            )
            for name in self._services.all
        }

    def wrong(self) -> list[str]:
        """What grows."""
        return [
            f"GROWS: {name} from {growth.first:.0f} to {growth.last:.0f} MB"
            for name, growth in self.growths().items()
            if not growth.is_flat()
        ]

    def report(self) -> Iterator[str]:
        """Memory and lag as Markdown."""
        growths = self.growths()
        if not growths:
            yield "Too short to judge memory."
            return
        minutes = self._warm()[-1].seconds // 60
        yield (
            f"Memory of each service with its child processes (PSS, MB) in {minutes:.0f} minutes"
            f" without faults, after {WARM_UP_SECONDS} s of warm-up; medians of the first and the"
            f" last fifth. Flat: it grew by at most {GROWTH_MB} MB or {GROWTH_SHARE:.0%}."
        )
        yield ""
        yield "| service | first fifth | last fifth | highest | flat | over time |"
        yield "|---|---|---|---|---|---|"
        for name, growth in growths.items():
            line = _sparkline([sample.megabytes[name] for sample in self._warm()])
            flat = "yes" if growth.is_flat() else "NO"
            yield (
                f"| {name} | {growth.first:.0f} | {growth.last:.0f} | {growth.highest:.0f} | {flat}"
                f" | {line} |"
            )
        behind = [sample.behind for sample in self._warm() if sample.behind is not None]
        yield ""
        yield (
            f"Events by which the dashboard was behind the ledger, looked at {len(behind)} times:"
            f" median {median(behind):,.0f}, at most {max(behind):,}."
        )


def machine() -> str:
    """Where a run took place, for its report."""
    return (
        f"{date.today()}, {os.cpu_count()} cores, Python {platform.python_version()},"
        f" {sys.platform}"
    )


def _megabytes(processes: list[psutil.Process]) -> float:
    total = 0
    for process in processes:
        with suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total / 1e6


def _sparkline(values: list[float], width: int = 24) -> str:
    """Medians of `width` parts as bars between half of the highest value and the highest."""
    step = max(1, len(values) // width)
    parts = [median(values[at : at + step]) for at in range(0, len(values), step)]
    high = max(parts)
    scale = [max(0.0, (part / high - 0.5) * 2) if high else 0.0 for part in parts]
    return "".join(BARS[min(int(part * len(BARS)), len(BARS) - 1)] for part in scale)
