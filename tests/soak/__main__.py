"""`python -m tests.soak --minutes 10 --seed 1 --db sqlite`: a long run, and what it saw."""

import argparse
import random
import sys
from math import inf
from pathlib import Path

from tests.soak import report
from tests.soak.run import run

RATE = 500.0  # what an hour of keeps two cores half busy, and makes two million events


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    parser.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--workers", type=int, default=2, help="event workers of two processes")
    parser.add_argument("--rate", type=float, default=RATE, help="events a second; 0: no limit")
    parser.add_argument(
        "--faults", type=float, default=inf, metavar="MINUTES",
        help="do harm for so long (all the time), then none: memory must be flat",
    )  # fmt: skip
    parser.add_argument("--report", type=Path, help="a file to write what was seen to, as Markdown")
    options = parser.parse_args()
    if options.workers < 1 or min(options.rate, options.faults) < 0 or options.minutes <= 0:
        parser.error("--workers must be at least 1, --minutes more than 0, the others not below 0")
    print(f"{options.minutes:g} minutes on {options.db}, seed {options.seed}", flush=True)
    harmed = min(options.faults, options.minutes)
    result = run(
        harmed * 60, options.seed, options.db, pause_seconds=4, longest_stop_seconds=60,
        calm_seconds=(options.minutes - harmed) * 60, workers=options.workers, rate=options.rate,
    )  # fmt: skip
    print(result)
    if options.report:
        report.write(options.report, result)
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
