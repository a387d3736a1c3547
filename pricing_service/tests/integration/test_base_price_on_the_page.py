"""The pricing page says that a base price is far off, once the response to price is learned."""

import numpy as np
import pytest
from django.test import Client

from pricing_service.demand.belief_models import StoredBelief
from pricing_service.engine import History
from pricing_service.engine.belief import learn
from pricing_service.engine.belief_json import belief_to_json
from pricing_service.rules.pricing_rules import load_rules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    create_hotel,
    create_rules,
    put_price,
    today,
)

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.fixture(autouse=True)
def api_without_authentication(settings: pytest.FixtureRequest) -> None:
    settings.API_AUTH = "open"  # type: ignore[attr-defined]  # pytest-django's settings


def believe(uncertainty: float) -> None:
    """Store a belief whose log of the elasticity has this standard deviation."""
    hotel_rules = load_rules(HOTEL)
    assert hotel_rules
    belief = learn(hotel_rules.engine_rules(ROOMS), History(([], [], [], [])), today())
    values = belief_to_json(belief)
    values["response_covariance"] = (np.eye(6) * uncertainty**2).tolist()
    StoredBelief.objects.create(
        hotel_id=HOTEL, cut_off=today(), fingerprint="of a test", belief=values
    )


def page(client: Client) -> str:
    return client.get(f"/pricing/?hotel_id={HOTEL}").content.decode()


def test_a_base_price_that_is_too_low_is_said_to_be(client: Client) -> None:
    """With by how much, and a better one; not before anything is known."""
    create_hotel()
    create_rules(mode="suggest", base_price=80)
    for ahead in range(1, 71):
        put_price(ahead, 104, factors={"month": 1.0, "demand": 1.3})
    assert "would fit better" not in page(client)
    believe(uncertainty=0.4)
    assert "would fit better" not in page(client)
    StoredBelief.objects.all().delete()
    believe(uncertainty=0.15)
    text = page(client)
    assert "on average 30 % above" in text
    assert ">104</data>" in text
