"""`/connections/`: the five steps, what is shown of a connection, who may, what is refused."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from django.test import Client

from connections.models import Connection, ConnectionAct
from connections.tests import sftp_server
from connections.tests.apaleo_emulator import (
    CLIENT_ID,
    CLIENT_SECRET,
    DERIVED,
    SUITE_RATE,
    ApaleoEmulator,
)
from connections.tests.apaleo_emulator import RATE as BASE_RATE
from connections.tests.connected_hotels import HOTEL, read
from connections.tests.emulator_server import serve
from connections.tests.hotel_life import HotelLife
from connections.tests.mews_emulator import ACCESS_TOKEN, CLIENT_TOKEN, RATE, SERVICE, MewsEmulator
from connections.tests.our_services import our_services
from connections.tests.sftp_server import Account, serve_folder

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]
PATH = f"/connections/?hotel_id={HOTEL}"
TOKENS = {"client_token": CLIENT_TOKEN, "access_token": ACCESS_TOKEN}


@pytest.fixture
def life() -> HotelLife:
    return HotelLife(seed=3)


@pytest.fixture
def emulator(life: HotelLife) -> MewsEmulator:
    return MewsEmulator(life)


@pytest.fixture(autouse=True)
def address(emulator: MewsEmulator, settings: Any) -> Iterator[str]:
    with our_services(settings), serve(emulator.answer) as at:
        settings.CONNECTION_ADDRESSES = [at]
        yield at


def page() -> str:
    response = Client().get(PATH)
    assert response.status_code == 200
    return response.content.decode()


def send(act: str, **fields: str) -> tuple[int, str]:
    response = Client().post(PATH, {"act": act, **fields})
    return response.status_code, response.content.decode()


def connect(address: str) -> None:
    assert send("sign-in", vendor="mews", address=address, **TOKENS)[0] == 302
    assert send("answer", service_id=SERVICE)[0] == 302
    assert send("answer", rate_id=RATE)[0] == 302
    assert send("start", years="1", sends_prices="on")[0] == 302


def test_five_steps(address: str, life: HotelLife) -> None:
    assert "Sign in to Mews" in page()
    assert send("sign-in", vendor="mews", address=address, **TOKENS)[0] == 302
    assert "Hotel Connector" in page()
    assert send("answer", service_id=SERVICE)[0] == 302
    assert "Flexible" in page()
    assert send("answer", rate_id=RATE)[0] == 302
    assert "Years of history" in page()
    life.happen(10)
    assert send("start", years="2")[0] == 302
    assert "The first import is running" in page()
    connection = read(Connection.objects.get())
    assert connection.import_from == life.now - timedelta(days=731)
    shown = page()
    assert "Connected. All changes were read" in shown
    assert "/connections/webhook/" in shown
    for secret in TOKENS.values():
        assert secret not in shown


def test_five_steps_with_apaleo(life: HotelLife, settings: Any) -> None:
    """Its token is fetched by signing in, and fetched anew where a person takes an hour."""
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    apaleo = ApaleoEmulator(life)
    shown = page()
    for text in ("Leave personal data of guests off", "rates.manage", "not apaleo itself"):
        assert text in shown
    with serve(apaleo.answer) as at:
        settings.CONNECTION_ADDRESSES = [at]
        wrong = {**client, "client_secret": "wrong"}
        status, shown = send("sign-in", vendor="apaleo", address=at, **wrong)
        assert (status, "does not know this client ID" in shown) == (400, True)
        assert send("sign-in", vendor="apaleo", address=at, **client)[0] == 302
        assert "Hotel Isar" in page()
        apaleo.token_number += 1  # the token is not valid any more
        assert "Flexible (Double)" in page()
        assert send("answer", rate_id=DERIVED)[0] == 400
        assert send("answer", rate_id=BASE_RATE)[0] == 302
        assert "The rate plan of Suite with a view with our prices" in page()
        plans = {"rate_of_cat-suite": SUITE_RATE, "rate_of_cat-single": "-"}
        assert send("answer", rate_id=BASE_RATE, **plans)[0] == 302
        life.happen(10)
        apaleo.token_number += 1
        assert send("start", years="2", sends_prices="on")[0] == 302
        assert "The first import is running" in page()
        read(Connection.objects.get())
        shown = page()
    assert "Connected. All changes were read" in shown
    for secret in (CLIENT_SECRET, "APALEO-TOKEN"):
        assert secret not in shown
        assert secret not in repr(Connection.objects.values().get())


def test_stop_resume_check_disconnect(address: str) -> None:
    connect(address)
    assert "Stop</button>" in page()
    for act, shown in (("stop", "Stopped: nothing is read"), ("resume", "import"), ("check", "")):
        assert send(act)[0] == 302
        assert shown in page()
    assert send("resume")[0] == 400
    assert send("disconnect")[0] == 302
    assert "Sign in to Mews" in page()
    assert Connection.objects.get().secrets == ""
    assert list(ConnectionAct.objects.values_list("act", flat=True))[:2] == [
        "disconnected",
        "asked to check now",
    ]
    connect(address)  # anew


def test_what_was_not_understood_is_shown(address: str, life: HotelLife) -> None:
    connect(address)
    life.happen(10)
    connection = read(Connection.objects.get())
    connection.problems.create(
        reservation_id="R-<1>", reason="its state is odd", read_at=connection.made_at
    )
    assert "R-&lt;1&gt;" in page()


def test_signing_in_again(address: str, emulator: MewsEmulator) -> None:
    connect(address)
    emulator.access_token = "A NEW TOKEN"
    Connection.objects.update(failure="credentials")
    status, shown = send("sign-in-again", **TOKENS)
    assert (status, "did not let us in" in shown) == (400, True)
    assert send("sign-in-again", client_token=CLIENT_TOKEN, access_token="A NEW TOKEN")[0] == 302
    read(Connection.objects.get())


@pytest.mark.parametrize(
    ("act", "fields", "said"),
    [
        ("sign-in", {"vendor": "mews", "address": "http://10.0.0.1", **TOKENS}, "not known"),
        ("sign-in", {"vendor": "opera"}, "not known"),
        ("sign-in", {"vendor": "mews", "client_token": "x"}, "not known"),
        ("stop", {}, "no booking system yet"),
        ("start", {"years": "-1"}, "no booking system yet"),
        ("fly", {}, "no booking system yet"),
        ("", {}, "no booking system yet"),
    ],
)
def test_wrong_forms_change_nothing(act: str, fields: dict[str, str], said: str) -> None:
    status, shown = send(act, **fields)
    assert (status, said in shown) == (400, True)
    assert not Connection.objects.exists()


@pytest.mark.parametrize("access", ["", "wrong", "x" * 3000, "a\x00b"])
def test_wrong_tokens_store_nothing(address: str, access: str) -> None:
    fields = {**TOKENS, "access_token": access}
    assert send("sign-in", vendor="mews", address=address, **fields)[0] == 400
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("fly", {}),
        ("answer", {"service_id": "service-restaurant"}),
        ("start", {"years": "3"}),
        ("property", {"property_id": "another"}),
        ("sign-in", TOKENS),
    ],
)
def test_wrong_steps_are_refused(address: str, act: str, fields: dict[str, str]) -> None:
    assert send("sign-in", vendor="mews", address=address, **TOKENS)[0] == 302
    if act == "sign-in":
        fields = {**fields, "vendor": "mews", "address": address}
    status, shown = send(act, **fields)
    assert (status, 'role="alert"' in shown) == (400, True)


def test_a_booking_system_that_is_away_is_said_on_the_page(
    address: str, emulator: MewsEmulator
) -> None:
    assert send("sign-in", vendor="mews", address=address, **TOKENS)[0] == 302
    emulator.access_token = "another"
    assert "gives no answer that could be used" in page()


def test_unknown_parameters_are_refused() -> None:
    assert Client().get(f"{PATH}&hotel=1").status_code == 400
    assert Client().get("/connections/").status_code == 400


def test_a_host_key_is_shown_and_confirmed_before_the_password_is_sent(
    settings: Any, tmp_path: Path
) -> None:
    Account.attempts.clear()
    with serve_folder(tmp_path) as (sftp, host_key):
        settings.CONNECTION_ADDRESSES = [sftp]
        account = {"user": sftp_server.USER, "password": sftp_server.PASSWORD}
        status, shown = send("sign-in", vendor="sftp", address=sftp, **account)
        assert (status, "Not signed in" in shown) == (400, True)
        assert f'value="{host_key}"' in shown  # in its field, to be sent as it is
        assert f'value="{sftp_server.USER}"' in shown
        assert sftp_server.PASSWORD not in shown
        assert Account.attempts == []
        another = host_key[:-3] + "xyz"
        assert send("sign-in", vendor="sftp", address=sftp, host_key=another, **account)[0] == 400
        assert Account.attempts == []
        assert not Connection.objects.exists()
        wrong = account | {"password": "wrong"}
        status, shown = send("sign-in", vendor="sftp", address=sftp, host_key=host_key, **wrong)
        assert (status, "account is refused" in shown) == (400, True)
        assert send("sign-in", vendor="sftp", address=sftp, host_key=host_key, **account)[0] == 302
        assert Account.attempts[0] == "wrong"
        assert set(Account.attempts[1:]) == {sftp_server.PASSWORD}


def test_a_private_key_instead_of_a_password(settings: Any, tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    authorized = tmp_path / "authorized"
    authorized.write_bytes(key.export_public_key())
    with serve_folder(tmp_path, authorized) as (sftp, host_key):
        settings.CONNECTION_ADDRESSES = [sftp]
        fields = {"vendor": "sftp", "address": sftp, "user": sftp_server.USER, "host_key": host_key}
        text = key.export_private_key().decode()
        status, shown = send("sign-in", private_key="no key", **fields)
        assert (status, "private key" in shown) == (400, True)
        assert send("sign-in", private_key=text, **fields)[0] == 302


def test_the_five_steps_of_files(settings: Any, tmp_path: Path) -> None:
    settings.CONNECTION_ADDRESSES = []
    assert send("sign-in", vendor="folder", address="file:exports")[0] == 400
    settings.CONNECTION_FILES_DIR = str(tmp_path)
    assert send("sign-in", vendor="folder", address="file:exports")[0] == 400  # has no folder
    (tmp_path / str(HOTEL)).mkdir()
    assert send("sign-in", vendor="folder", address="file:exports")[0] == 302
    shown = page()
    assert "I check the columns of the first file" in shown
    assert send("answer", columns="check", time_zone="Europe/Vienna")[0] == 302
    assert "Send our prices" not in page()
    assert send("start", years="2", sends_prices="on")[0] == 302
    connection = Connection.objects.get()
    assert (connection.sends_prices, connection.state) == (False, "importing")
    read(connection)
    shown = page()
    assert "No file is there yet" in shown
    assert "Prices are not sent" not in shown
