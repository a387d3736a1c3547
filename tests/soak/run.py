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
from tests.soak.watch import Watch, machine


@dataclass
class Result:
    """What a run saw; `wrong` is empty when every promise held."""

    seed: int
    database: str
    workers: int
    seconds: float
    kills: int = 0
    faults: list[str] = field(default_factory=list)
    events: int = 0
    files: int = 0
    retries: int = 0
    wrong: list[str] = field(default_factory=list)
    watched: list[str] = field(default_factory=list)  # memory and lag, as Markdown

    def report(self, command: str) -> str:
        """The run as a Markdown page."""
        said = "\n".join(self.watched)
        harmed = "\n".join(f"    {fault}" for fault in self.faults) or "    none"
        return (
            f"# A soak\n\n`{command}`, {machine()}.\n\n{self}\n\n{said}\n\n## Faults\n\n{harmed}\n"
        )

    def __str__(self) -> str:
        verdict = "; ".join(self.wrong) or "nothing lost, nothing counted twice, nothing wedged"
        return (
            f"{self.database}, {self.workers} event workers of two processes, seed {self.seed}, "
            f"{self.seconds:.0f} s: {len(self.faults)} faults, "
            f"{self.kills} of them kills; {self.events:,} events promised ({self.files} files), "
            f"{self.retries} retries. {'FAILED' if self.wrong else 'Passed'}: {verdict}"
        )


def run(
    seconds: float,
    seed: int,
    database: str,
    *,
    pause_seconds: float,
    longest_stop_seconds: float,
    workers: int = 2,
    calm_seconds: float = 0,
    rate: float = inf,
) -> Result:
    """Feed and harm the stack for `seconds`, feed it on in peace, then judge it.

    Args:
        seed: chooses faults and events; the same seed does the same again, as far as the
            machine's own timing lets it.
        database: `sqlite` or `postgres`.
        pause_seconds: the mean time between two faults; infinite for none at all.
        longest_stop_seconds: how long a process may stand still.
        workers: how many event workers, of two processes each.
        calm_seconds: how long it runs on without faults, its memory watched.
        rate: events a second at most.
    """
    rng = random.Random(seed)
    result = Result(seed, database, workers, seconds + calm_seconds)
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server()) if database == "postgres" else None
        folder = Path(tempfile.mkdtemp(prefix="rpg-soak-"))
        services = Services(folder, postgres, rng, workers)
        stack.callback(services.kill)
        services.start()
        traffic = Traffic(services, seed, rate)
        traffic.start()
        try:
            _harm(services, traffic, seconds, rng, pause_seconds, longest_stop_seconds)
            services.recover()
            watch = _watch(services, calm_seconds)
            result.wrong = judge(services, traffic) + watch.wrong()
            result.watched = list(watch.report())
        finally:
            traffic.abandon()
        result.wrong += _ended_well(services)
        result.kills, result.faults = services.kills, services.faults
        result.events, result.files = len(traffic.promised), traffic.files
        result.retries = traffic.retries
        if result.retries and not result.faults:
            result.wrong.append(f"{result.retries} posts or loads failed, though nothing was done")
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


def _watch(services: Services, seconds: float) -> Watch:
    watch = Watch(services)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        services.tend()
        watch.look()
        time.sleep(0.2)
    return watch


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
            if line.startswith(bad) or "database is locked" in line
        ]
        wrong += [f"{name}: {line}" for line in lines[:3]]
    return wrong
