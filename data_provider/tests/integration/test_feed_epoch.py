"""The feed's epoch: a reader whose position belongs to another ledger is told so with a 409."""

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client

from data_provider import ledger
from data_provider.event_validation import EventRow

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)

ROWS = [
    EventRow(1, "2024-03-01 10:00:00", f"{number:032x}", "2024-05-01", 1, None)
    for number in range(5)
]
PATHS = ("/events/feed/", "/events/feed/status/")


def feed(client: Client, **parameters: Any) -> Any:
    return client.get("/events/feed/", parameters)


def test_a_reader_follows_the_feed_with_position_and_epoch(client: Client) -> None:
    ledger.record(ROWS)
    page = feed(client, after=0, limit=3).json()
    following = feed(client, after=page["position"], epoch=page["epoch"]).json()
    assert [len(page["events"]), len(following["events"])] == [3, 2]
    assert following["epoch"] == page["epoch"]
    at_the_end = feed(client, after=following["position"], epoch=page["epoch"])
    assert (at_the_end.status_code, at_the_end.json()["events"]) == (200, [])


@pytest.mark.parametrize("path", PATHS)
def test_another_epoch_is_a_409_that_says_to_begin_anew(client: Client, path: str) -> None:
    ledger.record(ROWS)
    former = ledger.current_epoch()
    out = io.StringIO()
    call_command("renew_ledger_epoch", stdout=out)
    parameters: dict[str, Any] = {"after": 1, "epoch": former}
    answer = client.get(path, parameters)
    assert answer.status_code == 409
    assert "begin anew, with after=0" in answer.json()["detail"]
    assert ledger.current_epoch() != former
    assert ledger.current_epoch() in out.getvalue()
    parameters = {"after": 0, "epoch": ledger.current_epoch()}
    assert client.get(path, parameters).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_a_position_beyond_the_end_of_the_ledger_is_a_409(client: Client, path: str) -> None:
    """As after an SQLite file was copied back by hand: the epoch is the same."""
    ledger.record(ROWS)
    beyond: dict[str, Any] = {"after": ledger.newest_position() + 1}
    assert client.get(path, {**beyond, "epoch": ledger.current_epoch()}).status_code == 409
    assert client.get(path, beyond).status_code == 200, "as before there was an epoch"


@pytest.mark.parametrize("path", PATHS)
def test_an_empty_epoch_is_refused(client: Client, path: str) -> None:
    assert client.get(path, {"epoch": ""}).status_code == 400


def test_an_emptied_epoch_table_gets_a_new_epoch() -> None:
    former = ledger.current_epoch()
    with connections["data_provider"].cursor() as cursor:
        cursor.execute("DELETE FROM data_provider_ledgerepoch")
    assert ledger.current_epoch() not in ("", former)
    assert ledger.current_epoch() == ledger.current_epoch()


def test_an_event_table_that_was_created_anew_is_another_epoch_on_postgresql() -> None:
    """psql and pg_restore replace the tables, with the stored epoch of the backup in them."""
    if connections["data_provider"].vendor != "postgresql":
        pytest.skip("PostgreSQL only")
    former = ledger.current_epoch()
    with connections["data_provider"].cursor() as cursor:
        cursor.execute("ALTER TABLE data_provider_event RENAME TO former")
        cursor.execute("CREATE TABLE data_provider_event (LIKE former)")
        try:
            assert ledger.current_epoch() != former
        finally:
            cursor.execute("DROP TABLE data_provider_event")
            cursor.execute("ALTER TABLE former RENAME TO data_provider_event")
    assert ledger.current_epoch() == former
