"""`python -m tests.soak --minutes 10 --seed 1 --db sqlite`: run the soak test, write a report."""

import argparse
import random
import sys
from math import inf
from pathlib import Path

from tests.soak import report
from tests.soak.run import run

RATE = 500.0  # events a second: keeps two cores half busy, two million events an hour


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    parser.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--workers", type=int, default=2, help="of each kind but updaters")
    parser.add_argument("--rate", type=float, default=RATE, help="events a second; 0: no limit")
    parser.add_argument("--shares", type=int, default=1, help="updaters that count at once")
    parser.add_argument(
        "--faults", type=float, default=inf, metavar="MINUTES",
        help="inject faults only so long (default: always); then memory must be flat",
    )  # fmt: skip
    parser.add_argument("--report", type=Path, help="write a report in Markdown to this file")
    options = parser.parse_args()
    is_none = min(options.workers, options.shares) < 1 or options.minutes <= 0
    if is_none or min(options.rate, options.faults) < 0:
        parser.error(
            "--workers and --shares must be at least 1, --minutes more than 0, the others not "
            "below 0"
        )
    print(f"{options.minutes:g} minutes on {options.db}, seed {options.seed}", flush=True)
    fault_minutes = min(options.faults, options.minutes)
    result = run(
        fault_minutes * 60, options.seed, options.db, pause_seconds=4, longest_stop_seconds=60,
        calm_seconds=(options.minutes - fault_minutes) * 60, workers=options.workers,
        rate=options.rate, shares=options.shares,
    )  # fmt: skip
    print(result)
    if options.report:
        report.write(options.report, result)
    return 1 if result.problems else 0


if __name__ == "__main__":
    sys.exit(main())
