"""Errors are pages for browsers and JSON for all other clients; the help page is for everybody."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError, connections
from django.test import Client

from common.figure_help import FIGURES
from dashboard_service.web_page import page_content
from tests.untranslated_texts import marked_language, untranslated

DATABASES = ["default", "data_provider", "dashboard_service", "pricing_service"]
pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
OTHERS = [{"Accept": "application/json"}, {"Accept": "*/*"}, {}]


def page(response: Any, status: int) -> str:
    """Return the text of a response that is a page."""
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("text/html")
    html: str = response.content.decode()
    assert "Back to the dashboard" in html
    return html


def detail(response: Any, status: int) -> str:
    """Return the reason of a response that is JSON."""
    assert response.status_code == status
    text: str = response.json()["detail"]
    return text


def test_an_unknown_path(client: Client) -> None:
    html = page(client.get("/nothing/<b>there", headers=BROWSER), 404)
    assert "There is nothing here" in html
    assert "/nothing/&lt;b&gt;there" in html
    for headers in OTHERS:
        assert "there is nothing at" in detail(client.get("/nothing/there", headers=headers), 404)


def test_a_page_that_is_not_for_this_user(client: Client) -> None:
    user = get_user_model().objects.create_user("mia", is_staff=True)
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    address = "/admin/pricing_service/pricingrules/"
    assert "No access" in page(client.get(address, headers=BROWSER), 403)
    for headers in OTHERS:
        assert "not for your login" in detail(client.get(address, headers=headers), 403)


def test_a_form_without_its_token() -> None:
    client = Client(enforce_csrf_checks=True)
    html = page(client.post("/login/", {}, headers=BROWSER), 403)
    assert "This form was open for too long" in html
    for headers in OTHERS:
        assert "CSRF" in detail(client.post("/login/", {}, headers=headers), 403)


def test_an_error_on_our_side(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(page_content, "load_state", fail)
    client = Client(raise_request_exception=False)
    html = page(client.get("/?hotel_id=1", headers=BROWSER), 500)
    assert "An error on our side" in html
    assert "a fault" not in html
    for headers in OTHERS:
        assert "an error on our side" in detail(client.get("/?hotel_id=1", headers=headers), 500)


def test_the_help_page_explains_every_figure_to_everybody(client: Client, settings: Any) -> None:
    settings.API_AUTH = "required"
    html = client.get("/help/").content.decode()
    for key, figure in FIGURES.items():
        assert f'id="{key}"' in html, str(figure.name)
        assert str(figure.name) in html
    assert html.count("Example:") == len(FIGURES)


def test_help_stands_apart_from_what_developers_need(client: Client) -> None:
    footer = client.get("/help/").content.decode().partition("<footer>")[2]
    help_links, _, developer_links = footer.partition('aria-label="For developers"')
    assert 'href="/help"' in help_links
    assert "swagger" not in help_links
    assert 'href="/swagger"' in developer_links


def test_every_error_page_goes_through_the_catalogs(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.API_AUTH = "required"

    def fail(*_: Any) -> None:
        raise RuntimeError("a fault")

    def refuse(*_: Any) -> Any:
        raise OperationalError("no route to host")

    user = get_user_model().objects.create_user("mia", is_staff=True)
    staff = Client(raise_request_exception=False)
    staff.force_login(user, "django.contrib.auth.backends.ModelBackend")
    closed = Client(enforce_csrf_checks=True)
    with marked_language():
        pages = {
            "404": staff.get("/nothing/there", headers=BROWSER),
            "403": staff.get("/people/?hotel_id=1", headers=BROWSER),
            "403 of a form": closed.post("/login/", {}, headers=BROWSER),
            "400": staff.get("/?hotel_id=x&period=1", headers=BROWSER),
        }
        with connections["dashboard_service"].execute_wrapper(refuse):
            pages["503"] = staff.get("/?hotel_id=7", headers=BROWSER)
        with connections["default"].execute_wrapper(refuse):
            pages["503 of users"] = staff.get("/?hotel_id=7", headers=BROWSER)
        monkeypatch.setattr(page_content, "load_state", fail)
        pages["500"] = staff.get("/?hotel_id=1", headers=BROWSER)
    for name, shown in pages.items():
        assert shown.status_code == int(name[:3]), name
        html = shown.content.decode()
        assert untranslated(html, "mia", "/nothing/there") == [], name
        assert "<h1>⟦" in html, name


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("de", "Ein Fehler auf unserer Seite"), ("fr", "Une erreur de notre côté"),
        ("it", "Un errore da parte nostra"), ("es", "Un error de nuestra parte"),
    ],
)  # fmt: skip
def test_an_error_on_our_side_is_said_in_the_reader_s_language(
    language: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(page_content, "load_state", fail)
    client = Client(raise_request_exception=False)
    response = client.get("/?hotel_id=1", headers={**BROWSER, "Accept-Language": language})
    assert response.status_code == 500
    assert told in response.content.decode()
    assert f'<html lang="{language}">' in response.content.decode()
