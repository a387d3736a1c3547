"""`python -m tests.soak --minutes 10 --seed 1 --db sqlite`: a long run, and what it saw."""

import argparse
import random
import sys

from tests.soak.run import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    parser.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite")
    options = parser.parse_args()
    print(f"{options.minutes:g} minutes on {options.db}, seed {options.seed}", flush=True)
    result = run(
        options.minutes * 60, options.seed, options.db, pause_seconds=4, longest_stop_seconds=60
    )
    print(result)
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
