"""One run: start, feed, harm, recover, judge."""

import random
import shutil
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from tests.postgres import postgres_server
from tests.soak.services import Services
from tests.soak.traffic import Traffic
from tests.soak.verdict import judge
from tests.soak.watch import FLAT_FROM_SECONDS, Memory, Sample, Watch

OPEN_SYSTEM = "API_AUTH=open"  # what a system without keys, such as this one, is warned of


@dataclass
class Result:
    """What a run saw; `wrong` is empty when every promise held."""

    seed: int
    database: str
    seconds: float
    calm_seconds: float  # of them, at the end
    kills: int = 0
    faults: list[str] = field(default_factory=list)
    events: int = 0
    files: int = 0
    retries: int = 0
    wrong: list[str] = field(default_factory=list)
    workers: int = 2
    rate: float = 0
    samples: list[Sample] = field(default_factory=list)
    memories: list[Memory] = field(default_factory=list)
    rest_seconds: float = inf  # from the last event until all was counted

    def __str__(self) -> str:
        verdict = "; ".join(self.wrong) or "nothing lost, nothing counted twice, nothing wedged"
        return (
            f"{self.database}, seed {self.seed}, {self.seconds:.0f} s: {len(self.faults)} faults, "
            f"{self.kills} of them kills; {self.events:,} events promised ({self.files} files), "
            f"{self.retries} retries. {'FAILED' if self.wrong else 'Passed'}: {verdict}"
        )


def run(
    seconds: float, seed: int, database: str, *, pause_seconds: float, longest_stop_seconds: float,
    calm_seconds: float = 0, workers: int = 2, rate: float = 0,
) -> Result:  # fmt: skip
    """Feed and harm the stack for `seconds`, feed it on in peace, then judge it.

    Args:
        seed: chooses faults and events; the same seed does the same again, as far as the
            machine's own timing lets it.
        database: `sqlite` or `postgres`.
        pause_seconds: the mean time between two faults; infinite for none at all.
        longest_stop_seconds: how long a process may stand still.
        calm_seconds: how long it goes on without faults.
        workers: how many event workers, of two processes each.
        rate: events a second; 0 for as many as go.
    """
    rng = random.Random(seed)
    result = Result(
        seed, database, seconds + calm_seconds, calm_seconds, workers=workers, rate=rate
    )
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server()) if database == "postgres" else None
        folder = Path(tempfile.mkdtemp(prefix="rpg-soak-"))
        services = Services(folder, postgres, rng, workers)
        stack.callback(services.kill)
        services.start()
        traffic = Traffic(services, seed, rate)
        watch = Watch(services, traffic)
        traffic.start()
        watch.start()
        try:
            _harm(services, traffic, seconds, rng, pause_seconds, longest_stop_seconds)
            services.recover()
            _harm(services, traffic, calm_seconds, rng, inf, 0)
            watch.stop()
            judgement = judge(services, traffic)
        finally:
            traffic.abandon()
            watch.stop()
        result.wrong = judgement.wrong + _ended_well(services)
        result.events, result.rest_seconds = judgement.events, judgement.rest_seconds
        result.kills, result.faults = services.kills, services.faults
        result.files, result.retries = traffic.files, traffic.retries
        result.samples = watch.samples
        result.memories = watch.memories(since=seconds if calm_seconds else 0)
        result.wrong += _calm(result, services)
    if result.wrong:
        print(f"The services' logs and databases are kept in {folder}")
    else:
        shutil.rmtree(folder)
    return result


def _harm(
    services: Services,
    traffic: Traffic,
    seconds: float,
    rng: random.Random,
    pause_seconds: float,
    longest_stop_seconds: float,
) -> None:
    end = time.monotonic() + seconds
    next_fault = time.monotonic() + 1 if pause_seconds < inf else inf
    while time.monotonic() < end:
        services.tend()
        if time.monotonic() >= next_fault:
            services.fault(longest_stop_seconds, traffic.loaders())
            next_fault = time.monotonic() + rng.expovariate(1 / pause_seconds)
        time.sleep(0.05)


def _calm(result: Result, services: Services) -> list[str]:
    """What would be wrong while nothing is done to the services."""
    wrong = []
    if not result.faults:
        wrong += [f"{name} ended untold" for name in services.restarts]
        if result.retries:
            wrong.append(f"{result.retries} posts or loads failed, though nothing was done")
    if result.calm_seconds >= FLAT_FROM_SECONDS:
        wrong += [
            f"{memory.name} grows by {memory.slope_per_hour:.1f} MB an hour, more than "
            f"{memory.allowed_per_hour:.1f}"
            for memory in result.memories
            if not memory.is_flat
        ]
    return wrong


def _ended_well(services: Services) -> list[str]:
    """Told to end, every service ends, and leaves no process behind."""
    wrong = []
    if wedged := services.stop():
        wrong.append(f"wedged: {', '.join(wedged)} did not end when told to")
    time.sleep(1)
    if left := services.left_running():
        wrong.append(f"left running: {[' '.join(process.cmdline())[:80] for process in left]}")
    # Without a fault nothing may be worth a warning; with faults, errors are what was asked for.
    bad = ("CRITICAL ", "ERROR ", "WARNING ", "Traceback ") if not services.faults else ()
    for name, text in services.logs():
        lines = [
            line
            for line in text.splitlines()
            if (line.startswith(bad) and OPEN_SYSTEM not in line) or "database is locked" in line
        ]
        wrong += [f"{name}: {line}" for line in lines[:3]]
    return wrong
