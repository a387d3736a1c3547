"""`manage.py simulate_market`: print what the pricing policies earn in a simulated market."""

import math
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import Any, Final

from django.core.management.base import BaseCommand

from pricing_service.laboratory.policy_comparison import format_report, simulate_years
from pricing_service.laboratory.simulated_guests import Market
from pricing_service.management.progress_bar import progress_bar

FEWEST_SEEDS: Final = 3  # fewer give no usable confidence interval


def _whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.removeprefix("-").isdecimal() or not lowest <= int(text) <= highest:
            raise ArgumentTypeError(
                f"must be a whole number from {lowest} to {highest}, not {text!r}"
            )
        return int(text)

    return parse


def _number(lowest: float, highest: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not lowest <= value <= highest:
            raise ArgumentTypeError(f"must be a number from {lowest} to {highest}, not {text!r}")
        return value

    return parse


class Command(BaseCommand):
    help = (
        "A simulation: run a made-up hotel through a year with made-up guests who respond to "
        "price, under a fixed base price, an occupancy ladder and these recommendations, which "
        "learn from a simulated year before. Prints revenue, occupancy, average rate and RevPAR "
        "with 95 % confidence intervals over seeds. It touches no data."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--seeds", type=_whole_number(FEWEST_SEEDS, 1000), default=20, metavar="N",
            help="years to simulate, each with guests of its own (default: %(default)s)",
        )  # fmt: skip
        parser.add_argument(
            "--seed", type=_whole_number(0, 2**31 - 1), default=0, metavar="FIRST",
            help="the first seed; the others follow it (default: %(default)s)",
        )  # fmt: skip
        parser.add_argument(
            "--rooms", type=_whole_number(1, 500), default=Market.rooms, metavar="N",
            help="rooms to sell (default: %(default)s)",
        )  # fmt: skip
        parser.add_argument(
            "--elasticity", type=_number(0.1, 3.0), default=Market.elasticity, metavar="E",
            help="by how many %% demand falls when the base price rises by 1 %% "
            "(default: %(default)s)",
        )  # fmt: skip
        parser.add_argument(
            "--demand", type=_number(0.1, 3.0), default=Market.demand, metavar="D",
            help="room-nights that guests would book and keep at the base price if there were "
            "rooms for all, over the rooms; mean of the year (default: %(default)s)",
        )  # fmt: skip
        parser.add_argument(
            "--aggressiveness", type=_whole_number(1, 5), default=3, metavar="1-5",
            help="of the recommendations (default: %(default)s)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        market = Market(**{name: options[name] for name in ("rooms", "elasticity", "demand")})
        seeds = range(options["seed"], options["seed"] + options["seeds"])
        aggressiveness = options["aggressiveness"]
        with progress_bar() as bar:
            tracked = bar.track(seeds, description="years simulated")
            years = simulate_years(market, tracked, aggressiveness)
        self.stdout.write(format_report(market, seeds, aggressiveness, years))
