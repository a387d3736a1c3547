"""One run: start, feed, harm, recover, judge."""

import random
import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.postgres import postgres_server
from tests.soak.services import BIN, ROOT, Services
from tests.soak.traffic import Traffic
from tests.soak.verdict import judge

START_SECONDS = 60


@dataclass
class Result:
    """What a run saw; `wrong` is empty when every promise held."""

    seed: int
    database: str
    seconds: float
    kills: int = 0
    faults: list[str] = field(default_factory=list)
    events: int = 0
    files: int = 0
    retries: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        verdict = "; ".join(self.wrong) or "nothing lost, nothing counted twice, nothing wedged"
        return (
            f"{self.database}, seed {self.seed}, {self.seconds:.0f} s: {len(self.faults)} faults, "
            f"{self.kills} of them kills; {self.events:,} events promised ({self.files} files), "
            f"{self.retries} retries. {'FAILED' if self.wrong else 'Passed'}: {verdict}"
        )


def run(
    seconds: float, seed: int, database: str, *, pause_seconds: float, longest_stop_seconds: float
) -> Result:
    """Feed and harm the stack for `seconds`, then judge it.

    Args:
        seed: chooses faults and events; the same seed does the same again, as far as the
            machine's own timing lets it.
        database: `sqlite` or `postgres`.
        pause_seconds: the mean time between two faults.
        longest_stop_seconds: how long a process may stand still.
    """
    rng = random.Random(seed)
    result = Result(seed, database, seconds)
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server()) if database == "postgres" else None
        folder = Path(tempfile.mkdtemp(prefix="rpg-soak-"))
        services = Services(folder, postgres, rng)
        stack.callback(services.kill)
        for name in ("default", "data_provider", "dashboard_service"):
            subprocess.run(
                [BIN / "python", "manage.py", "migrate", "-v0", f"--database={name}"],
                cwd=ROOT, env=services.environment, check=True,
            )  # fmt: skip
        services.start()
        _wait_until_ready(services)
        traffic = Traffic(services, seed)
        traffic.start()
        try:
            _harm(services, traffic, seconds, rng, pause_seconds, longest_stop_seconds)
            services.recover()
            result.wrong = judge(services, traffic)
        finally:
            traffic.abandon()
        result.wrong += _ended_well(services)
        result.kills, result.faults = services.kills, services.faults
        result.events, result.files = len(traffic.promised), traffic.files
        result.retries = traffic.retries
    if result.wrong:
        print(f"The services' logs and databases are kept in {folder}")
    else:
        shutil.rmtree(folder)
    return result


def _wait_until_ready(services: Services) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        services.tend()
        try:
            if requests.get(f"{services.base}/readyz", timeout=2).status_code == 200:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise RuntimeError("the stack was not ready in time: " + str(dict(services.logs())))


def _harm(
    services: Services,
    traffic: Traffic,
    seconds: float,
    rng: random.Random,
    pause_seconds: float,
    longest_stop_seconds: float,
) -> None:
    end = time.monotonic() + seconds
    next_fault = time.monotonic() + 1
    while time.monotonic() < end:
        services.tend()
        if time.monotonic() >= next_fault:
            services.fault(longest_stop_seconds, traffic.loaders())
            next_fault = time.monotonic() + rng.expovariate(1 / pause_seconds)
        time.sleep(0.05)


def _ended_well(services: Services) -> list[str]:
    """Told to end, every service ends, and leaves no process behind."""
    wrong = []
    if wedged := services.stop():
        wrong.append(f"wedged: {', '.join(wedged)} did not end when told to")
    time.sleep(1)
    if left := services.left_running():
        wrong.append(f"left running: {[' '.join(process.cmdline())[:80] for process in left]}")
    for name, text in services.logs():
        for line in text.splitlines():
            if "database is locked" in line:
                wrong.append(f"{name}: {line}")
    return wrong
