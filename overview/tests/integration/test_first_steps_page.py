"""The page of first steps: what is done, what is next, what is proposed, and to whom."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiKey
from dashboard_service.figures_for_pricing import SoldByRoomType
from dashboard_service.models import HotelFigures, HotelProfile
from overview.first_steps import proposals
from pricing_service.models import PricingRules

DATABASES = ["default", "dashboard_service", "pricing_service"]
pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
HOTEL = 7
DONE_STEPS = ("data", "hotel", "rooms", "base")


@pytest.fixture(autouse=True)
def open_system(settings: Any) -> None:
    settings.API_AUTH = "open"


def page(client: Client, query: str = f"?hotel_id={HOTEL}") -> str:
    answer = client.get(f"/first-steps/{query}")
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def state_of(html: str, step: str) -> str:
    start = html.index(f'id="step-{step}"')
    return html[start : html.index(">", start)].split('class="')[1].rstrip('"')


def key_client(settings: Any, *hotels: int, **abilities: bool) -> Client:
    settings.API_AUTH = "required"
    _, key = ApiKey.objects.create_key(name="t", hotels=", ".join(map(str, hotels)), **abilities)
    return Client(headers={"Authorization": f"Bearer {key}"})


def test_without_data_the_upload_is_what_is_next(client: Client) -> None:
    html = page(client, "")
    assert state_of(html, "data") == "next"
    assert 'href="/upload"' in html.replace("/upload/", "/upload")
    assert 'id="step-hotel"' not in html


def test_each_step_is_done_when_what_it_asks_is_known(client: Client) -> None:
    def states() -> list[str]:
        html = page(client)
        return [state_of(html, step) for step in DONE_STEPS]

    assert states() == ["next", "", "", ""]
    HotelFigures.objects.create(hotel_id=HOTEL, changed_at=datetime.now(UTC))
    assert states() == ["done", "next", "", ""]
    profile = HotelProfile.objects.create(hotel_id=HOTEL, name="Quinta do Mar")
    assert states() == ["done", "done", "next", ""]
    profile.rooms = 40
    profile.save()
    assert states() == ["done", "done", "done", "next"]
    PricingRules.objects.create(
        hotel_id=HOTEL, base_price=90, minimum_price=50, maximum_price=200
    )  # fmt: skip
    assert states() == ["done", "done", "done", "done"]
    assert "The prices are being made" in page(client)


def test_the_dashboard_leads_to_it_instead_of_naming_commands_first(client: Client) -> None:
    html = client.get("/").content.decode()
    assert html.index("Begin: upload your reservations") < html.index("For developers")
    assert html.index("For developers") < html.index("load_demonstration")


def test_who_may_not_upload_is_not_led_there(settings: Any) -> None:
    client = key_client(settings, HOTEL, read_dashboard=True)
    assert "Begin: upload" not in client.get("/").content.decode()
    html = page(client)
    assert "needs the right to write events" in html
    assert "data-patch" not in html
    assert client.get("/settings/").status_code == 403
    assert ">Settings</a>" not in html


def test_the_page_is_that_of_own_hotels_only(settings: Any) -> None:
    client = key_client(settings, HOTEL, read_dashboard=True, change_hotels=True)
    for path in ("first-steps", "settings"):
        assert client.get(f"/{path}/?hotel_id={HOTEL}").status_code == 200
        assert client.get(f"/{path}/").status_code == 200
        assert client.get(f"/{path}/?hotel_id=8").status_code == 403
        assert client.get(f"/{path}/?hotel=8").status_code == 400
        assert client.get(f"/{path}/?hotel_id=x").status_code == 400


def test_the_base_price_is_proposed_from_the_rates_of_the_largest_room_type(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = date(2026, 1, 1)
    sold = [
        SoldByRoomType(first + timedelta(days=day), name, rooms, rooms, rooms * rate * 1000)
        for day in range(60)
        for name, rooms, rate in (("Double", 4, 100), ("Suite", 1, 300))
    ]
    monkeypatch.setattr(proposals, "sold_by_room_type", lambda *_: sold)
    hotel: Any = type("Hotel", (), {"hotel_id": 1, "today": first, "newest_day": None})
    proposal = proposals.propose_prices(hotel)
    assert (proposal.base, proposal.minimum, proposal.maximum) == (
        Decimal(100), Decimal(60), Decimal(250),
    )  # fmt: skip
    assert proposal.reference == "Double"
    monkeypatch.setattr(proposals, "sold_by_room_type", lambda *_: None)
    assert proposals.propose_prices(hotel).base is None


def test_the_settings_show_closed_seasons_apart_from_rooms_by_date(client: Client) -> None:
    profile = HotelProfile.objects.create(hotel_id=HOTEL, name="Q" * 100, rooms=40)
    profile.rooms_by_date.create(first=date(2026, 11, 1), last=date(2026, 12, 1), rooms=0)
    profile.rooms_by_date.create(first=date(2026, 6, 1), last=date(2026, 7, 1), rooms=30)
    html = client.get(f"/settings/?hotel_id={HOTEL}").content.decode()
    others, closed = html.split("Closed seasons</legend>")
    assert 'value="2026-06-01"' in others
    assert 'value="2026-11-01"' not in others
    assert 'value="2026-11-01"' in closed
    assert f'data-patch="/dashboard/hotels/{HOTEL}' in html
