"""One run of the soak test: start the services, send events, inject faults, recover, verify."""

import random
import shutil
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from tests.postgres import postgres_server
from tests.soak.disasters import missing_traces
from tests.soak.faults import Faults
from tests.soak.make_run import PREFIX, MakeRunServices
from tests.soak.memory_and_lag import FLAT_FROM_SECONDS, Memory, Sample, Sampler
from tests.soak.traffic import Traffic
from tests.soak.verdict import verify

OPEN_SYSTEM = "API_AUTH=open"  # part of the warning of a system without API keys, as this one
# A worker that stops gives a nudge that arrived in that moment back to its queue: nothing is lost.
GIVEN_BACK = "Requeuing undeliverable message for queue"
LAST_LINES = 5  # of a log, which a worker writes while it stops


@dataclass
class Result:
    """The result of a run; `problems` is empty when every promise was kept."""

    seed: int
    database: str
    seconds: float
    calm_seconds: float  # the part of it without faults, at the end
    kills: int = 0
    faults: list[str] = field(default_factory=list)
    events: int = 0  # acknowledged: answered 2xx or reported as queued
    files: int = 0
    retries: int = 0
    repeated_files: int = 0  # loaded again after queued events were destroyed
    disasters: Counter[str] = field(default_factory=Counter)  # by kind: how often injected
    seen: Counter[str] = field(default_factory=Counter)  # by kind: how often the trace was seen
    vanished: int = 0  # loads with `--wait` that said that events vanished
    problems: list[str] = field(default_factory=list)
    workers: int = 2
    shares: int = 1
    rate: float = 0
    samples: list[Sample] = field(default_factory=list)
    memories: list[Memory] = field(default_factory=list)
    settle_seconds: float = inf  # from the last event until all were counted

    def __str__(self) -> str:
        verdict = "; ".join(self.problems) or "nothing lost, nothing counted twice, nothing wedged"
        return (
            f"{self.database}, seed {self.seed}, {self.seconds:.0f} s: {len(self.faults)} faults, "
            f"{self.kills} of them kills; {self.events:,} events promised ({self.files} files), "
            f"{self.retries} retries.{self.disasters_text()} "
            f"{'FAILED' if self.problems else 'Passed'}: {verdict}"
        )

    def disasters_text(self) -> str:
        """Return how often the trace of each kind of disaster was seen."""
        if not self.disasters:
            return ""
        kinds = [f"{kind} {self.seen[kind]} of {n}" for kind, n in self.disasters.items()]
        return (
            f" Seen to have happened: {', '.join(kinds)}. Queued events were destroyed: "
            f"{self.repeated_files} files loaded again; --wait noticed it {self.vanished} times."
        )


def run(
    seconds: float, seed: int, database: str, *, pause_seconds: float, longest_stop_seconds: float,
    calm_seconds: float = 0, workers: int = 2, rate: float = 0, shares: int = 1,
) -> Result:  # fmt: skip
    """Send events with faults for `seconds`, then without faults, then verify everything.

    Args:
        seed: chooses faults and events. The same seed repeats a run, except for the timing of
            the machine.
        database: `sqlite` or `postgres`.
        pause_seconds: the mean time between two faults; infinite for no faults.
        longest_stop_seconds: the longest time that a process is suspended.
        calm_seconds: how long the run goes on without faults.
        workers: number of workers of each kind but updaters; event workers have two processes each.
        rate: events a second; 0 for as many as possible.
        shares: into which the feed is divided once the traffic has begun; one more or less in the
            middle of it, and as many again.
    """
    rng = random.Random(seed)
    result = Result(
        seed,
        database,
        seconds + calm_seconds,
        calm_seconds,
        workers=workers,
        rate=rate,
        shares=shares,
    )
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server()) if database == "postgres" else None
        folder = Path(tempfile.mkdtemp(prefix="rpg-soak-"))
        services = MakeRunServices(folder, postgres, rng, workers, shares)
        stack.callback(services.kill)
        services.start()
        traffic = Traffic(services, seed, rate)
        sampler = Sampler(services, traffic)
        traffic.start()
        sampler.start()
        try:
            result.problems += _divide_feed(services, shares)
            faults = Faults(services, traffic, rng, longest_stop_seconds)
            _inject_faults(faults, services, seconds, rng, pause_seconds)
            services.recover()
            result.problems += _divide_feed(services, shares)
            _inject_faults(faults, services, calm_seconds, rng, inf)
            sampler.stop()
            verdict = verify(services, traffic)
        finally:
            traffic.abandon()
            sampler.stop()
        result.problems += verdict.problems + _shut_down(services)
        result.events, result.settle_seconds = verdict.events, verdict.settle_seconds
        result.kills, result.faults = services.kills, services.faults
        result.files, result.retries = traffic.files, traffic.retries
        result.repeated_files, result.vanished = traffic.repeated_files, traffic.vanished
        result.disasters, result.seen = services.disasters, services.seen
        result.problems += missing_traces(services.disasters, services.seen, seconds)
        result.samples = sampler.samples
        result.memories = sampler.memories(since=seconds if calm_seconds else 0)
        result.problems += _problems_without_faults(result, services)
    if result.problems:
        print(f"The logs and databases of the services are in {folder}")
    else:
        shutil.rmtree(folder)
    return result


def _divide_feed(services: MakeRunServices, shares: int) -> list[str]:
    """Change the number of shares under load, over another number; return what went wrong."""
    if shares == 1:
        return []
    results = [services.manage("set_feed_shares", str(number)) for number in (shares - 1, shares)]
    return [f"set_feed_shares: {result.stderr}" for result in results if result.returncode]


def _inject_faults(
    faults: Faults,
    services: MakeRunServices,
    seconds: float,
    rng: random.Random,
    pause_seconds: float,
) -> None:
    end = time.monotonic() + seconds
    next_fault = time.monotonic() + 1 if pause_seconds < inf else inf
    while time.monotonic() < end:
        services.tend()
        if time.monotonic() >= next_fault:
            faults.inject()
            next_fault = time.monotonic() + rng.expovariate(1 / pause_seconds)
        time.sleep(0.05)


def _problems_without_faults(result: Result, services: MakeRunServices) -> list[str]:
    """Return what must not happen without faults: restarts, retries, growing memory."""
    problems = []
    if not result.faults:
        problems += [f"{name} ended without a request" for name in services.restarts]
        problems += [
            f"make run: {line}" for line in services.printed().splitlines() if " ended (" in line
        ]
        if result.retries:
            problems.append(f"{result.retries} posts or loads failed without a fault")
    if result.calm_seconds >= FLAT_FROM_SECONDS:
        problems += [
            f"{memory.name} grows by {memory.slope_per_hour:.1f} MB an hour, more than "
            f"{memory.allowed_per_hour:.1f}"
            for memory in result.memories
            if not memory.is_flat
        ]
    return problems


def _is_expected(line: str, place_from_end: int) -> bool:
    """Return whether a warning tells of nothing that went wrong."""
    return OPEN_SYSTEM in line or (GIVEN_BACK in line and place_from_end <= LAST_LINES)


def _shut_down(services: MakeRunServices) -> list[str]:
    """Stop the services; return which did not end, left processes behind, or logged errors."""
    problems = []
    if wedged := services.stop():
        problems.append(f"wedged: {', '.join(wedged)} did not end after SIGTERM")
    time.sleep(1)
    if left := services.left_running():
        problems.append(f"left running: {[' '.join(process.cmdline())[:80] for process in left]}")
    # Without faults no warning is expected; with faults, errors are.
    bad = ("CRITICAL ", "ERROR ", "WARNING ", "Traceback ") if not services.faults else ()
    for name, log in services.logs():
        written = PREFIX.sub("", log).splitlines()
        lines = [
            line
            for place, line in enumerate(written)
            if (line.startswith(bad) and not _is_expected(line, len(written) - place))
            or "database is locked" in line
        ]
        problems += [f"{name}: {line}" for line in lines[:3]]
    return problems
