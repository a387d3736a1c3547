"""The admin's form of pricing rules: lists of numbers are fields of their own, and no JSON."""

from typing import Any

import pytest
from django.test import Client

from pricing_service.models import PricingRules
from pricing_service.rules.rule_list_models import MinimumStay
from pricing_service.tests.hotels import DATABASES, create_rules
from pricing_service.tests.rules_in_admin import LISTS, PATH, post_rows, shown_values, superuser

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.fixture
def admin() -> Client:
    create_rules()
    return superuser()


def post(admin: Client, **values: Any) -> Any:
    """Return the response to the form with other values in some of its inputs."""
    fields = shown_values(admin.get(PATH).context["adminform"].form)
    for name in LISTS:
        fields |= {f"{name}_set-TOTAL_FORMS": 0, f"{name}_set-INITIAL_FORMS": 0}
    return admin.post(PATH, {**fields, **values})


def rules() -> PricingRules:
    return PricingRules.objects.get()


def test_no_list_is_shown_as_json(admin: Client) -> None:
    PricingRules.objects.update(lead_factors=[[14, 0.95], [3, 1.1]])
    html = admin.get(PATH).content.decode()
    assert 'name="month_factors_11"' in html
    assert 'name="weekday_factors_6"' in html
    assert "14 0.95\n3 1.1</textarea>" in html
    assert "[1.0, 1.0" not in html


def test_lists_are_saved(admin: Client) -> None:
    values = {
        "month_factors_6": "1.3",
        "weekday_factors_5": "1.2",
        "lead_factors": "14 0.95\n\n3 1",
    }
    response = post(admin, **values)
    assert response.status_code == 302, response.context["errors"]
    assert rules().month_factors == [1.0] * 6 + [1.3] + [1.0] * 5
    assert rules().weekday_factors[5] == 1.2
    assert rules().lead_factors == [[14, 0.95], [3, 1.0]]


def test_what_is_saved_unchanged_stays(admin: Client) -> None:
    PricingRules.objects.update(lead_factors=[[14, 0.95]], month_factors=[1.5] * 12)
    assert post(admin).status_code == 302
    assert rules().lead_factors == [[14, 0.95]]
    assert rules().month_factors == [1.5] * 12


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"month_factors_0": ""}, "This field is required"),
        ({"month_factors_0": "x"}, "Enter a number"),
        ({"weekday_factors_0": "99"}, "each must be between 0.1 and 10"),
        ({"lead_factors": "14"}, "line 1: write the days before and a factor, like 14 0.95"),
        ({"lead_factors": "3 1.1\nx 1"}, "line 2: write"),
        ({"lead_factors": "3 1.1\n3 1.2"}, "the same number of days before is given twice"),
    ],
)
def test_a_wrong_one_is_refused(admin: Client, values: dict[str, str], reason: str) -> None:
    before = rules().updated_at
    response = post(admin, **values)
    assert response.status_code == 200
    assert reason in response.content.decode()
    assert rules().updated_at == before


def test_weekdays_are_ticked(admin: Client) -> None:
    row = {"nights": "2", "first": "2030-07-01", "last": "2030-08-31", "weekdays": ["4", "5"]}
    response = post_rows(admin, "minimumstay", row)
    assert response.status_code == 302, response.context["errors"]
    assert MinimumStay.objects.get().weekdays == [4, 5]
    html = admin.get(PATH).content.decode()
    assert html.count('name="minimumstay_set-0-weekdays"') == 7
