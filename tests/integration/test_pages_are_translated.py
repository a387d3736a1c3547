"""Every text of every page goes through the catalogs: no page is half English."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from django.utils import translation

from common.translation_catalogs import APPS, faults, mo_bytes, po_text, updated_catalogs
from tests.integration.access_clients import client_of
from tests.integration.access_hotels import create_two_hotels
from tests.prepared_rows import prepared_rows
from tests.untranslated_texts import page_texts_left, untranslated

DATABASES = ["default", "data_provider", "dashboard_service", "pricing_service"]
pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]

MAKERS = ("Mews", "Cloudbeds", "apaleo")
PAGES = {
    "accounts": ["/language/", "/account/", "/people/?hotel_id=1", "/people/audit/?hotel_id=1"],
    "common": ["/help/"],
    "data_provider": ["/upload/"],
    "dashboard_service": ["/?period=month", "/?hotel_id=1", "/?hotel_id=1&basis=stay"],
    "pricing_service": ["/pricing/?hotel_id=1", "/pricing/event-calendars/?hotel_id=1"],
    "overview": ["/morning/?hotel_id=1", "/hotels/", "/hotels/groups/", "/budget/?hotel_id=1",
                 "/settings/?hotel_id=1", "/first-steps/?hotel_id=1", "/inbox/",
                 "/alerts/?hotel_id=1", "/dashboard/links/?hotel_id=1",
                 "/market/upload/?hotel_id=1"],
    "connections": ["/connections/?hotel_id=1"],
}  # fmt: skip


@pytest.fixture(scope="module")
def two_hotels(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with prepared_rows(django_db_blocker, DATABASES, create_two_hotels):
        yield


@pytest.mark.parametrize("path", [path for pages in PAGES.values() for path in pages])
def test_no_text_of_the_page_is_outside_of_the_catalogs(
    path: str, two_hotels: None, settings: Any
) -> None:
    settings.API_AUTH = "required"
    settings.EVENTS_API_BASE_URL = "http://127.0.0.1:1"  # nothing listens there
    left = page_texts_left(client_of("superuser"), path, "Hotel 1", "Hotel 2", *MAKERS)
    assert left == []


@cache
def catalogs_of(app: str) -> list[tuple[Path, Catalog]]:
    """Return an app's catalogs as they should be; all its files are read for it."""
    return list(updated_catalogs(app))


@pytest.mark.parametrize("app", APPS)
def test_the_catalogs_have_every_text_translated_and_are_compiled(app: str) -> None:
    wrong = []
    for path, catalog in catalogs_of(app):
        wrong += [str(fault) for fault in faults(path, catalog)]
        if path.read_bytes() != po_text(catalog):
            wrong.append(f"{path} is not what update_translations makes")
        if path.with_suffix(".mo").read_bytes() != mo_bytes(catalog):
            wrong.append(f"{path} is not compiled")
    assert wrong == []


@pytest.mark.parametrize("app", APPS)
def test_a_text_is_what_its_app_s_catalog_says(app: str) -> None:
    """Another app's catalog, or one of Django's, may translate the same message in its own way."""
    other = []
    for path, catalog in catalogs_of(app):
        with translation.override(str(catalog.locale)):
            for message in catalog:
                if path.stem != "django" or not isinstance(message.id, str) or not message.string:
                    continue
                if message.id and (said := translation.gettext(message.id)) != message.string:
                    other.append((str(catalog.locale), message.id, message.string, said))
    assert other == []


def test_what_is_outside_of_the_marks_is_found() -> None:
    page = (
        "<p>⟦Booked <b>three</b> nights⟧ and more</p><td title='⟦fine⟧'>⟦Net⟧</td><bdi>Hotel</bdi>"
        "<p>⟦of ⟦May⟧⟧ 12 EUR</p><a aria-label='Close'>×</a>"
    )
    assert untranslated(page) == ["⟦Booked three nights⟧ and more", "Close"]
