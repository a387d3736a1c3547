"""Confidence intervals of a mean, by Student's t distribution.

scipy takes long to load: only `manage.py simulate_market` imports this module.
"""

import math
from collections.abc import Sequence
from statistics import fmean, stdev
from typing import NamedTuple

from scipy.stats import t as student_t

CONFIDENCE = 0.95


class ConfidenceInterval(NamedTuple):
    """A mean, and the ends of its 95 % confidence interval."""

    mean: float
    low: float
    high: float


def confidence_interval(values: Sequence[float]) -> ConfidenceInterval:
    """Return the interval of the mean of at least two independent values."""
    mean, count = fmean(values), len(values)
    quantile = float(student_t.ppf((1 + CONFIDENCE) / 2, count - 1))
    reach = quantile * stdev(values) / math.sqrt(count)
    return ConfidenceInterval(mean, mean - reach, mean + reach)
