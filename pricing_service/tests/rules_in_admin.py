"""The admin's form of pricing rules for tests: a superuser's client, and rows of one list posted."""

from typing import Any

import orjson
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


def post_rows(admin: Client, model: str, *rows: dict[str, str]) -> Any:
    """Return the response to the hotel's rules with rows of one of LISTS, and none of the others."""
    form = admin.get(PATH).context["adminform"].form
    fields = {
        name: orjson.dumps(value).decode() if isinstance(value, list) else value
        for name, value in form.initial.items()
        if value is not None
    }
    for name in LISTS:
        total = len(rows) if name == model else 0
        fields |= {f"{name}_set-TOTAL_FORMS": total, f"{name}_set-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        fields |= {f"{model}_set-{number}-{name}": value for name, value in row.items()}
    return admin.post(PATH, fields)
