"""What a booking system reports about our prices: over REST, on the page, and when it is mended."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pricing_service.decisions import automatic_pricing
from pricing_service.decisions.manual_decisions import decide
from pricing_service.delivered.delivered_models import DeliveredPrice
from pricing_service.delivery.told_prices import fingerprint
from pricing_service.delivery.webhook_models import ToldPrice, WebhookReceiver
from pricing_service.models import Action, PricingRules
from pricing_service.room_types.room_type_models import RoomType
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    create_hotel,
    create_rules,
    night,
)
from pricing_service.tests.integration.test_pricing_page import page_text
from pricing_service.tests.integration.test_pricing_rules_rest import send

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=DATABASES),
]
PATH = "/prices/delivered/"
AT = datetime(2026, 1, 5, 10, 20, tzinfo=UTC).isoformat()
DIFFERS = "price in the booking system"


@pytest.fixture(autouse=True)
def hotel(settings: Any) -> None:
    settings.API_AUTH = "open"
    create_hotel()
    create_rules(mode="suggest")
    automatic_pricing.reprice(HOTEL)
    decide(HOTEL, [night(3), night(4)], Action.OVERRIDE, "mia", Decimal(120))


def row(ahead: int, price: str | None = "120.00", **fields: Any) -> dict[str, Any]:
    confirmed_at = AT if price else None
    return {
        "night": str(night(ahead)), "price": price, "currency": "EUR",
        "confirmed_at": confirmed_at, **fields,
    }  # fmt: skip


def report(*rows: dict[str, Any], status: int = 200, **fields: Any) -> Any:
    body = {"hotel_id": HOTEL, "system": "Mews", "prices": list(rows), **fields}
    response = send("PUT", PATH, body)
    assert response.status_code == status, response.content
    return response.json()


def opened(ahead: int = 3) -> str:
    text = page_text(Client(), f"?hotel_id={HOTEL}&night={night(ahead)}")
    return text[text.index("In the booking system") :].partition("Booking curve")[0]


def calendar(ahead: int = 3) -> str:
    html = Client().get(f"/pricing/?hotel_id={HOTEL}&month={night(ahead):%Y-%m}").content.decode()
    start = html.index(f'data-night="{night(ahead)}"')
    return html[start : html.index("</a>", start)]


def test_a_confirmed_price_is_shown_and_marked_only_where_it_differs() -> None:
    assert "In the booking system" not in page_text(Client(), f"?hotel_id={HOTEL}")
    assert report(row(3), row(4, "110.00")) == {"hotel_id": HOTEL, "rows": 2}
    assert "120 EUR confirmed 5 Jan" in opened(3)
    assert DIFFERS not in calendar(3)
    assert "110 EUR" in opened(4)
    assert "not the price in force" in opened(4)
    assert DIFFERS in calendar(4)
    report(row(4))
    assert DIFFERS not in calendar(4)
    [first, second] = Client().get(f"{PATH}?hotel_id={HOTEL}").json()
    assert (first["price"], first["system"], first["problem"]) == ("120.00", "Mews", "")
    assert second["night"] == str(night(4))
    assert Client().get(f"{PATH}?hotel_id={HOTEL}&from={night(4)}").json() == [second]


def test_an_error_is_said_and_disappears_when_it_is_mended() -> None:
    report(row(3), problem="the booking system refuses our access")
    assert "Prices are not going to Mews now: the booking system refuses" in opened(3)
    since = Client().get(f"{PATH}?hotel_id={HOTEL}").json()[0]["problem"]
    assert since == "the booking system refuses our access"
    report()
    assert "not going" not in page_text(Client(), f"?hotel_id={HOTEL}&night={night(3)}")
    report(row(3, None, problem="it takes no price below 130"))
    assert "No price was confirmed yet. it takes no price below 130" in opened(3)
    assert "differs" in calendar(3)
    report(row(3))
    assert "differs" not in calendar(3)


def test_the_page_is_renewed_by_a_report() -> None:
    client = Client()
    path = f"/pricing/?hotel_id={HOTEL}"
    etag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
    report(problem="it does not answer")
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_room_types_have_their_own() -> None:
    RoomType.objects.create(profile_id=HOTEL, name="Double", is_reference=True, rooms=12)
    RoomType.objects.create(profile_id=HOTEL, name="Suite", percent=50, rooms=8)
    report(row(3, room_type="Double"), row(3, "170.00", room_type="Suite"))
    text = opened()
    assert "Double : 120 EUR" in text
    assert "Suite : 170 EUR" in text
    assert DIFFERS not in calendar()
    suite = (
        Client()
        .get(f"/pricing/?hotel_id={HOTEL}&month={night(3):%Y-%m}&room_type=Suite")
        .content.decode()
    )
    assert DIFFERS in suite


def test_what_a_webhook_s_receiver_was_told_is_shown_as_well() -> None:
    url = "https://example.com/hook"
    PricingRules.objects.filter(pk=HOTEL).update(webhook_url=url, webhook_secret="whsec_x")
    WebhookReceiver.objects.update_or_create(
        hotel_id=HOTEL,
        defaults={
            "address_fingerprint": fingerprint(url),
            "failing_since": timezone.now(),
            "answer": "answered 503",
        },
    )
    ToldPrice.objects.create(
        hotel_id=HOTEL, night=night(3), price=99, currency="EUR", state="in force", told_at=AT
    )
    assert "now: answered 503" in opened()
    assert "99 EUR" in opened()
    assert DIFFERS in calendar()


def test_reports_are_forgotten_with_their_system() -> None:
    report(row(3), row(4, "110.00"))
    response = Client().delete(f"{PATH}?hotel_id={HOTEL}")
    assert (response.status_code, response.json()["rows"]) == (200, 2)
    assert not DeliveredPrice.objects.exists()
    assert "In the booking system" not in page_text(Client(), f"?hotel_id={HOTEL}")
    assert DIFFERS not in calendar(4)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"price": "0"}, "price"),
        ({"price": "1.2345"}, "price"),
        ({"price": "NaN"}, "price"),
        ({"confirmed_at": None}, "confirmed_at"),
        ({"price": None}, "confirmed_at"),
        ({"currency": "Euro"}, "currency"),
        ({"night": "tomorrow"}, "night"),
        ({"problem": "x" * 301}, "problem"),
        ({"room_type": "x" * 41}, "room_type"),
        ({"guest": "x"}, "guest"),
    ],
)
def test_a_wrong_row_is_refused_whole_and_named(fields: dict[str, Any], named: str) -> None:
    answer = report(row(3), {**row(4), **fields}, status=400)
    assert named in answer["prices"]["1"]
    assert not DeliveredPrice.objects.exists()


def test_wrong_bodies_are_refused() -> None:
    assert "more than once" in str(report(row(3), row(3), status=400))
    assert "system" in report(system="", status=400)
    assert "hotel" in report(hotel="x", status=400)
    assert send("PUT", f"{PATH}?x=1", {}).status_code == 400
    assert Client().delete(PATH).status_code == 400
    assert Client().get(f"{PATH}?hotel_id={HOTEL}&until=x").status_code == 400
