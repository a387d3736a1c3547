"""Every form of willingness to pay has the stated elasticity, falls with price, and is inverted."""

import numpy as np
import pytest

from pricing_service.laboratory.markets.willingness_to_pay import (
    FORMS,
    price_of_demand,
    relative_demand,
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("elasticity", [0.5, 1.2, 3.0])
def test_demand_has_the_elasticity_at_the_reference_price(form: str, elasticity: float) -> None:
    below, at, above = relative_demand(form, np.array(elasticity), np.array([99.9, 100.0, 100.1]))
    assert at == pytest.approx(1.0)
    assert np.log(below / above) / np.log(100.1 / 99.9) == pytest.approx(elasticity, rel=1e-3)


@pytest.mark.parametrize("form", FORMS)
def test_demand_falls_with_price_and_the_inverse_gives_the_price_back(form: str) -> None:
    prices = np.linspace(60, 180, 25)
    demand = relative_demand(form, np.array(1.2), prices)
    assert (np.diff(demand) < 0).all()
    np.testing.assert_allclose(price_of_demand(form, np.array(1.2), demand), prices, rtol=1e-3)


def test_the_forms_differ_away_from_the_reference_price() -> None:
    shares = {
        form: round(100 * float(relative_demand(form, np.array(1.2), np.array(150.0))))
        for form in FORMS
    }
    assert shares == {
        "exponential": 55, "lognormal": 50, "logistic": 34, "weibull": 47, "linear": 40,
    }  # fmt: skip
