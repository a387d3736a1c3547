"""Fixed prices, events and bounds for many nights in one request: whole, at once, undoable."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from django.test import Client

from pricing_service.decisions import rules_for_nights
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.rules_for_nights import NightRule
from pricing_service.decisions.undo_models import UndoStep
from pricing_service.delivery.webhook_models import WebhookReceiver
from pricing_service.models import NightPrice, PriceDecision, PricingRules, PricingState
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

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
RULES = f"/prices/hotels/{HOTEL}/"
DECISIONS = "/prices/decisions/"
PREVIEW = "/prices/decisions/preview/"
SPAN = {"first": str(night(1)), "last": str(night(28)), "weekdays": [4, 5]}
WEEKENDS = [night(ahead) for ahead in range(1, 29) if night(ahead).weekday() in (4, 5)]


@pytest.fixture(scope="module")
def prepared_hotel(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with prepared_rows(django_db_blocker, DATABASES, create_priced_hotel):
        yield


@pytest.fixture(autouse=True)
def api_without_authentication(prepared_hotel: None, settings: Any) -> None:
    settings.API_AUTH = "open"


def create_priced_hotel() -> None:
    """Create a hotel with prices and three full nights."""
    create_hotel()
    for ahead in (3, 5, 8):
        book(night(ahead), ROOMS)
    create_rules(mode="suggest", webhook_url="https://example.com/", webhook_secret="x")
    reprice(HOTEL)
    WebhookReceiver.objects.all().delete()


def send(path: str, body: Any = None, status: int = 200, method: str = "POST") -> Any:
    data = b"" if body is None else orjson.dumps(body)
    response = Client().generic(method, path, data, content_type="application/json")
    assert response.status_code == status, response.content
    return response.json()


def act(action: str, status: int = 200, path: str = DECISIONS, **body: Any) -> Any:
    span = {} if "nights" in body or "first" in body else SPAN
    return send(path, {"hotel_id": HOTEL, **span, "action": action, **body}, status)


def rules() -> dict[str, Any]:
    answer: dict[str, Any] = send(RULES, method="GET")
    volatile = ("updated_at", "webhook_status")
    return {name: value for name, value in answer.items() if name not in volatile}


def prices() -> dict[date, tuple[Any, ...]]:
    rows = NightPrice.objects.filter(hotel_id=HOTEL)
    return {row.night: (row.price, row.is_held, row.is_fixed) for row in rows}


def undo_newest() -> None:
    [step] = send(f"/prices/undo/?hotel_id={HOTEL}", method="GET")
    send("/prices/undo/", {"hotel_id": HOTEL, "step": step["id"]})


def is_due_to_be_told() -> bool:
    return WebhookReceiver.objects.filter(pk=HOTEL, changes__gt=0).exists()


ACTS: list[tuple[str, dict[str, Any]]] = [
    ("fix", {"price": "312.50"}),
    ("event", {"name": "Fair", "factor": 1.5}),
    ("bounds", {"minimum_price": "180.00"}),
]


class TestEachActForTheNightsOfARange:
    def test_fixed_prices_are_in_force_at_once(self) -> None:
        rows = act("fix", price="312.50")
        assert [row["night"] for row in rows] == [str(at) for at in WEEKENDS]
        assert {row["price"] for row in rows} == {"312.50"}
        assert rules()["fixed_prices"] == [{"night": str(at), "price": "312.50"} for at in WEEKENDS]
        assert PriceDecision.objects.filter(action="fix").count() == 8
        assert is_due_to_be_told()

    def test_they_replace_those_of_their_nights_and_no_others(self) -> None:
        kept, replaced = {"night": str(night(40)), "price": "150.00"}, str(WEEKENDS[2])
        before = [{"night": replaced, "price": "99.00"}, kept]
        send(RULES, {"fixed_prices": before}, method="PATCH")
        act("fix", price="312.50")
        fixed = {row["night"]: row["price"] for row in rules()["fixed_prices"]}
        assert (len(fixed), fixed[kept["night"]], fixed[replaced]) == (9, "150.00", "312.50")

    def test_unfix_removes_those_of_its_nights_and_no_others(self) -> None:
        before = prices()
        act("fix", first=str(night(1)), last=str(night(28)), price="312.50")
        WebhookReceiver.objects.all().delete()
        act("unfix")
        fixed = {date.fromisoformat(row["night"]) for row in rules()["fixed_prices"]}
        assert fixed == {night(ahead) for ahead in range(1, 29)} - set(WEEKENDS)
        assert {at: prices()[at] for at in WEEKENDS} == {at: before[at] for at in WEEKENDS}
        assert is_due_to_be_told()

    def test_an_event_is_one_row_for_each_run_of_nights(self) -> None:
        before = {row.night: row.recommended for row in NightPrice.objects.all()}
        act("event", name=" Fair ", factor=1.5)
        had = [
            date.fromisoformat(row["first"]) + timedelta(days=day)
            for row in rules()["events"]
            for day in range(
                (date.fromisoformat(row["last"]) - date.fromisoformat(row["first"])).days + 1
            )
        ]
        assert had == WEEKENDS
        assert {(row["name"], row["factor"]) for row in rules()["events"]} == {("Fair", 1.5)}
        raised = {
            row.night for row in NightPrice.objects.all() if row.recommended > before[row.night]
        }
        assert raised == set(WEEKENDS)

    def test_an_event_of_the_same_name_and_nights_gets_the_new_factor(self) -> None:
        act("event", name="Fair", factor=1.5)
        count = len(rules()["events"])
        act("event", name="Fair", factor=1.3)
        assert [row["factor"] for row in rules()["events"]] == [1.3] * count

    def test_bounds_are_one_row_and_move_prices_at_once(self) -> None:
        rows = act("bounds", minimum_price="180")
        assert {row["price"] for row in rows} == {"180.00"}
        [row] = rules()["bounds"]
        assert row == {
            "first": str(WEEKENDS[0]), "last": str(WEEKENDS[-1]), "weekdays": [4, 5],
            "every_year": False, "minimum_price": "180.00", "maximum_price": None,
        }  # fmt: skip
        act("bounds", maximum_price="200")
        [row] = rules()["bounds"]
        assert (row["minimum_price"], row["maximum_price"]) == ("180.00", "200.00")

    def test_nights_may_be_named_one_by_one(self) -> None:
        named = [str(night(ahead)) for ahead in (9, 3, 4)]
        act("event", nights=named, name="Fair", factor=2)
        assert [(row["first"], row["last"]) for row in rules()["events"]] == [
            (str(night(3)), str(night(4))), (str(night(9)), str(night(9))),
        ]  # fmt: skip

    def test_nights_beyond_the_priced_ones_are_set_for_the_day_that_they_are(self) -> None:
        at = str(night(500))
        assert act("fix", nights=[at], price="200") == []
        assert rules()["fixed_prices"] == [{"night": at, "price": "200.00"}]


@pytest.mark.parametrize(("action", "values"), ACTS)
class TestOneAct:
    def test_is_one_step_whose_undo_restores_exactly_what_was(
        self, action: str, values: dict[str, Any]
    ) -> None:
        send(RULES, {
            "fixed_prices": [{"night": str(WEEKENDS[1]), "price": "99.00"}],
            "events": [{"first": str(night(2)), "last": str(night(4)), "name": "x", "factor": 2}],
            "bounds": [{"first": str(night(2)), "last": str(night(9)), "minimum_price": "70"}],
        }, method="PATCH")  # fmt: skip
        act("lock", nights=[str(WEEKENDS[3])])
        before, steps = (rules(), prices()), UndoStep.objects.count()
        act(action, **values)
        assert (rules(), prices()) != before
        assert UndoStep.objects.count() == steps + 1
        undo_newest()
        assert (rules(), prices()) == before

    def test_repeated_changes_nothing(self, action: str, values: dict[str, Any]) -> None:
        act(action, **values)
        before = (
            rules(),
            prices(),
            UndoStep.objects.count(),
            PricingRules.objects.get().updated_at,
        )
        act(action, **values)
        after = (rules(), prices(), UndoStep.objects.count(), PricingRules.objects.get().updated_at)
        assert after == before

    def test_loses_nothing_that_another_person_does_at_the_same_time(
        self, action: str, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another act comes in just before this one holds the hotel's lock."""
        others = [night(50), night(60)]
        is_first = [True]

        @contextmanager
        def locked(hotel_id: int) -> Iterator[PricingState]:
            if is_first.pop() if is_first else False:
                other = {**values, **({"name": "Other"} if action == "event" else {})}
                act(action, nights=[str(at) for at in others], **other)
            with taken(hotel_id) as state:
                yield state

        taken = PricingState.locked
        monkeypatch.setattr(PricingState, "locked", locked)
        act(action, **values)
        rows = rules()[rules_for_nights.LIST_OF[NightRule(action)]]
        first_nights = {row.get("first") or row["night"] for row in rows}
        assert {str(at) for at in others} <= first_nights
        assert str(WEEKENDS[0]) in first_nights
        assert UndoStep.objects.count() == 2

    def test_a_preview_says_what_it_touches_and_saves_nothing(
        self, action: str, values: dict[str, Any]
    ) -> None:
        act("lock", nights=[str(WEEKENDS[3])])
        before, steps = (rules(), prices()), UndoStep.objects.count()
        recommended = dict(NightPrice.objects.values_list("night", "recommended"))
        preview = act(action, path=PREVIEW, **values)
        assert (rules(), prices(), UndoStep.objects.count()) == (*before, steps)
        assert (preview["nights"], preview["held"], preview["fixed"]) == (8, 1, 0)
        assert "8 nights, Fridays and Saturdays from " in preview["sentence"]
        assert "1 of them has a price by hand, which stays until released" in preview["sentence"]
        act(action, **values)
        changed = [at for at, price in prices().items() if price != before[1][at]]
        assert preview["changed"] == len(changed)
        rows = NightPrice.objects.values_list("night", "recommended")
        other = [at for at, amount in rows if amount != recommended[at]]
        assert preview["recommended_changed"] == len(other) > 0


def test_a_preview_of_a_decision_is_checked_and_counted_as_the_decision() -> None:
    closed = {"first": str(WEEKENDS[0]), "last": str(WEEKENDS[0]), "rooms": 0}
    send(RULES, {"rooms_for_sale": [closed]}, method="PATCH")
    act("lock", nights=[str(WEEKENDS[3])])
    preview = act("override", path=PREVIEW, price="131")
    assert (preview["nights"], preview["changed"], preview["held"], preview["left_out"]) == (
        7, 7, 1, 1,
    )  # fmt: skip
    assert NightPrice.objects.filter(is_held=True).count() == 1
    assert list(act("override", 400, path=PREVIEW, price="131.5")) == ["price"]


def test_a_preview_warns_of_prices_outside_bounds_and_of_narrower_bounds() -> None:
    assert act("fix", path=PREVIEW, price="15")["beyond_bounds"] == 8
    narrow = {"first": str(WEEKENDS[0]), "last": str(WEEKENDS[0]), "minimum_price": "80"}
    send(RULES, {"bounds": [narrow]}, method="PATCH")
    preview = act("bounds", path=PREVIEW, minimum_price="180")
    assert preview["beyond_bounds"] == 1
    assert "narrower bounds of their own count on 1 of them" in preview["sentence"]


WRONG: list[tuple[str, dict[str, Any], set[str]]] = [
    ("fix", {}, {"price"}),
    ("fix", {"price": "0"}, {"price"}),
    ("fix", {"price": "100.005"}, {"price"}),
    ("fix", {"price": "99999999999"}, {"price"}),
    ("fix", {"price": "100", "reason": "x"}, {"reason"}),
    ("fix", {"price": "100", "name": "x", "factor": 2}, {"name", "factor"}),
    ("unfix", {"price": "100"}, {"price"}),
    ("lock", {"name": "Fair"}, {"name"}),
    ("event", {}, {"name", "factor"}),
    ("event", {"name": "", "factor": 1.2}, {"name"}),
    ("event", {"name": "x" * 61, "factor": 1.2}, {"name"}),
    ("event", {"name": "Fair", "factor": 0.05}, {"factor"}),
    ("event", {"name": "Fair", "factor": 11}, {"factor"}),
    ("event", {"name": "Fair", "factor": "nan"}, {"factor"}),
    ("bounds", {}, {"minimum_price"}),
    ("bounds", {"minimum_price": "300"}, {"minimum_price"}),  # the hotel's maximum is 250
    ("bounds", {"maximum_price": "59"}, {"maximum_price"}),
    ("bounds", {"minimum_price": "100.2", "maximum_price": "100.8"}, {"minimum_price"}),  # step
    ("bounds", {"minimum_price": "100.001"}, {"minimum_price"}),
    ("fix", {"price": "100", "first": str(night(9)), "last": str(night(8))}, {"last"}),
    ("fix", {"price": "100", "first": str(night(9)), "last": str(night(999))}, {"last"}),
    ("fix", {"price": "100", "first": str(night(9)), "last": str(night(731))}, {"last"}),
    ("fix", {"price": "100", "nights": [str(night(731))]}, {"nights"}),
    ("fix", {"price": "100", "first": str(night(-1)), "last": str(night(8))}, {"first"}),
    ("fix", {"price": "100", "nights": [str(night(-1))]}, {"nights"}),
    ("fix", {"price": "100", **SPAN, "weekdays": [7]}, {"weekdays"}),
    ("fix", {"price": "100", **SPAN, "weekdays": []}, {"weekdays"}),
    ("fix", {"price": "100", **SPAN, "hotel_id": HOTEL + 1}, {"hotel_id"}),
    ("fix", {"price": "100", **SPAN, "day": 1}, {"day"}),
]


@pytest.mark.parametrize("path", [DECISIONS, PREVIEW])
def test_a_wrong_request_is_refused_by_field_and_changes_nothing(path: str) -> None:
    """All in one test: pricing a hotel for each of them takes a hundred times as long."""
    before = (rules(), prices())
    answers = [act(action, 400, path, **body) for action, body, _ in WRONG]
    assert [set(answer) for answer in answers] == [fields for _, _, fields in WRONG]
    assert (rules(), prices()) == before
    assert not UndoStep.objects.exists()


def test_amounts_have_the_decimals_of_the_currency() -> None:
    PricingRules.objects.update(currency="JPY")
    NightPrice.objects.update(currency="JPY")
    assert list(act("fix", 400, price="100.50")) == ["price"]


def test_more_rows_than_a_list_may_have_are_refused_whole() -> None:
    row = {"name": "x", "factor": 2}
    spans = [{"first": str(night(at)), "last": str(night(at)), **row} for at in range(995)]
    send(RULES, {"events": spans}, method="PATCH")
    body: dict[str, Any] = {"name": "Fair", "factor": 2, "weekdays": [4]}
    body |= {"first": str(night(1)), "last": str(night(84))}
    assert list(act("event", 400, **body)) == ["events"]
    assert len(rules()["events"]) == 995


def test_with_prices_off_no_price_changes_at_once() -> None:
    PricingRules.objects.update(mode="off")
    preview = act("fix", path=PREVIEW, price="312.50")
    assert (preview["changed"], preview["recommended_changed"]) == (0, 0)
