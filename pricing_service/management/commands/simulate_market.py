"""What the rules of pricing would do with made-up guests."""

import math
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev
from typing import Any, Final

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from pricing_service.laboratory.simulated_market import (
    BASE,
    CALM,
    CANCELLED,
    HISTORY,
    LADDER,
    MAXIMUM,
    MINIMUM,
    OCCUPANCY_LADDER,
    POLICIES,
    RECOMMENDATIONS,
    STEP,
    YEAR,
    Sold,
    World,
    live,
)

FEWEST_SEEDS: Final = 3  # of which an interval is made
FIGURES: Final[tuple[tuple[str, Callable[[Sold], float], str], ...]] = (
    ("revenue", lambda sold: sold.revenue, ",.0f"),
    ("occupancy %", lambda sold: 100 * sold.occupancy, ".1f"),
    ("average rate", lambda sold: sold.average_rate, ".2f"),
    ("RevPAR", lambda sold: sold.revpar, ".2f"),
)


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.removeprefix("-").isdecimal() or not lowest <= int(text) <= highest:
            raise ArgumentTypeError(
                f"must be a whole number from {lowest} to {highest}, not {text!r}"
            )
        return int(text)

    return read


def _number(lowest: float, highest: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not lowest <= value <= highest:
            raise ArgumentTypeError(f"must be a number from {lowest} to {highest}, not {text!r}")
        return value

    return read


class Command(BaseCommand):
    help = (
        "A simulation: run a made-up hotel through a year with made-up guests who respond to "
        "price, under a fixed base price, an occupancy ladder and these recommendations, which "
        "learn from a simulated year before. Prints revenue, occupancy, average rate and RevPAR "
        "with 95 % confidence intervals over seeds. It touches no data."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--seeds", type=_whole(FEWEST_SEEDS, 1000), default=20, metavar="N",
            help="years to simulate, each with guests of its own (default: %(default)s)",
        )  # fmt: skip
        parser.add_argument(
            "--seed", type=_whole(0, 2**31 - 1), default=0, metavar="FIRST",
            help="the first seed; the others follow it (default: %(default)s)",
        )  # fmt: skip
        parser.add_argument(
            "--rooms", type=_whole(1, 500), default=World.rooms, metavar="N",
            help="rooms to sell (default: %(default)s)",
        )  # fmt: skip
        parser.add_argument(
            "--elasticity", type=_number(0.1, 3.0), default=World.elasticity, metavar="E",
            help="by how many %% demand falls when the base price rises by 1 %% "
            "(default: %(default)s)",
        )  # fmt: skip
        parser.add_argument(
            "--demand", type=_number(0.1, 3.0), default=World.demand, metavar="D",
            help="room-nights that guests would book and keep at the base price if there were "
            "rooms for all, over the rooms; mean of the year (default: %(default)s)",
        )  # fmt: skip
        parser.add_argument(
            "--aggressiveness", type=_whole(1, 5), default=3, metavar="1-5",
            help="of the recommendations (default: %(default)s)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        world = World(**{name: options[name] for name in ("rooms", "elasticity", "demand")})
        seeds = range(options["seed"], options["seed"] + options["seeds"])
        years: dict[str, list[Sold]] = {name: [] for name in POLICIES}
        with _progress() as progress:
            for seed in progress.track(seeds, description="years simulated"):
                for name, sold in live(world, seed, options["aggressiveness"]).items():
                    years[name].append(sold)
        self.stdout.write(_preamble(world, seeds, options["aggressiveness"]))
        self.stdout.write(_figures(years) + "\n\n" + _differences(years))


@dataclass(frozen=True)
class Interval:
    """The mean over seeds, and the ends of its 95 % confidence interval."""

    mean: float
    low: float
    high: float


def interval(values: Sequence[float]) -> Interval:
    """Of at least FEWEST_SEEDS independent values, by Student's t distribution."""
    mean, count = fmean(values), len(values)
    reach = _t_quantile(count - 1) * stdev(values) / math.sqrt(count)
    return Interval(mean, mean - reach, mean + reach)


def _t_quantile(freedom: int) -> float:
    """The 97.5 % quantile of Student's t.

    Abramowitz and Stegun 1964, "Handbook of Mathematical Functions", 26.7.5: less than 1 % too
    small with two degrees of freedom, right to four digits from ten on.
    """
    x = NormalDist().inv_cdf(0.975)
    terms: tuple[float, ...] = (
        x,
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
    )
    return math.fsum(term / freedom**power for power, term in enumerate(terms))


def _preamble(world: World, seeds: range, aggressiveness: int) -> str:
    steps = ", ".join(
        f"below {limit:.0%} {multiple:g}" if math.isfinite(limit) else f"then {multiple:g}"
        for limit, multiple in LADDER
    )
    return (
        "This is a simulation: guests, their elasticity and the hotel are made up. It shows how "
        "the rules\nbehave, not what your hotel will earn.\n\n"
        f"{world.rooms} rooms, {YEAR.nights} nights, base price {BASE}, from {MINIMUM} to "
        f"{MAXIMUM} in steps of {STEP} for every policy, renewed once a day.\n"
        f"Demand {world.demand:g} of the rooms at the base price, elasticity {world.elasticity:g} "
        f"there; the latest guests respond {CALM:.0%} less\nthan the earliest; {CANCELLED:.0%} "
        "cancel. Every policy meets the same guests.\n"
        f"The {OCCUPANCY_LADDER}, as multiples of the base by occupancy: {steps}.\n"
        f"The {RECOMMENDATIONS} (aggressiveness {aggressiveness}) learn from the bookings of "
        f"{HISTORY.nights} nights before, sold at the base price.\n\n"
        f"Seeds {seeds[0]} to {seeds[-1]}: mean of a year [95 % confidence interval over seeds, "
        "by Student's t]\n"
    )


def _figures(years: dict[str, list[Sold]]) -> str:
    """A line per policy."""
    lines = [["", *(name for name, _, _ in FIGURES)]]
    for policy, sold in years.items():
        cells = [
            _cell(interval([figure(year) for year in sold]), form) for _, figure, form in FIGURES
        ]
        lines.append([policy, *cells])
    return _table(lines)


def _differences(years: dict[str, list[Sold]]) -> str:
    """By how much the recommendations earn more than each other policy, guest for guest."""
    lines = [[f"{RECOMMENDATIONS} less", "revenue", "%"]]
    best = [year.revenue for year in years[RECOMMENDATIONS]]
    for policy in POLICIES:
        if policy != RECOMMENDATIONS:
            pairs = list(zip(best, (year.revenue for year in years[policy]), strict=True))
            more = interval([mine - other for mine, other in pairs])
            percent = interval([100 * (mine / other - 1) for mine, other in pairs])
            lines.append([policy, _cell(more, "+,.0f"), _cell(percent, "+.2f")])
    return _table(lines)


def _cell(one: Interval, form: str) -> str:
    return f"{one.mean:{form}} [{one.low:{form}}, {one.high:{form}}]"


def _table(lines: list[list[str]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        " | ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(), TimeRemainingColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
