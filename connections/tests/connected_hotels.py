"""Connections to emulators for tests, and what the ledger says about their hotels."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.test import Client
from django.utils import timezone

from connections.models import Connection, ConnectionState, webhook_hash
from connections.reading.reading import read_connection
from connections.secret_encryption import encrypt
from connections.tests import (
    apaleo_answers,
    apaleo_emulator,
    cloudbeds_emulator,
    generic_emulator,
    mews_emulator,
)

HOTEL = 4711
WEBHOOK_TOKEN = "w" * 43
MEWS_SECRETS = {
    "client_token": mews_emulator.CLIENT_TOKEN,
    "access_token": mews_emulator.ACCESS_TOKEN,
    "webhook_token": WEBHOOK_TOKEN,
}
APALEO_SECRETS = {
    "client_id": apaleo_emulator.CLIENT_ID,
    "client_secret": apaleo_emulator.CLIENT_SECRET,
    "webhook_token": WEBHOOK_TOKEN,
}
CLOUDBEDS_SECRETS = {"token": cloudbeds_emulator.API_KEY, "webhook_token": WEBHOOK_TOKEN}
CLOUDBEDS_OAUTH = {
    "token": "access-token-1",
    "refresh_token": cloudbeds_emulator.REFRESH_TOKEN,
    "client_id": cloudbeds_emulator.CLIENT_ID,
    "client_secret": cloudbeds_emulator.CLIENT_SECRET,
    "webhook_token": WEBHOOK_TOKEN,
}
GENERIC_SECRETS = {
    "token": "token-1",
    "refresh_token": "refresh",
    "signing_key": "signing-key-5EC2E7",
    "webhook_token": WEBHOOK_TOKEN,
}


def connect_mews(
    address: str, settings: Any, import_from: datetime, hotel_id: int = HOTEL, **fields: Any
) -> Connection:
    """Return an active connection to an emulated Mews."""
    fields |= {
        "property_id": mews_emulator.ENTERPRISE,
        "choices": {"service_id": mews_emulator.SERVICE, "rate_id": mews_emulator.RATE},
    }
    return _connect("mews", address, settings, MEWS_SECRETS, import_from, hotel_id, fields)


def connect_apaleo(
    address: str, settings: Any, import_from: datetime, hotel_id: int = HOTEL, **fields: Any
) -> Connection:
    """Return an active connection to an emulated apaleo."""
    fields |= {
        "property_id": apaleo_answers.PROPERTY,
        "choices": {
            "rate_id": apaleo_emulator.RATE,
            "rate_of_cat-suite": apaleo_emulator.SUITE_RATE,
            "rate_of_cat-single": "-",
        },
    }
    return _connect("apaleo", address, settings, APALEO_SECRETS, import_from, hotel_id, fields)


def connect_generic(
    address: str, settings: Any, import_from: datetime, hotel_id: int = HOTEL, **fields: Any
) -> Connection:
    """Return an active connection to an emulated system in our own form."""
    fields |= {"property_id": generic_emulator.PROPERTY, "choices": {"rate_id": "BAR"}}
    return _connect("generic", address, settings, GENERIC_SECRETS, import_from, hotel_id, fields)


def connect_cloudbeds(
    address: str, settings: Any, import_from: datetime, hotel_id: int = HOTEL, *,
    with_oauth: bool = False, **fields: Any,
) -> Connection:  # fmt: skip
    """Return an active connection to an emulated Cloudbeds."""
    fields |= {
        "property_id": cloudbeds_emulator.PROPERTY,
        "choices": {"rate_id": "base", "room_type_id": cloudbeds_emulator.BASE_ROOM_TYPE},
    }
    secrets = CLOUDBEDS_OAUTH if with_oauth else CLOUDBEDS_SECRETS
    return _connect("cloudbeds", address, settings, secrets, import_from, hotel_id, fields)


VENDORS: dict[str, tuple[Any, Callable[..., Connection]]] = {  # the emulator, how to connect to it
    "mews": (mews_emulator.MewsEmulator, connect_mews),
    "apaleo": (apaleo_emulator.ApaleoEmulator, connect_apaleo),
    "cloudbeds": (cloudbeds_emulator.CloudbedsEmulator, connect_cloudbeds),
    "generic": (generic_emulator.GenericEmulator, connect_generic),
}


def _connect(
    vendor: str, address: str, settings: Any, secrets: dict[str, str], import_from: datetime,
    hotel_id: int, fields: dict[str, Any],
) -> Connection:  # fmt: skip
    settings.CONNECTION_ADDRESSES = [address]
    return Connection.objects.create(
        hotel_id=hotel_id, vendor=vendor, address=address, secrets=encrypt(secrets),
        webhook_hash=webhook_hash(WEBHOOK_TOKEN), state=ConnectionState.IMPORTING,
        import_from=import_from, made_by="a test", **fields,
    )  # fmt: skip


def read(connection: Connection, times: int = 60) -> Connection:
    """Read until all changes are read, whatever fails meanwhile; time passes between two tries."""
    for _ in range(times):
        if read_connection(connection.pk):
            return Connection.objects.get(pk=connection.pk)
        time_passes(connection)
    present = Connection.objects.get(pk=connection.pk)
    raise AssertionError(f"not read to the end: {present.failure} {present.failure_text}")


def time_passes(connection: Connection) -> None:
    """Let the lease of a dead worker run out, and the next reading be due."""
    past = timezone.now() - timedelta(seconds=1)
    rows = Connection.objects.filter(pk=connection.pk)
    rows.update(lease_until=past, next_read_at=past)


RoomNights = dict[tuple[str, date], tuple[Decimal, str]]


def on_our_books(numbers: Iterable[str], hotel_id: int = HOTEL) -> RoomNights:
    """Return what the ledger has: rate and room type by room and night.

    Args:
        numbers: of reservations. A room is named by its own number, or by its reservation's.
    """
    books: RoomNights = {}
    client = Client()  # one for all: each new one loads the middleware
    for number in numbers:
        response = client.get(f"/reservations/{hotel_id}/{number}/")
        if response.status_code == 404:
            continue
        for room in response.json()["rooms"]:
            name = number if room["room_id"] == "1" else room["room_id"]
            for night in room["nights"]:
                key = (name, date.fromisoformat(night["night"]))
                books[key] = (Decimal(night["rate"]), room["room_type"])
    return books
