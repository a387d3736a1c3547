"""What a person did can be undone as one step, for a day: decisions, mode, settings."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from pricing_service.decisions import undo
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.manual_decisions import InvalidDecision, decide
from pricing_service.decisions.undo_models import UndoStep
from pricing_service.models import Action, NightPrice, PriceDecision, PricingRules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    night,
)
from tests.prepared_rows import prepared_rows

pytestmark = pytest.mark.django_db(databases=DATABASES)
RULES = f"/prices/hotels/{HOTEL}/"


@pytest.fixture(scope="module")
def suggested_nights(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with prepared_rows(django_db_blocker, DATABASES, create_suggested_nights):
        yield


@pytest.fixture(autouse=True)
def api_without_authentication(suggested_nights: None, settings: Any) -> None:
    settings.API_AUTH = "open"


def create_suggested_nights() -> None:
    create_hotel()
    for ahead in (3, 5, 8):
        book(night(ahead), ROOMS)
    create_rules(mode="suggest")
    reprice(HOTEL)


def send(method: str, path: str, body: Any = None, status: int = 200) -> Any:
    data = b"" if body is None else orjson.dumps(body)
    response = Client().generic(method, path, data, content_type="application/json")
    assert response.status_code == status, response.content
    return response.json()


def prices() -> dict[str, Any]:
    rows = send("GET", f"/prices/?hotel_id={HOTEL}&from={night(0)}")
    return {row["night"]: (row["price"], row["state"]) for row in rows}


def rules() -> dict[str, Any]:
    answer: dict[str, Any] = send("GET", RULES)
    return {name: value for name, value in answer.items() if name != "updated_at"}


def undo_newest() -> Any:
    [step] = send("GET", f"/prices/undo/?hotel_id={HOTEL}")
    return send("POST", "/prices/undo/", {"hotel_id": HOTEL, "step": step["id"]})


@pytest.mark.parametrize(
    "decision",
    [
        {"action": "accept"},
        {"action": "override", "price": "131.00"},
        {"action": "lock"},
    ],
)
def test_a_decision_about_several_nights_is_one_step(decision: dict[str, Any]) -> None:
    before = prices()
    nights = [str(night(ahead)) for ahead in (3, 5, 8)]
    send("POST", "/prices/decisions/", {"hotel_id": HOTEL, "nights": nights, **decision})
    assert prices() != before
    assert undo_newest()["nights"] == 3
    assert prices() == before
    assert PriceDecision.objects.filter(action=Action.UNDO).count() == 3
    assert send("GET", f"/prices/undo/?hotel_id={HOTEL}") == []


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "automatic"},
        {"base_price": "140.00", "minimum_price": "120.00", "price_step": "5.00"},
        {"fixed_prices": [{"night": str(night(9)), "price": "300.00"}]},
        {"events": [{"first": str(night(2)), "last": str(night(4)), "name": "x", "factor": 1.5}]},
        {"rooms_for_sale": [{"first": str(night(4)), "last": str(night(8)), "rooms": 0}]},
        {"bounds": [{"first": str(night(2)), "last": str(night(9)), "minimum_price": "110.00"}]},
        {"minimum_stays": [{"first": str(night(2)), "last": str(night(9)), "nights": 2}]},
        {"lead_factors": [[7, 1.2]], "try_prices": False, "check_in_closes": "23:30:00"},
    ],
)
def test_a_change_of_the_settings_is_one_step_with_all_that_it_did_to_prices(
    change: dict[str, Any],
) -> None:
    prices_before, rules_before = prices(), rules()
    send("PATCH", RULES, change)
    assert (prices(), rules()) != (prices_before, rules_before)
    undo_newest()
    assert rules() == rules_before
    assert prices() == prices_before


def test_acts_are_undone_from_the_newest_on() -> None:
    start = prices()
    decide(HOTEL, [night(3)], Action.LOCK, "Ada")
    first_step = UndoStep.objects.get().id
    send("PATCH", RULES, {"mode": "automatic"})
    answer = send("POST", "/prices/undo/", {"hotel_id": HOTEL, "step": first_step}, status=400)
    assert "newest" in str(answer["step"])
    undo_newest()
    undo_newest()
    assert prices() == start


def test_an_act_of_yesterday_is_not_undone() -> None:
    decide(HOTEL, [night(3)], Action.LOCK, "Ada")
    UndoStep.objects.update(made_at=timezone.now() - timedelta(hours=25))
    with pytest.raises(undo.UndoImpossible):
        undo.undo(HOTEL, UndoStep.objects.get().id, "Ada")
    assert NightPrice.objects.filter(is_held=True).exists()


def test_settings_that_were_changed_elsewhere_since_are_not_overwritten() -> None:
    send("PATCH", RULES, {"base_price": "110.00"})
    PricingRules.objects.update(base_price=Decimal(120))  # as the admin does
    [step] = send("GET", f"/prices/undo/?hotel_id={HOTEL}")
    answer = send("POST", "/prices/undo/", {"hotel_id": HOTEL, "step": step["id"]}, status=400)
    assert "changed since" in str(answer["step"])
    assert PricingRules.objects.get().base_price == 120


def test_a_webhook_s_secret_is_never_stored_in_a_step() -> None:
    change = {"webhook_url": "https://example.com/token-1", "base_price": "110.00"}
    send("PATCH", RULES, change)
    stored = str(list(UndoStep.objects.values()))
    assert "token-1" not in stored
    assert "whsec_" not in stored


def test_accepting_prices_that_have_changed_since_they_were_seen_changes_nothing() -> None:
    nights = [night(3), night(5)]
    seen = [NightPrice.objects.get(night=at).recommended for at in nights]
    NightPrice.objects.filter(night=night(5)).update(recommended=seen[1] + 7)
    before = prices()
    with pytest.raises(InvalidDecision, match=f"{night(5)} is now") as refused:
        decide(HOTEL, nights, Action.ACCEPT, "Ada", seen=seen)
    assert refused.value.field == "seen"
    assert prices() == before
    NightPrice.objects.filter(night=night(5)).update(recommended=seen[1])
    decide(HOTEL, nights, Action.ACCEPT, "Ada", seen=seen)
    assert [row.price for row in NightPrice.objects.filter(night__in=nights).order_by("night")] == (
        seen
    )


class TestRangeOfNights:
    """Decisions about a range of dates, and of these about some weekdays."""

    def test_only_the_weekdays_of_the_range_are_decided(self) -> None:
        body = {
            "hotel_id": HOTEL, "first": str(night(1)), "last": str(night(28)), "weekdays": [4, 5],
            "action": "override", "price": "150.00",
        }  # fmt: skip
        rows = send("POST", "/prices/decisions/", body)
        assert len(rows) == 8
        held = NightPrice.objects.filter(is_held=True).values_list("night", flat=True)
        assert {at.weekday() for at in held} == {4, 5}
        undo_newest()
        assert not NightPrice.objects.filter(is_held=True).exists()

    def test_closed_nights_of_the_range_are_left_out(self) -> None:
        closed = {"first": str(night(4)), "last": str(night(6)), "rooms": 0}
        send("PATCH", RULES, {"rooms_for_sale": [closed]})
        body = {
            "hotel_id": HOTEL, "first": str(night(3)), "last": str(night(7)), "action": "lock",
        }  # fmt: skip
        rows = send("POST", "/prices/decisions/", body)
        assert [row["night"] for row in rows] == [str(night(3)), str(night(7))]

    @pytest.mark.one_database
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "nights"),
            ({"first": str(night(3))}, "nights"),
            ({"first": str(night(3)), "last": str(night(2))}, "last"),
            ({"first": str(night(3)), "last": str(night(999))}, "last"),
            ({"first": str(night(3)), "last": str(night(3)), "nights": [str(night(3))]}, "nights"),
            (
                {
                    "first": str(night(3)),
                    "last": str(night(3)),
                    "weekdays": [(night(3).weekday() + 1) % 7],
                },
                "weekdays",
            ),
            ({"first": str(night(3)), "last": str(night(4)), "weekdays": [7]}, "weekdays"),
            ({"first": str(night(-3)), "last": str(night(4))}, "first"),
            ({"first": str(night(500)), "last": str(night(504))}, "nights"),
        ],
    )
    def test_a_wrong_range_is_refused(self, body: dict[str, Any], field: str) -> None:
        answer = send(
            "POST", "/prices/decisions/", {"hotel_id": HOTEL, "action": "lock", **body}, status=400
        )
        assert list(answer) == [field]
        assert not NightPrice.objects.filter(is_held=True).exists()
