"""Random draws that give the same values for a seed on every supported Python.

Python promises that `Random.random()` gives the same sequence for a seed in every version. It does
not promise that for `randrange()` or `choices()`, so everything here is made from `random()`.
"""

from bisect import bisect
from collections.abc import Sequence
from random import Random


def random_below(rng: Random, end: int) -> int:
    """Return a whole number from 0 to `end` - 1."""
    return int(rng.random() * end)


def pick_index(rng: Random, running_weights: Sequence[float]) -> int:
    """Return an index with the probability of its weight.

    Args:
        running_weights: cumulative sums of the weights.
    """
    # `hi` keeps the index in range when rounding makes the product equal to the total.
    return bisect(running_weights, rng.random() * running_weights[-1], 0, len(running_weights) - 1)
