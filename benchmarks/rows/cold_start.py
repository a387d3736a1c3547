"""Seconds from `make run` in an empty folder until `/readyz` answers 200."""

import os
import subprocess
import sys
import time
from tempfile import TemporaryDirectory

from benchmarks.measurement import Result, RunSize
from benchmarks.stack import ROOT, end, free_port, wait_for


def cold_start(size: RunSize) -> Result:
    seconds = []
    for _ in range(size.rounds):
        with TemporaryDirectory(prefix="rpg-bench-") as folder:
            port = free_port()
            environment = {**os.environ, "DATA_DIR": folder, "PORT": str(port)}
            began = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "roompricegenie.local_stack"], cwd=ROOT, env=environment,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            try:
                wait_for(f"http://127.0.0.1:{port}/readyz")
                seconds.append(time.perf_counter() - began)
            finally:
                end(process)
    return Result("cold start: `make run` to /readyz", "-", "≤ 8 s", seconds, unit="s")
