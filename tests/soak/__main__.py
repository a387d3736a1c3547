"""`python -m tests.soak --minutes 10 --seed 1 --db sqlite`: a long run, and what it saw.

The first ten minutes do harm; what is longer goes on in peace, and memory must stay flat then.
"""

import argparse
import random
import sys
from math import inf
from pathlib import Path

from tests.soak.run import run

HARMED_MINUTES = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    parser.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--workers", type=int, default=2, help="event workers")
    parser.add_argument("--rate", type=float, default=inf, help="events a second at most")
    parser.add_argument("--report", type=Path, help="a Markdown file to write")
    options = parser.parse_args()
    print(f"{options.minutes:g} minutes on {options.db}, seed {options.seed}", flush=True)
    harmed = min(options.minutes, HARMED_MINUTES)
    result = run(
        harmed * 60,
        options.seed,
        options.db,
        pause_seconds=4,
        longest_stop_seconds=60,
        workers=options.workers,
        calm_seconds=(options.minutes - harmed) * 60,
        rate=options.rate,
    )
    print(result, *result.watched, sep="\n")
    if options.report:
        rate = f" RATE={options.rate:g}" if options.rate < inf else ""
        options.report.write_text(
            result.report(
                f"make soak MINUTES={options.minutes:g} DB={options.db} WORKERS={options.workers}"
                f"{rate} SEED={options.seed}"
            )
        )
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
