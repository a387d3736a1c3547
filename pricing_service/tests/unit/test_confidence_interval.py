"""The confidence interval of a mean is that of Student's t."""

import math

import numpy as np
import pytest

from pricing_service.laboratory.confidence_interval import confidence_interval


@pytest.mark.parametrize(("count", "quantile"), [(3, 4.3027), (5, 2.7764), (20, 2.0930)])
def test_it_works(count: int, quantile: float) -> None:
    values = [float(value) for value in range(count)]
    interval = confidence_interval(values)
    reach = quantile * float(np.std(values, ddof=1)) / math.sqrt(count)
    assert interval.mean == np.mean(values)
    assert interval.high - interval.mean == pytest.approx(reach, rel=1e-4)
    assert interval.mean - interval.low == pytest.approx(reach, rel=1e-4)
