"""Bounds by season in the admin: checked as over REST."""

from typing import Any

import orjson
import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from pricing_service.rule_models import PriceBounds
from pricing_service.tests.hotels import DATABASES, HOTEL, create_rules, night

pytestmark = pytest.mark.django_db(databases=DATABASES)
PATH = f"/admin/pricing_service/pricingrules/{HOTEL}/change/"
ROW = {"first": str(night(5)), "last": str(night(8)), "weekdays": "[4, 5]", "minimum_price": "120"}


@pytest.fixture
def admin() -> Client:
    create_rules()
    user = get_user_model().objects.create_superuser("root", password="x")
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def post_bounds(admin: Client, *rows: dict[str, str]) -> Any:
    form = admin.get(PATH).context["adminform"].form
    fields = {
        name: orjson.dumps(value).decode() if isinstance(value, list) else value
        for name, value in form.initial.items()
        if value is not None
    }
    for prefix in ("demandevent_set", "fixedprice_set", "pricebounds_set", "minimumstay_set"):
        total = len(rows) if prefix == "pricebounds_set" else 0
        fields |= {f"{prefix}-TOTAL_FORMS": total, f"{prefix}-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        fields |= {f"pricebounds_set-{number}-{name}": value for name, value in row.items()}
    return admin.post(PATH, fields)


def test_bounds_are_saved(admin: Client) -> None:
    response = post_bounds(admin, ROW)
    assert response.status_code == 302, response.context["errors"]
    row = PriceBounds.objects.get()
    assert (row.minimum_price, row.maximum_price, row.weekdays) == (120, None, [4, 5])


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([{**ROW, "minimum_price": "300"}], "above the maximum 250"),
        ([ROW, {**ROW, "minimum_price": "", "maximum_price": "100"}], "no price is possible"),
        ([{**ROW, "weekdays": "[9]"}], "0 for Monday to 6 for Sunday"),
        ([{**ROW, "minimum_price": ""}], "give a minimum or a maximum price"),
    ],
)
def test_impossible_bounds_are_refused(
    admin: Client, rows: list[dict[str, str]], reason: str
) -> None:
    response = post_bounds(admin, *rows)
    assert response.status_code == 200
    assert reason in response.content.decode()
    assert not PriceBounds.objects.exists()
