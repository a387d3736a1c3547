"""Seconds to price a year of nights: one hotel, and 200 hotels one after the other."""

import json
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.measurement import Result, RunSize
from benchmarks.stack import ROOT, stack


def prices(size: RunSize) -> Iterator[Result]:
    hotels = 200 if size.rounds > 3 else 20
    with stack("sqlite") as system:
        completed = subprocess.run(
            [sys.executable, "-m", "benchmarks.price_hotels", str(hotels)], cwd=ROOT, check=True,
            env={"DJANGO_SETTINGS_MODULE": "roompricegenie.settings", **system.environment},
            capture_output=True, text=True,
        )  # fmt: skip
    seconds = json.loads(completed.stdout)
    yield Result("a year of a hotel priced for the first time", "-", "≤ 1 s", seconds["first"],
                 unit="s")  # fmt: skip
    yield Result("the same when a night changed", "-", "≤ 1 s", seconds["again"], unit="s")
    yield Result("a preview of other bounds, step and aggressiveness", "-", "≤ 1 s",
                 seconds["preview"], unit="s")  # fmt: skip
    yield Result("the engine alone: a year from what was learned", "-", "≤ 0.5 s",
                 seconds["engine"], unit="s")  # fmt: skip
    yield Result("200 hotels priced for the first time", "-", "≤ 120 s",
                 [sum(seconds["first"]) / hotels * 200], unit="s")  # fmt: skip
