"""Pages while a database is away: a page that says so for browsers, JSON for programs, no 500."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connections
from django.test import Client

from dashboard_service.models import HotelProfile

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]
BROWSER = {"Accept": "text/html,application/xhtml+xml"}
PAGES = [
    "/", "/?hotel_id=7", "/morning/?hotel_id=7", "/pricing/?hotel_id=7", "/hotels/",
    "/hotels/groups/", "/budget/?hotel_id=7", "/first-steps/?hotel_id=7", "/settings/?hotel_id=7",
    "/alerts/?hotel_id=7", "/dashboard/report/?hotel_id=7&year=2026&month=7",
    "/dashboard/table/?table=figures&format=csv&hotel_id=7", "/pricing/events.ics?hotel_id=7",
    "/pricing/table/?table=nights&format=csv&hotel_id=7", "/people/?hotel_id=7",
    "/dashboard/links/?hotel_id=7",
]  # fmt: skip


@pytest.fixture
def client() -> Client:
    """The browser of a superuser, in a closed system."""
    user = get_user_model().objects.create_superuser("ada")
    browser = Client()
    browser.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return browser


@pytest.fixture
def away(client: Client, settings: Any) -> Iterator[None]:
    settings.API_AUTH = "required"
    HotelProfile.objects.create(hotel_id=7)

    def refuse(*_: Any) -> Any:
        raise OperationalError("no route to host")

    with connections["dashboard_service"].execute_wrapper(refuse):
        yield


@pytest.mark.parametrize("path", PAGES)
def test_a_browser_gets_a_page_and_a_program_json(path: str, client: Client, away: None) -> None:
    page = client.get(path, headers=BROWSER)
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "No data is lost" in page.content.decode()
    answer = client.get(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "does not answer" in answer.json()["detail"]


def test_the_users_database_away_is_said_to_browsers_with_a_session(
    client: Client, settings: Any
) -> None:
    """The header's unread messages and the user's name ask the same database."""
    settings.API_AUTH = "required"

    def refuse(*_: Any) -> Any:
        raise OperationalError("no route to host")

    with connections["default"].execute_wrapper(refuse):
        page = client.get("/?hotel_id=7", headers=BROWSER)
    assert page.status_code == 503
    assert "does not answer" in page.content.decode()
