"""`manage.py simulate_market`: print what the pricing policies earn in simulated markets."""

import os
import time
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from pricing_service.laboratory.comparison_report import format_report
from pricing_service.laboratory.markets.market_sets import BY_NAME, SETS, find_markets
from pricing_service.laboratory.policy_comparison import POLICIES, Year, collect, simulate_all
from pricing_service.management.progress_bar import progress_bar

MOST_SEEDS: Final = 100
HIGHEST_SEED: Final = 2**31 - 1
MOST_JOBS: Final = 256


def _seeds(text: str) -> list[int]:
    """Read 7, 1-5 or 1,3,8-9."""
    seeds: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        last = last if dash else first
        if not (first.isdecimal() and last.isdecimal() and len(first + last) <= 40):
            raise ArgumentTypeError(f"must be like 7, 1-5 or 1,3,8-9, not {text!r}")
        low, high = int(first), int(last)
        if low > high or high > HIGHEST_SEED:
            raise ArgumentTypeError(f"{part!r} is no range of seeds from 0 to {HIGHEST_SEED}")
        if high - low >= MOST_SEEDS:
            raise ArgumentTypeError(f"{part!r} has more than {MOST_SEEDS} seeds")
        seeds += range(low, high + 1)
    if len(set(seeds)) > MOST_SEEDS:
        raise ArgumentTypeError(f"at most {MOST_SEEDS} seeds, not {len(set(seeds))}")
    return sorted(set(seeds))


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_JOBS:
        raise ArgumentTypeError(f"must be a whole number from 1 to {MOST_JOBS}, not {text!r}")
    return int(text)


class Command(BaseCommand):
    help = (
        "A simulation: run made-up hotels through a year with made-up guests who respond to price, "
        "day by day, under the engine of production and simpler policies. Prints each policy's "
        "revenue as a share of what a hotel could earn that knew the true demand of every night "
        "and the true response to price. It touches no data."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--markets", nargs="+", default=["table"], metavar="NAME",
            help=f"sets ({', '.join(SETS)}) and names of markets (default: table). The names are "
            f"{', '.join(BY_NAME)}",
        )  # fmt: skip
        parser.add_argument(
            "--seeds", type=_seeds, default=[1, 2, 3, 4, 5], metavar="1-5",
            help="years to simulate, each with guests of its own: 7, 1-5 or 1,3,8-9 "
            "(default: 1-5)",
        )  # fmt: skip
        parser.add_argument(
            "--policies", nargs="+", default=list(POLICIES), choices=list(POLICIES),
            metavar="NAME", help=f"of {', '.join(POLICIES)} (default: all)",
        )  # fmt: skip
        parser.add_argument(
            "--jobs", type=_jobs, default=os.cpu_count() or 1, metavar="N",
            help="processes at a time (default: the machine's cores, %(default)s)",
        )  # fmt: skip
        parser.add_argument(
            "--details", action="store_true",
            help="also print revenue, occupancy and average rate (ADR) of every policy",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            markets = find_markets(options["markets"])
        except KeyError as error:
            raise CommandError(
                f"no market or set is called {error}; sets: {', '.join(SETS)}; markets: "
                f"{', '.join(BY_NAME)}"
            ) from error
        seeds, started = options["seeds"], time.monotonic()
        years: list[Year] = []
        with progress_bar() as bar:
            task = bar.add_task("years simulated", total=len(markets) * len(seeds))
            for year in simulate_all(markets, seeds, options["policies"], options["jobs"]):
                years.append(year)
                bar.advance(task)
                if bar.console.is_terminal:
                    continue
                done = f"{len(years)} of {len(markets) * len(seeds)} years"
                shares = ", ".join(f"{name} {share:.3f}" for name, share in year.shares().items())
                self.stderr.write(f"{done}: {year.market.name}, seed {year.seed}: {shares}")
        minutes = (time.monotonic() - started) / 60
        report = format_report(collect(years, markets), seeds, minutes, details=options["details"])
        self.stdout.write(report)
