"""The admin's form of pricing rules for tests: a superuser's client, and rows of one list posted."""

from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from pricing_service.tests.hotels import HOTEL

PATH = f"/admin/pricing_service/pricingrules/{HOTEL}/change/"
LISTS = ("demandevent", "fixedprice", "pricebounds", "minimumstay", "roomtype")


def superuser() -> Client:
    """Return the client of a superuser who is logged in."""
    user = get_user_model().objects.create_superuser("root", password="x")
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def shown_values(form: Any) -> dict[str, Any]:
    """Return what a browser would post of a form that it shows: the value of each input."""
    fields: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if isinstance(value, list):
            fields |= {f"{bound.html_name}_{n}": number for n, number in enumerate(value)}
        elif value is not None:
            fields[bound.html_name] = value
    return fields


def post_rows(admin: Client, model: str, *rows: dict[str, Any]) -> Any:
    """Return the response to the hotel's rules with rows of one of LISTS, and none of the others."""
    form = admin.get(PATH).context["adminform"].form
    fields = shown_values(form)
    for name in LISTS:
        total = len(rows) if name == model else 0
        fields |= {f"{name}_set-TOTAL_FORMS": total, f"{name}_set-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        fields |= {f"{model}_set-{number}-{name}": value for name, value in row.items()}
    return admin.post(PATH, fields)
