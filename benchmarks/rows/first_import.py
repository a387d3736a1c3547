"""Seconds until a booking system with 40,000 reservations is in the ledger, its limits lifted."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator

import psutil

from benchmarks.measurement import Result, RunSize
from benchmarks.stack import ROOT, Stack, stack

RESERVATIONS = 40_000
WANTED_SECONDS = 300


def first_import(database: str) -> Callable[[RunSize], Iterator[Result]]:
    def measure(size: RunSize) -> Iterator[Result]:
        with stack(database) as system:
            server = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.reservations_server", str(RESERVATIONS)],
                cwd=ROOT, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            try:
                assert server.stdout is not None
                address = f"http://127.0.0.1:{int(server.stdout.readline())}"
                found = _import(system, address)
                found["cpu_booking_system"] = _cpu_seconds(psutil.Process(server.pid))
            finally:
                server.terminate()
                server.wait()
        assert found["reservations"] == RESERVATIONS, found
        yield Result(
            f"first import of {RESERVATIONS:,} reservations, {database}", "-",
            f"≤ {WANTED_SECONDS} s", [found["seconds"]], unit="s", detail=found,
        )  # fmt: skip

    return measure


def _import(system: Stack, address: str) -> dict[str, float]:
    """Return what the import took, with the CPU seconds of the processes."""
    system.environment["CONNECTION_ADDRESSES"] = address
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    system.web()
    children = psutil.Process().children(recursive=True)
    web = [process for process in children if process.pid not in before]
    began = sum(map(_cpu_seconds, web))
    completed = subprocess.run(
        [sys.executable, "-m", "benchmarks.import_connection", address], cwd=ROOT, check=True,
        env={"DJANGO_SETTINGS_MODULE": "roompricegenie.settings", **system.environment},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(completed.stdout)
    found["cpu_reader"] = found.pop("cpu")
    found["cpu_web"] = sum(map(_cpu_seconds, web)) - began
    return found


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
