"""The pages of prices in other languages: no text of any state is left in English."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from common.table_files import to_csv
from dashboard_service.models import HotelProfile
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.manual_decisions import decide
from pricing_service.decisions.rules_for_nights import NightRule, set_for_nights
from pricing_service.models import Action, DemandEvent, NightPrice, PriceDecision, PricingRules
from pricing_service.notes.night_notes import write_note
from pricing_service.price_listing import decisions_to_show, price_rows
from pricing_service.rules.pricing_rules import load_rules, save_rules
from pricing_service.table_downloads.rule_tables import LISTS, rule_table
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    night,
    set_rooms_by_date,
)
from tests.prepared_rows import prepared_rows
from tests.untranslated_texts import marked_language, page_texts_left, untranslated

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]

DATA = ("Trade fair", "Suite", "Ada", "Ask the boss first", f"Hotel {HOTEL}")
GERMAN = {"accept-language": "de"}


@pytest.fixture
def reader() -> Client:
    """A reader whose texts are not those that are stored in English."""
    return Client(headers={"accept-language": "de"})


@pytest.fixture(scope="module")
def hotel(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with prepared_rows(django_db_blocker, DATABASES, create_priced_hotel):
        yield


@pytest.fixture(autouse=True)
def api_without_authentication(hotel: None, settings: Any) -> None:
    settings.API_AUTH = "open"


def create_priced_hotel() -> None:
    """Create a hotel with every kind of night: 5 held, 6 with an event, 7 closed, 8 with bounds."""
    create_hotel()
    HotelProfile.objects.update(country="DE", region="BY")
    create_rules(mode="suggest", webhook_url="https://receiver.example/prices")
    DemandEvent.objects.create(
        profile_id=HOTEL, name="Trade fair", factor=1.5, first=night(6), last=night(6)
    )
    types: list[dict[str, Any]] = [
        {"name": "Double", "is_reference": True, "rooms": 15},
        {"name": "Suite", "percent": Decimal(25), "rooms": 4},
    ]
    season = {"first": night(8), "last": night(9), "weekdays": [], "every_year": False}
    bounds = {**season, "minimum_price": Decimal(240), "maximum_price": None}
    save_rules(
        HOTEL,
        {
            "room_types": types, "bounds": [bounds],
            "minimum_stays": [{**season, "nights": 3, "weekdays": [4, 5], "every_year": True}],
            "month_factors": [1.12] * 12, "lead_factors": [[30, 1.1]],
            "fixed_prices": [{"night": night(11), "price": Decimal(130)}],
        },
    )  # fmt: skip
    set_rooms_by_date(night(7), night(7), 0)
    book(night(4), ROOMS)
    book(night(7), 1)
    book(night(5), 3, day=night(-3))
    reprice(HOTEL)
    decide(HOTEL, [night(5)], Action.OVERRIDE, "Ada", Decimal(140), "Ask the boss first")
    set_for_nights(HOTEL, [night(10)], NightRule.EVENT, "Ada", {"name": "Suite", "factor": 1.2})
    write_note(HOTEL, [night(5)], "Ask the boss first", "Ada")


@pytest.mark.parametrize(
    "query",
    [
        *(f"&night={night(ahead)}" for ahead in (0, 4, 5, 6, 7, 8, 11, 500)),
        "&month=2199-01",
        "&room_type=Suite",
        "&room_type=Chalet",
    ],
)
def test_no_text_of_the_page_is_in_english(reader: Client, query: str) -> None:
    assert page_texts_left(reader, f"/pricing/?hotel_id={HOTEL}{query}", *DATA) == []


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "off"},
        {"mode": "automatic", "webhook_url": "", "group_rooms": None},
        {"try_as_of": night(-1)},
    ],
)
def test_no_text_of_a_changed_page_is_in_english(reader: Client, change: dict[str, Any]) -> None:
    PricingRules.objects.update(**change)
    assert page_texts_left(reader, f"/pricing/?hotel_id={HOTEL}", *DATA) == []


def test_no_text_of_a_hotel_without_prices_or_rooms_is_in_english(reader: Client) -> None:
    create_hotel(8, rooms=None)
    book(night(-20), 5, hotel_id=8)
    for path in ("/pricing/?hotel_id=8", "/pricing/group-quote/?hotel_id=8"):
        assert page_texts_left(reader, path, "Hotel 8", *DATA) == []
    create_rules(8)
    assert page_texts_left(reader, "/pricing/?hotel_id=8", "Hotel 8", *DATA) == []


@pytest.mark.parametrize(
    "fields", ["", "&arrival={0}&departure={1}&rooms=3&rate=50", "&arrival={0}&departure={0}"]
)
def test_no_text_of_a_group_quote_is_in_english(reader: Client, fields: str) -> None:
    query = fields.format(night(12), night(14))
    path = f"/pricing/group-quote/?hotel_id={HOTEL}{query}"
    with marked_language():
        html = reader.get(path).content.decode()
    assert untranslated(html, *DATA) == []


@pytest.mark.parametrize("table", ["nights", "decisions", *LISTS])
def test_no_header_of_a_file_is_in_english(reader: Client, table: str) -> None:
    path = f"/pricing/table/?hotel_id={HOTEL}&table={table}&format=csv"
    with marked_language():
        text = reader.get(path).content.decode("utf-8-sig")
    header = text.splitlines()[0]
    outside = re.sub(r"⟦[^⟧]*⟧", "", header)
    assert re.findall(r"\w{3,}", outside) == [], header


def test_a_list_is_written_in_the_readers_language() -> None:
    hotel_rules = load_rules(HOTEL)
    assert hotel_rules
    with override("de"):
        text = to_csv(rule_table("minimum_stays", hotel_rules)).decode("utf-8-sig")
    assert "Erste Nacht" in text
    assert '"Freitag, Samstag",ja' in text


def sentence(client: Client, ahead: int, headers: dict[str, str] | None = None) -> str:
    query: dict[str, Any] = {"hotel_id": HOTEL, "from": night(ahead), "to": night(ahead)}
    [row] = client.get("/prices/", query, headers=headers).json()
    return str(row["sentence"])


def test_the_reason_of_a_price_is_in_the_readers_language(client: Client) -> None:
    english, german = sentence(client, 6), sentence(client, 6, headers=GERMAN)
    assert "we expect" in english
    assert "erwarten wir" in german
    assert "Trade fair +50" in german
    assert re.findall(r"[A-Za-z]+", sentence(client, 7, headers=GERMAN))[:4] == [
        "In", "dieser", "Nacht", "ist",
    ]  # fmt: skip
    page = client.get(
        f"/pricing/?hotel_id={HOTEL}&night={night(6)}", headers=GERMAN
    ).content.decode()
    assert german in page.replace("&#x27;", "'")
    assert "Saison" not in english


def test_english_is_the_stored_sentence(client: Client) -> None:
    """It costs no more than before there were other languages."""
    NightPrice.objects.filter(night=night(6)).update(sentence="As it was stored.")
    assert sentence(client, 6) == "As it was stored."


def test_a_sentence_without_its_parts_is_shown_as_it_is(client: Client) -> None:
    """Rows of the version before have none, and its processes replace the sentence alone."""
    changes: list[dict[str, Any]] = [
        {"sentence_texts": {}},
        {"sentence": "Replaced by the version before."},
    ]
    for changed in changes:
        NightPrice.objects.filter(night=night(6)).update(**changed)
        [stored] = NightPrice.objects.filter(night=night(6)).values_list("sentence", flat=True)
        assert sentence(client, 6, headers=GERMAN) == stored


def test_reasons_of_decisions_and_acts_are_in_the_readers_language(client: Client) -> None:
    decide(HOTEL, [night(12), night(13)], Action.LOCK, "Ada")
    query: dict[str, Any] = {"hotel_id": HOTEL, "from": night(5), "to": night(13)}
    reasons = {
        row["reason"] for row in client.get("/prices/decisions/", query, headers=GERMAN).json()
    }
    assert "Von einer Person gesperrt." in reasons
    assert "Der erste Preis, nach dem Kalender." in reasons
    assert "Ask the boss first" in reasons, "a person's words stay as they are"
    [step] = client.get("/prices/undo/", {"hotel_id": HOTEL}, headers=GERMAN).json()
    assert step["summary"] == f"Sperre für 2 Nächte ab {night(12):%d.%m.%Y}"
    [step] = client.get("/prices/undo/", {"hotel_id": HOTEL}).json()
    assert step["summary"] == f"lock of 2 nights from {night(12)}"


def test_what_is_stored_in_another_language_is_english_too(client: Client) -> None:
    """A request of a German reader stores what all others read."""
    body = {"hotel_id": HOTEL, "nights": [f"{night(14)}"], "action": "lock"}
    response = client.post("/prices/decisions/", body, "application/json", headers=GERMAN)
    assert response.status_code == 200, response.content
    assert PriceDecision.objects.latest("id").reason == "Locked by a person."


def test_a_decision_that_is_not_possible_is_explained_in_the_readers_language(
    client: Client,
) -> None:
    body = {"hotel_id": HOTEL, "nights": [f"{night(15)}"], "action": "override", "price": "9999"}
    response = client.post("/prices/decisions/", body, "application/json", headers=GERMAN)
    [reason] = response.json()["price"]
    assert reason.startswith("muss zwischen 60,00 und 250,00 EUR liegen")
    assert f"{night(15):%d.%m.%Y}" in reason
    [reason] = client.post("/prices/decisions/", body, "application/json").json()["price"]
    assert reason == (f"must lie between 60.00 and 250.00 EUR, the bounds of the night {night(15)}")


def test_what_a_decision_touches_is_said_in_the_readers_language(client: Client) -> None:
    body = {"hotel_id": HOTEL, "nights": [f"{night(5)}"], "action": "release"}
    answer = client.post(
        "/prices/decisions/preview/", body, "application/json", headers=GERMAN
    ).json()
    assert answer["sentence"].endswith("1 davon hat einen Preis von Hand; 1 davon ändert sich.")


@pytest.mark.parametrize("count", [2, 20])
def test_english_reads_no_texts_beside_the_sentences(
    count: int, django_assert_num_queries: Any
) -> None:
    """Lists leave them in the database; each row's would be a query of its own."""
    hotel_rules = load_rules(HOTEL)
    assert hotel_rules is not None
    with django_assert_num_queries(1, using="pricing_service"):
        rows = price_rows(hotel_rules, night(5), night(4 + count))
        assert all(row.shown_sentence for row in rows)
    assert len(rows) == count
    with django_assert_num_queries(1, using="pricing_service"):
        decisions = list(decisions_to_show(HOTEL)[:count])
        assert all(decision.shown_reason for decision in decisions)
    assert len(decisions) == count
