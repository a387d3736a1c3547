"""Notes about nights over REST and on the page: written, replaced, removed, and never lost."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from pricing_service.decisions import automatic_pricing
from pricing_service.rules.rule_list_models import NightNote
from pricing_service.tests.hotels import DATABASES, HOTEL, create_hotel, create_rules, night
from pricing_service.tests.integration.test_pricing_rules_rest import send

pytestmark = pytest.mark.django_db(databases=DATABASES)
PAST = "1999-12-31"


@pytest.fixture(autouse=True)
def api_without_authentication(settings: Any) -> None:
    settings.API_AUTH = "open"


def write(text: str, *nights: Any, hotel: int = HOTEL) -> Any:
    body = {"hotel_id": hotel, "nights": [str(night) for night in nights], "text": text}
    return send("POST", "/prices/notes/", body)


def notes(query: str = "") -> list[tuple[str, str]]:
    rows = send("GET", f"/prices/notes/?hotel_id={HOTEL}{query}").json()
    return [(row["night"], row["text"]) for row in rows]


def test_any_night_may_have_a_note() -> None:
    [past, coming] = write("marathon", night(3), PAST).json()
    assert (past["night"], past["text"], past["who"]) == (PAST, "marathon", "anybody")
    assert coming["written_at"]
    assert notes() == [(PAST, "marathon"), (str(night(3)), "marathon")]
    assert notes(f"&from={night(1)}") == [(str(night(3)), "marathon")]
    assert notes(f"&to={night(1)}") == [(PAST, "marathon")]
    assert write("other", night(3), hotel=HOTEL + 1).status_code == 200
    assert len(notes()) == 2


def test_a_new_note_replaces_the_old_and_an_empty_one_removes_it() -> None:
    for text in ("marathon", "marathon moved", "  ", "again"):
        write(text, night(3))
        assert notes() == ([(str(night(3)), text)] if text.strip() else [])
    stored = NightNote.objects.order_by("id").values_list("text", flat=True)
    assert list(stored) == ["marathon", "marathon moved", "", "again"], "the audit"


def test_a_repeated_request_stores_nothing() -> None:
    answers = [write("marathon", night(3), night(3)).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert write("", night(4)).json()[0]["text"] == ""
    assert NightNote.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": "x" * 501}, "text"),
        ({"text": None}, "text"),
        ({"text": ["x"]}, "text"),
        ({"nights": []}, "nights"),
        ({"nights": ["2026-02-30"]}, "nights"),
        ({"nights": ["2026-02-03"] * 732}, "nights"),
        ({"hotel_id": 0}, "hotel_id"),
        ({"note": "x"}, "note"),
    ],
)
def test_a_wrong_note_is_refused(change: dict[str, Any], field: str) -> None:
    response = send(
        "POST", "/prices/notes/", {"hotel_id": HOTEL, "nights": [PAST], "text": "x", **change}
    )
    assert (response.status_code, list(response.json())) == (400, [field])
    assert not NightNote.objects.exists()


@pytest.mark.parametrize(
    "query", ["", "?hotel_id=1&night=2026-01-01", "?hotel_id=1&from=2026-02-01&to=2026-01-01"]
)
def test_a_wrong_query_is_refused(query: str) -> None:
    assert send("GET", f"/prices/notes/{query}").status_code == 400


def test_the_night_s_details_have_the_note() -> None:
    create_hotel()
    create_rules()
    automatic_pricing.reprice(HOTEL)
    path = f"/prices/night/?hotel_id={HOTEL}&night={night(3)}"
    assert send("GET", path).json()["note"] is None
    write("marathon", night(3))
    assert send("GET", path).json()["note"]["text"] == "marathon"


@pytest.mark.one_database
def test_the_page_shows_notes_of_nights_with_and_without_a_price(client: Client) -> None:
    create_hotel()
    create_rules()
    automatic_pricing.reprice(HOTEL)
    tag = client.get("/pricing/")["ETag"]
    write("<b>marathon", night(3), PAST)
    assert client.get("/pricing/", headers={"If-None-Match": tag}).status_code == 200
    for shown in (night(3), date.fromisoformat(PAST)):
        html = client.get(f"/pricing/?hotel_id={HOTEL}&night={shown}").content.decode()
        assert html.count('class="night-mark noted" role="img"') == 1
        assert "&lt;b&gt;marathon" in html
        assert "<b>marathon" not in html
