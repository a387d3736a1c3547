"""Room types in the admin: checked together as over REST."""

import pytest
from django.test import Client

from pricing_service.room_types.room_type_models import RoomType
from pricing_service.tests.hotels import DATABASES, create_rules
from pricing_service.tests.rules_in_admin import post_rows, superuser

pytestmark = pytest.mark.django_db(databases=DATABASES)
DOUBLE = {"name": "Double", "is_reference": "on", "rooms": "12"}
SUITE = {"name": "Suite", "percent": "25", "rooms": "3"}


@pytest.fixture
def admin() -> Client:
    create_rules()
    return superuser()


def test_room_types_are_saved(admin: Client) -> None:
    response = post_rows(admin, "roomtype", DOUBLE, SUITE)
    assert response.status_code == 302, response.context["errors"]
    assert list(RoomType.objects.values_list("name", "is_reference", "percent")) == [
        ("Double", True, None), ("Suite", False, 25),
    ]  # fmt: skip


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([SUITE], "exactly one type is the reference"),
        ([DOUBLE, SUITE, {**SUITE, "name": "SUITE"}], "is given in row 1"),
        ([DOUBLE, {**SUITE, "amount": "5"}], "give a percentage or an amount"),
        ([DOUBLE, {**SUITE, "maximum_price": "0.5"}], "no multiple of the price step"),
    ],
)
def test_wrong_lists_are_refused(admin: Client, rows: list[dict[str, str]], reason: str) -> None:
    response = post_rows(admin, "roomtype", *rows)
    assert response.status_code == 200
    assert reason in response.content.decode()
    assert not RoomType.objects.exists()
