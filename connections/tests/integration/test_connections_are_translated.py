"""`/connections/` in other languages: no text of any state is left in English.

What is stored or raised in English is in the list of known reasons, which the catalogs have.
"""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from common.stored_reasons import in_words, is_known
from connections.connection_setup import note
from connections.models import Connection, ConnectionAct, ConnectionFile, FailureKind
from connections.tests.connected_hotels import HOTEL, connect_mews, read
from connections.tests.emulator_server import serve
from connections.tests.hotel_life import HotelLife
from connections.tests.mews_emulator import ACCESS_TOKEN, CLIENT_TOKEN, RATE, SERVICE, MewsEmulator
from connections.tests.our_services import our_services
from connections.web_page.acts_in_words import line_of
from tests.untranslated_texts import marked_language, untranslated

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]
PATH = f"/connections/?hotel_id={HOTEL}"
TOKENS = {"client_token": CLIENT_TOKEN, "access_token": ACCESS_TOKEN}
# Names of makers, and of what the emulated hotel has.
DATA = (
    "Mews", "Cloudbeds", "apaleo", "Hotel Connector", "Stay", "Flexible", "Leisure",
    "Owner and house", "file:exports", "sftp://files.example.com", "imaps://mail.example",
)  # fmt: skip


@pytest.fixture
def life() -> HotelLife:
    return HotelLife(seed=3)


@pytest.fixture
def emulator(life: HotelLife) -> MewsEmulator:
    return MewsEmulator(life)


@pytest.fixture(autouse=True)
def address(emulator: MewsEmulator, settings: Any) -> Iterator[str]:
    with our_services(settings), serve(emulator.answer) as at:
        settings.CONNECTION_ADDRESSES = [at, "sftp://files.example.com", "imaps://mail.example"]
        settings.CONNECTION_FILES_DIR = "/srv/exports"
        yield at


def left(query: str = "", **form: str) -> list[str]:
    """Return the texts of the page, or of a refused form of it, that are not translated."""
    with marked_language():
        response = Client().post(PATH, form) if form else Client().get(PATH + query)
    assert response.status_code == (400 if form else 200)
    return untranslated(response.content.decode(), *DATA)


def send(act: str, **fields: str) -> None:
    assert Client().post(PATH, {"act": act, **fields}).status_code == 302


def test_every_step(address: str, emulator: MewsEmulator, life: HotelLife) -> None:
    assert left() == []
    sign_in = {"act": "sign-in", "vendor": "mews", "address": address}
    assert left(**sign_in, client_token="x", access_token="wrong") == []
    assert left(**sign_in) == []
    send("sign-in", vendor="mews", address=address, **TOKENS)
    assert left() == []
    assert left(act="start", years="2") == []
    send("answer", service_id=SERVICE)
    send("answer", rate_id=RATE)
    assert left() == []
    assert left(act="start", years="99") == []
    emulator.access_token = "another"
    assert left() == []
    emulator.access_token = ACCESS_TOKEN
    send("start", years="2", sends_prices="on")
    assert left() == []
    life.happen(5)
    read(Connection.objects.get())
    assert left() == []
    assert left("&choose=house_use") == []
    send("stop")
    assert left() == []
    assert left(act="stop") == []


@pytest.mark.parametrize("failure", FailureKind.values)
def test_failures_problems_and_prices(address: str, settings: Any, failure: str) -> None:
    began = timezone.now()
    connection = connect_mews(
        address, settings, began, failure=failure, sends_prices=True, read_at=began,
        failure_text="configuration/get answered 503",
        price_problem="without a price of ours: Suite",
    )  # fmt: skip
    Connection.objects.update(state="reading")
    connection.problems.create(
        reservation_id="R-1", read_at=began,
        reason="a field is missing or of another kind (KeyError)",
    )  # fmt: skip
    connection.changes_by_hand.create(
        night="2027-05-01", price="99.5", room_type="Suite", reason="", noticed_at=began,
        problem="prices are decided for the reference room type; the others follow from it",
    )  # fmt: skip
    assert left() == []
    with marked_language():
        html = Client().get(PATH).content.decode()
    assert "⟦without a price of ours: Suite⟧" in html
    assert ("⟦configuration/get answered 503⟧" in html) == bool(failure)


@pytest.mark.parametrize("status", ["confirmed", "tentative", "cancelled", "no_show"])
def test_a_reservation_s_way(address: str, settings: Any, life: HotelLife, status: str) -> None:
    life.book()
    stay = next(iter(life.stays.values()))
    stay.status = status
    connect_mews(address, settings, life.now)
    query = f"&reservation={stay.number}"
    assert left(query) == []
    read(Connection.objects.get())
    assert left(query) == []
    assert left("&reservation=none") == []


def test_files(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connections.files.file_adapter._zones", lambda: ["UTC"])  # not hundreds
    (tmp_path / str(HOTEL)).mkdir()
    settings.CONNECTION_FILES_DIR = str(tmp_path)
    send("sign-in", vendor="folder", address="file:exports")
    assert left() == []
    send("answer", columns="check", time_zone="UTC")
    send("start", years="2")
    assert left() == []
    connection = Connection.objects.get()
    for state, problem in (
        ("seen", ""), ("sent", ""), ("taken", ""), ("known", "the same content as a.csv"),
        ("refused", "it was sent 3 times, and what became of it is unknown"),
    ):  # fmt: skip
        ConnectionFile.objects.create(
            connection=connection, place=state, name="a.csv", size=1, state=state, problem=problem,
            upload="1e3b0fa4-6f7c-4d5e-9a50-2d1b7f0d0f3a", seen_at=timezone.now(),
            written_at=datetime(2026, 6, 1, tzinfo=UTC),
        )  # fmt: skip
    Connection.objects.update(failure="columns", failure_text="a.csv")
    assert left() == []
    (tmp_path / str(HOTEL)).rmdir()
    Connection.objects.update(state="preparing", choices={})
    send("disconnect")
    assert left(act="sign-in", vendor="folder", address="file:exports") == []


def test_acts_are_stored_in_english_and_shown_in_each_language(settings: Any) -> None:
    connection = connect_mews("http://vendor.test", settings, timezone.now())
    with override("de"):
        note(connection, "Ada", "started", "3 years of history")
    act = ConnectionAct.objects.get()
    assert line_of(act) == "<bdi>Ada</bdi> started (<bdi>3 years of history</bdi>)"
    with override("de"):
        assert line_of(act) == "<bdi>Ada</bdi> hat gestartet (<bdi>3 Jahre Historie</bdi>)"


def test_a_stored_reason_is_shown_in_each_language() -> None:
    told = "the booking system does not answer: /rates answered 503"
    assert in_words(told) == told
    with override("de"):
        assert in_words(told) == "das Buchungssystem antwortet nicht: /rates antwortete 503"
        assert (
            in_words("rooms.0: the ledger answered 500")
            == "rooms.0: das Ereignisbuch antwortete 500"
        )
        assert in_words("nobody knows this") == "nobody knows this"


RAISED = {
    "CredentialsRefused", "NotReachable", "TooOften", "TooMuch", "PageLost", "OddAnswer",
    "NotUnderstood", "NotConfirmed", "FileChanged", "SecretsUnreadable", "OwnServiceFailure",
}  # fmt: skip


def raised_texts() -> Iterator[tuple[str, str]]:
    """Yield place and text of each reason that is raised, with letters for its values."""
    for file in sorted((django_settings.BASE_DIR / "connections").rglob("*.py")):
        if "tests" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISED and node.args:
                for text in _texts(node.args[0]):
                    yield f"{file.name}:{node.lineno}", text


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(p.value if isinstance(p, ast.Constant) else "x1" for p in parts)  # type: ignore[misc]
        case ast.Call(args=[ast.Constant(value=str(text))]):  # gettext
            yield text
        case ast.BinOp(left=ast.Call(args=[ast.Constant(value=str(text))])):
            yield text.replace("%(number)d", "7").replace("%(reason)s", "x1")


def test_every_reason_that_is_raised_is_known() -> None:
    found = list(raised_texts())
    assert len(found) > 50
    assert [row for row in found if not is_known(row[1])] == []
