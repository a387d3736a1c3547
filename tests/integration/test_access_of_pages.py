"""The web pages of every kind of client: what each sees and may do, hotel by hotel."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard_service.models import MonthlyBudget
from data_provider.file_upload.upload_model import FileUpload
from overview.models import GroupMember, HotelGroup
from pricing_service.models import PriceDecision
from tests.integration.access_calls import NIGHT
from tests.integration.access_clients import (
    OTHER_HOTEL,
    OWN_HOTEL,
    RIGHTS,
    client_of,
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


@pytest.mark.parametrize("kind", RIGHTS)
def test_the_page_shows_the_client_s_hotels_only(kind: str) -> None:
    client_rights = RIGHTS[kind]
    client = client_of(kind)
    for path, hotels in (
        ("/?period=month", set()),
        ("/?hotel_id=1", {OWN_HOTEL}),
        ("/?hotel_id=2", {OTHER_HOTEL}),
    ):
        response = client.get(path)
        if client_rights.abilities is None:
            assert response.status_code == 302
            assert response.headers["Location"].startswith("/login/?next=/")
        elif "read_dashboard" not in client_rights.abilities or not (
            client_rights.hotels is None or hotels <= client_rights.hotels
        ):
            assert response.status_code == 403
            assert "No access" in response.content.decode()
        else:
            html = response.content.decode()
            assert response.status_code == 200
            for hotel in (OWN_HOTEL, OTHER_HOTEL):
                is_listed = f'<option value="{hotel}"' in html
                assert is_listed == (client_rights.hotels is None or hotel in client_rights.hotels)


@pytest.mark.parametrize("kind", RIGHTS)
def test_the_page_of_group_quotes_is_for_those_who_read_the_hotel_s_prices(kind: str) -> None:
    client_rights, client = RIGHTS[kind], client_of(kind)
    path = f"/pricing/group-quote/?hotel_id={OWN_HOTEL}&rooms=2"
    response = client.get(path)
    if client_rights.abilities is None:
        assert response.headers["Location"].startswith("/login/?next=/")
        return
    hotels = client_rights.hotels
    may_read = "read_prices" in client_rights.abilities and (hotels is None or OWN_HOTEL in hotels)
    assert response.status_code == (400 if may_read else 403)
    assert ('id="arrival-wrong"' in response.content.decode()) == may_read


@pytest.mark.parametrize("kind", RIGHTS)
@pytest.mark.parametrize(
    ("path", "ability"),
    [
        ("/upload/", "write_events"),
        ("/first-steps/", "read_dashboard"),
        ("/settings/", "change_hotels"),
        ("/connections/", "change_hotels"),
        ("/market/upload/", "write_events"),
        ("/pricing/event-calendars/", "read_prices"),
    ],
)
def test_uploads_first_steps_and_settings_are_for_those_who_may(
    kind: str, path: str, ability: str
) -> None:
    client_rights, client = RIGHTS[kind], client_of(kind)
    for hotel in (OWN_HOTEL, OTHER_HOTEL):
        response = client.get(f"{path}?hotel_id={hotel}")
        if client_rights.abilities is None:
            assert response.headers["Location"].startswith("/login/?next=/")
            continue
        hotels = client_rights.hotels
        may = ability in client_rights.abilities and (hotels is None or hotel in hotels)
        assert response.status_code == (200 if may else 403)


@pytest.mark.parametrize("kind", RIGHTS)
def test_event_calendars_are_answered_by_those_who_set_prices(kind: str) -> None:
    client_rights, client = RIGHTS[kind], client_of(kind)
    for hotel in (OWN_HOTEL, OTHER_HOTEL):
        response = client.post(f"/pricing/event-calendars/?hotel_id={hotel}", {"act": "none"})
        if client_rights.abilities is None:
            assert response.headers["Location"].startswith("/login/?next=/")
            continue
        hotels = client_rights.hotels
        may = "set_prices" in client_rights.abilities and (hotels is None or hotel in hotels)
        assert response.status_code == (400 if may else 403)


@pytest.mark.parametrize("kind", RIGHTS)
def test_a_file_is_taken_from_those_who_may_write_events_of_its_hotel(
    kind: str, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    client_rights, client = RIGHTS[kind], client_of(kind)
    for hotel in (OWN_HOTEL, OTHER_HOTEL):
        told = {"hotel_id": hotel, "file_name": "a.csv", "size": 5}
        begun = client.post("/upload/begin/", told)
        allowed, hotels = client_rights.abilities, client_rights.hotels
        if allowed is None:
            assert begun.status_code == 401
            continue
        may = "write_events" in allowed and (hotels is None or hotel in hotels)
        assert begun.status_code == (201 if may else 403)
        upload = FileUpload.objects.filter(hotel_id=hotel).first()
        upload = upload or FileUpload.objects.create(
            hotel_id=hotel, hotels=[hotel], size=5, written_at=datetime.now(UTC)
        )
        address = f"/upload/{upload.pk}/"
        statuses = {
            client.get(address).status_code,
            client.post(
                f"{address}parts/?start=0", b"a;b;c", content_type="application/octet-stream"
            ).status_code,
        }
        assert statuses == ({200} if may else {403})
        assert client.get(f"{address}rejects/").status_code == (404 if may else 403)


@pytest.mark.parametrize("kind", RIGHTS)
def test_the_morning_is_for_those_who_read_figures_and_prices_of_the_hotel(kind: str) -> None:
    client_rights, client = RIGHTS[kind], client_of(kind)
    for hotel in (OWN_HOTEL, OTHER_HOTEL):
        response = client.get(f"/morning/?hotel_id={hotel}")
        if client_rights.abilities is None:
            assert response.headers["Location"].startswith("/login/?next=/morning/")
            continue
        hotels = client_rights.hotels
        may_read = client_rights.abilities >= {"read_prices", "read_dashboard"} and (
            hotels is None or hotel in hotels
        )
        assert response.status_code == (200 if may_read else 403), hotel
        html = response.content.decode()
        assert ('class="strip"' in html) == may_read
        if may_read and hotels is not None:
            assert f'<option value="{3 - hotel}"' not in html


@pytest.mark.parametrize("kind", RIGHTS)
def test_the_morning_s_forms_are_for_those_who_set_the_hotel_s_prices(kind: str) -> None:
    client_rights, client = RIGHTS[kind], client_of(kind)
    for hotel in (OWN_HOTEL, OTHER_HOTEL):
        decisions = PriceDecision.objects.filter(hotel_id=hotel, action="override")
        form = {"hotel_id": hotel, "night": NIGHT, "action": "override", "price": "150"}
        response = client.post("/morning/decide/", form)
        if client_rights.abilities is None:
            assert response.headers["Location"].startswith("/login/?next=/morning")
            continue
        hotels = client_rights.hotels
        may_set = "set_prices" in client_rights.abilities and (hotels is None or hotel in hotels)
        assert response.status_code == (302 if may_set else 403), hotel
        assert decisions.count() == may_set


@pytest.mark.parametrize("kind", RIGHTS)
def test_the_home_page_leads_to_a_morning_of_the_client_s_own(kind: str) -> None:
    client_rights, client = RIGHTS[kind], client_of(kind)
    response = client.get("/")
    abilities, hotels = client_rights.abilities, client_rights.hotels
    if abilities is None:
        assert response.headers["Location"].startswith("/login/?next=/")
    elif abilities >= {"read_prices", "read_dashboard"} and hotels != frozenset():
        first = min(hotels or {OWN_HOTEL})
        assert response.headers["Location"] == f"/morning?hotel_id={first}"
    else:
        assert response.status_code == (200 if "read_dashboard" in abilities else 403)


@pytest.mark.parametrize("kind", RIGHTS)
def test_the_portfolio_has_the_client_s_hotels_only(kind: str) -> None:
    client_rights, client = RIGHTS[kind], client_of(kind)
    group = HotelGroup.objects.create(name="Both", made_by="somebody")
    for hotel in (OWN_HOTEL, OTHER_HOTEL):
        GroupMember.objects.create(group=group, hotel_id=hotel)
    for path in ("/hotels/", f"/hotels/?group={group.pk}"):
        response = client.get(path)
        if client_rights.abilities is None:
            assert response.headers["Location"].startswith("/login/?next=/")
        elif "read_dashboard" not in client_rights.abilities:
            assert response.status_code == 403
        else:
            html = response.content.decode()
            for hotel in (OWN_HOTEL, OTHER_HOTEL):
                is_listed = f'<a href="/?hotel_id={hotel}"' in html
                assert is_listed == (client_rights.hotels is None or hotel in client_rights.hotels)
            has_prices = "read_prices" in client_rights.abilities
            assert has_prices or "No prices yet" not in html


@pytest.mark.parametrize("kind", RIGHTS)
def test_groups_are_made_by_those_who_may_change_hotels_of_their_own_only(kind: str) -> None:
    client_rights, client = RIGHTS[kind], client_of(kind)
    abilities, hotels = client_rights.abilities, client_rights.hotels
    for hotel in (OWN_HOTEL, OTHER_HOTEL):
        response = client.post("/hotels/groups/", {"name": f"Of {hotel}", "hotel": str(hotel)})
        if abilities is None:
            assert response.headers["Location"].startswith("/login/?next=/")
            expected = False
        else:
            sees = hotels is None or hotel in hotels
            expected = {"read_dashboard", "change_hotels"} <= set(abilities) and sees
        assert HotelGroup.objects.filter(name=f"Of {hotel}").exists() == expected


@pytest.mark.parametrize("kind", RIGHTS)
def test_budgets_are_seen_and_saved_by_those_who_may(kind: str) -> None:
    client_rights, client = RIGHTS[kind], client_of(kind)
    abilities, hotels = set(client_rights.abilities or ()), client_rights.hotels
    for hotel in (OWN_HOTEL, OTHER_HOTEL):
        sees = "read_dashboard" in abilities and (hotels is None or hotel in hotels)
        path = f"/budget/?hotel_id={hotel}&year=2026"
        assert (client.get(path).status_code == 200) == sees
        for address in (path, f"/budget/upload/?hotel_id={hotel}&year=2026"):
            response = client.post(address, {"room_nights_5": "7"})
            may = sees and "change_hotels" in abilities
            is_saved = "saved=1" in response.headers.get("Location", "")
            assert (response.status_code not in (302, 403) or is_saved) == may
        assert MonthlyBudget.objects.filter(hotel_id=hotel).exists() == (
            sees and "change_hotels" in abilities
        )


@pytest.mark.parametrize("kind", RIGHTS)
@pytest.mark.parametrize("path", ["/people/", "/people/audit/"])
def test_people_and_audit_log_are_for_those_who_manage_the_hotel(kind: str, path: str) -> None:
    client_rights, client = RIGHTS[kind], client_of(kind)
    response = client.get(f"{path}?hotel_id={OWN_HOTEL}")
    if client_rights.abilities is None:
        assert response.headers["Location"].startswith("/login/?next=/")
    else:
        assert response.status_code == (200 if kind in ("manager", "superuser") else 403)
    if kind == "manager":
        assert client.get(f"{path}?hotel_id={OTHER_HOTEL}").status_code == 403


@pytest.mark.parametrize("kind", RIGHTS)
@pytest.mark.parametrize("page", ["inbox", "alerts"])
def test_the_pages_of_messages_are_for_users_who_see_the_hotel(kind: str, page: str) -> None:
    client_rights, client = RIGHTS[kind], client_of(kind)
    response = client.get(f"/{page}/?hotel_id={OWN_HOTEL}")
    if client_rights.abilities is None:
        assert response.headers["Location"].startswith("/login/?next=/")
        return
    hotels = client_rights.hotels
    may_read = client_rights.abilities >= {"read_dashboard", "read_prices"} and (
        hotels is None or OWN_HOTEL in hotels
    )
    is_user = "key" not in kind
    assert response.status_code == (200 if may_read and is_user else 403)
