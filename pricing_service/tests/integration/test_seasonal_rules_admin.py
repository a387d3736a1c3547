"""Bounds by season in the admin: checked as over REST."""

from typing import Any

import pytest
from django.test import Client

from pricing_service.rules.rule_list_models import PriceBounds
from pricing_service.tests.hotels import DATABASES, create_rules, night
from pricing_service.tests.rules_in_admin import post_rows, superuser

pytestmark = pytest.mark.django_db(databases=DATABASES)
ROW = {
    "first": str(night(5)),
    "last": str(night(8)),
    "weekdays": ["4", "5"],
    "minimum_price": "120",
}


@pytest.fixture
def admin() -> Client:
    create_rules()
    return superuser()


def test_bounds_are_saved(admin: Client) -> None:
    response = post_rows(admin, "pricebounds", ROW)
    assert response.status_code == 302, response.context["errors"]
    row = PriceBounds.objects.get()
    assert (row.minimum_price, row.maximum_price, row.weekdays) == (120, None, [4, 5])


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([{**ROW, "minimum_price": "300"}], "above the maximum 250"),
        ([ROW, {**ROW, "minimum_price": "", "maximum_price": "100"}], "no price is possible"),
        ([{**ROW, "weekdays": ["9"]}], "9 is not one of the available choices"),
        ([{**ROW, "minimum_price": ""}], "give a minimum or a maximum price"),
    ],
)
def test_impossible_bounds_are_refused(
    admin: Client, rows: list[dict[str, Any]], reason: str
) -> None:
    response = post_rows(admin, "pricebounds", *rows)
    assert response.status_code == 200
    assert reason in response.content.decode()
    assert not PriceBounds.objects.exists()
