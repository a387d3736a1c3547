"""Access matrix: the response of every endpoint to every kind of client.

The expected status follows from the rights of a kind of client (RIGHTS) and from what a call
requires (CALLS). The last test fails for an endpoint that is not in the matrix.
"""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import get_resolver

from accounts.models import ApiKey
from dashboard_service.models import HotelProfile
from data_provider.models import Event
from pricing_service.decisions.undo_models import UndoStep
from pricing_service.models import PricingRules
from tests.integration.access_calls import CALLS, NIGHT, Call, new_event
from tests.integration.access_clients import (
    OTHER_HOTEL,
    OWN_HOTEL,
    RIGHTS,
    Rights,
    client_of,
    create_key,
    rights,
)
from tests.integration.access_hotels import create_two_hotels
from tests.prepared_rows import prepared_rows

DATABASES = ["default", "data_provider", "dashboard_service", "pricing_service"]
pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.fixture(scope="module")
def two_hotels(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with prepared_rows(django_db_blocker, DATABASES, create_two_hotels):
        yield


@pytest.fixture(autouse=True)
def closed_system(two_hotels: None, settings: Any) -> None:
    settings.API_AUTH = "required"
    settings.EVENTS_API_BASE_URL = "http://127.0.0.1:1"  # nothing listens there


def send(client: Client, call: Call) -> Any:
    return client.generic(
        call.method, call.path, b"" if call.body is None else orjson.dumps(call.body),
        content_type="application/json",
    )  # fmt: skip


def expected_status(client_rights: Rights, call: Call) -> int:
    if client_rights.abilities is None:
        return 401
    if call.ability not in client_rights.abilities:
        return 403
    hotels = client_rights.hotels
    if hotels is not None and (call.hotels == "all" or not set(call.hotels) <= hotels):
        return 403
    is_recorded = call.method == "POST" and call.path.startswith(
        ("/events", "/reservations", "/uploads", "/market")
    )
    return 201 if is_recorded else 200


@pytest.mark.parametrize("kind", RIGHTS)
def test_every_client_gets_its_own_data_only(kind: str) -> None:
    client, client_rights = client_of(kind), RIGHTS[kind]
    statuses = {}
    for call in CALLS:
        events_before = Event.objects.count()
        response = send(client, call)
        statuses[str(call)] = response.status_code
        if response.status_code in (401, 403):
            assert response.json()["detail"], call
            assert Event.objects.count() == events_before, f"{call} must be refused as a whole"
        if response.status_code == 401:
            assert response.headers["WWW-Authenticate"] == "Bearer", call
        if response.status_code == 200 and "json" in response.headers["Content-Type"]:
            rows = response.json()
            if isinstance(rows, list) and client_rights.hotels is not None:
                assert {row["hotel_id"] for row in rows} <= client_rights.hotels, call
    assert statuses == {str(call): expected_status(client_rights, call) for call in CALLS}


def test_an_open_system_requires_no_authentication(settings: Any) -> None:
    settings.API_AUTH = "open"
    for client in (Client(), Client(headers={"Authorization": "Bearer wrong.key"})):
        UndoStep.objects.all().delete()
        UndoStep.objects.create(id=OWN_HOTEL, hotel_id=OWN_HOTEL, summary="lock of no night")
        for call in CALLS:
            assert send(client, call).status_code in (200, 201), call


@pytest.mark.parametrize("path", ["/events/", "/dashboard/hotels/"])
def test_lists_contain_the_client_s_hotels_only(path: str) -> None:
    def hotels(kind: str) -> set[int]:
        return {row["hotel_id"] for row in client_of(kind).get(path).json()}

    assert hotels("key of the hotel") == {OWN_HOTEL}
    assert hotels("plain user") == {OWN_HOTEL}
    assert hotels("user without hotels") == set()
    assert hotels("staff") == {OWN_HOTEL, OTHER_HOTEL}


def test_the_etag_of_the_page_differs_between_users() -> None:
    """Two users of one browser and its cache, at the same URL."""
    etag = client_of("staff").get("/?hotel_id=1").headers["ETag"]
    response = client_of("plain user").get("/?hotel_id=1", headers={"If-None-Match": etag})
    assert response.status_code == 200


def test_a_cached_response_is_sent_to_clients_with_the_same_rights_only() -> None:
    client = Client()  # one client is one process with one cache

    def status(key: str) -> int:
        headers = {"Authorization": f"Bearer {key}"}
        return client.get(f"/dashboard/?hotel_id={OWN_HOTEL}", headers=headers).status_code

    (own_key, own), (_, other) = (
        create_key(rights("read_dashboard", hotels=frozenset({hotel})))
        for hotel in (OWN_HOTEL, OTHER_HOTEL)
    )
    assert [status(own), status(own), status(other), status("wrong.key")] == [200, 200, 403, 401]
    ApiKey.objects.filter(pk=own_key.pk).update(hotels=str(OTHER_HOTEL))
    assert status(own) == 403
    ApiKey.objects.filter(pk=own_key.pk).update(hotels=str(OWN_HOTEL), revoked=True)
    assert status(own) == 401


def test_a_post_of_another_site_with_the_session_cookie_is_refused() -> None:
    superuser = client_of("superuser")
    client = Client(enforce_csrf_checks=True)
    client.cookies = superuser.cookies
    event = new_event(OWN_HOTEL)
    response = client.post("/events/", event, content_type="application/json")
    assert response.status_code == 403
    assert "CSRF" in response.json()["detail"]
    client.get("/?hotel_id=1")  # the page sets the token
    token = client.cookies["csrftoken"].value
    response = client.post(
        "/events/", event, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert response.status_code == 201


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/swagger.json", "/login/"])
def test_public_paths_need_no_authentication(path: str) -> None:
    assert Client().get(path).status_code in (200, 503)


def test_the_matrix_covers_every_endpoint() -> None:
    def list_patterns(resolver: Any, prefix: str = "") -> list[str]:
        patterns = []
        for entry in resolver.url_patterns:
            path = prefix + str(entry.pattern)
            patterns += list_patterns(entry, path) if hasattr(entry, "url_patterns") else [path]
        return patterns

    covered = {
        r"^dashboard/performance/?$", r"^dashboard/pace/?$",
        r"^dashboard/?$", r"^dashboard/hotels/?$", r"^dashboard/pickup/?$", r"^dashboard/check/?$",
        r"^dashboard/hotels/(?P<hotel_id>[^/]+)/?$", r"^dashboard/status/?$",
        r"^prices/?$", r"^prices/night/?$", r"^prices/decisions/?$", r"^prices/notes/?$",
        r"^prices/decisions/preview/?$", r"^prices/delivered/?$",
        r"^prices/undo/?$", r"^prices/group-quote/?$",
        r"^pricing/?$", r"^pricing/group-quote/?$", r"^pricing/table/?$", r"^dashboard/table/?$",
        r"^dashboard/links/?$", r"^dashboard/links/revoke/?$",
        r"^shared/report/?$", r"^shared/table/?$",
        r"^dashboard/report/?$", r"^pricing/events\.ics/?$",
        r"^prices/forecast/?$", r"^market/rates/?$", r"^pricing/event-calendars/?$",
        r"^market/upload/?$",
        r"^dashboard/budgets/?$", r"^budget/?$", r"^budget/upload/?$", r"^hotels/?$",
        r"^hotels/groups/?$",
        r"^morning/?$", r"^morning/decide/?$",
        r"^inbox/?$", r"^inbox/read/?$", r"^alerts/?$", r"^unsubscribe/(?P<token>[\w:-]{1,200})/?$",
        r"^connections/?$",
        # By its token alone: connections/tests/integration/test_webhooks_and_secrets.py
        r"^connections/webhook/(?P<token>[A-Za-z0-9_-]{20,100})/?$",
        r"^prices/hotels/(?P<hotel_id>[^/]+)/?$", r"^prices/hotels/(?P<hotel_id>[^/]+)/preview/?$",
        r"^prices/hotels/(?P<hotel_id>[^/]+)/proposal/?$",
        r"^prices/hotels/(?P<hotel_id>[^/]+)/webhook-secret/?$",
        r"^prices/hotels/(?P<hotel_id>[^/]+)/send-all/?$",
        r"^reservations/?$", r"^reservations/(?P<hotel_id>[^/]+)/(?P<reservation_id>[\s\S]+?)/?$",
        r"^events/?$", r"^events/feed/?$", r"^events/feed/status/?$", r"^events/hotels/?$", "",
        r"^upload/?$", r"^upload/begin/?$", r"^upload/(?P<upload_id>[0-9a-f-]{36})/?$",
        r"^upload/(?P<upload_id>[0-9a-f-]{36})/parts/?$",
        # Another hotel's: data_provider/tests/integration/test_upload_rest.py
        r"^uploads/?$", r"^uploads/(?P<upload_id>[0-9a-f-]{36})/?$",
        r"^uploads/(?P<upload_id>[0-9a-f-]{36})/content/?$",
        r"^uploads/(?P<upload_id>[0-9a-f-]{36})/start/?$",
        r"^upload/(?P<upload_id>[0-9a-f-]{36})/rejects/?$", r"^first-steps/?$", r"^settings/?$",
        r"^login/?$", r"^login/code/?$", r"^logout/?$", r"^password/?$",
        r"^password/forgotten/?$", r"^password/new/(?P<uidb64>[^/]+)/(?P<token>[^/]+)/?$",
        r"^account/?$", r"^account/sessions/?$", r"^account/second-factor/?$",
        r"^account/second-factor/off/?$", r"^account/recovery-codes/?$",
        # Of everybody: tests/integration/test_public_urls.py.
        r"^language/?$", r"^language/(?P<language>en|de|fr|it|es)/texts\.js$",
        r"^people/?$", r"^people/invite/?$", r"^people/resend/?$", r"^people/withdraw/?$",
        r"^people/role/?$", r"^people/remove/?$", r"^people/audit/?$",
        r"^invitation/?$", r"^invitation/(?P<token>[^/]+)/?$",
        r"^swagger/?$", r"^redoc/?$",
        r"^swagger\.json/?$", r"^help/?$", r"^healthz/?$", r"^readyz/?$", r"^metrics/?$",
        r"^admin$",
        "favicon.ico",
    }  # fmt: skip
    assert {
        path for path in list_patterns(get_resolver()) if not path.startswith("admin/")
    } == covered


def test_rooms_for_sale_need_both_rights_because_they_are_the_profile_s() -> None:
    def change(kind: str, rooms: int) -> Any:
        body = {
            "base_price": 91,
            "rooms_for_sale": [{"first": NIGHT, "last": NIGHT, "rooms": rooms}],
        }
        return send(client_of(kind), Call("PATCH", "/prices/hotels/1/", "", body=body))

    refused = change("user that sets prices", 3)
    assert refused.status_code == 403
    assert "`rooms_for_sale`" in refused.json()["detail"]
    assert PricingRules.objects.get(hotel_id=OWN_HOTEL).base_price == 90
    assert change("key of the hotel", 3).status_code == 200
    assert HotelProfile.objects.get(pk=OWN_HOTEL).rooms_by_date.get().rooms == 3
    get_user_model().objects.all().delete()
    assert change("user that sets prices", 3).status_code == 200, "sent back as they are"


def test_the_settings_of_prices_offer_rooms_to_those_who_may_change_them() -> None:
    def rooms_fields(kind: str) -> str:
        html = client_of(kind).get("/pricing/?hotel_id=1").content.decode()
        start = html.index("Rooms for sale by date</legend>")
        return html[html.rindex("<fieldset", 0, start) : html.index("</details>", start)]

    refused = rooms_fields("user that sets prices")
    assert " disabled" in refused
    assert "needs the right to change hotels" in refused
    assert " disabled" not in rooms_fields("superuser")
