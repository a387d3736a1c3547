"""Add invalid lines to simulated CSV files, as real exports contain them."""

from collections.abc import Iterable, Iterator
from itertools import cycle
from random import Random

from data_provider.csv_loading.csv_columns import CSV_COLUMNS
from simulator.reproducible_random import random_below

_RATE_COLUMN = CSV_COLUMNS.index("rate")
_INVALID_RATES = ("-80.00", "1e2", "free", "80.0000")
_INVALID_VALUES = (  # of each required column, in the order of CSV_COLUMNS
    ("", "0", "-1", "2147483648", "hotel"),
    ("", "0", "4", "booked"),
    ("", "2024-02-30 12:00:00", "2024-05-01 25:61:00", "yesterday"),
    ("", "2023-02-29", "2024-13-01", "31.04."),
    ("", "R-4711", "7d3f0c52-9a4e-4b1d-8c66-2f1e0a9b7c4"),
)


def add_invalid_lines(lines: Iterable[str], rng: Random, share: float) -> Iterator[str]:
    """Yield all lines and, between them, damaged copies, so that `share` of the whole is invalid.

    With a share of 1 every line is replaced by a damaged copy. The kinds of damage take turns.

    Args:
        lines: valid lines, with CSV_COLUMNS.
        share: from 0 to 1.
    """
    kinds = cycle(range(len(_INVALID_VALUES) + 3))
    if share == 1:
        yield from (_damage(rng, line, next(kinds)) for line in lines)
        return
    for line in lines:
        while rng.random() < share:
            yield _damage(rng, line, next(kinds))
        yield line


def _damage(rng: Random, line: str, kind: int) -> str:
    """Damage a line: kinds 0 to 4 put a wrong or no value into that column, the next kind cuts the
    line short, one makes it blank, the last one puts a wrong value into the rate.
    """
    fields = line.split(",")
    if kind == len(_INVALID_VALUES):
        return ",".join(fields[: 1 + random_below(rng, 4)])
    if kind == len(_INVALID_VALUES) + 1:
        return ""
    is_rate = kind > len(_INVALID_VALUES)
    values = _INVALID_RATES if is_rate else _INVALID_VALUES[kind]
    fields[_RATE_COLUMN if is_rate else kind] = values[random_below(rng, len(values))]
    return ",".join(fields)
