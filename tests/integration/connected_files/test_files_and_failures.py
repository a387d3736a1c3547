"""Files of a hotel's system when something dies, is refused, or is not theirs to read."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections import own_services
from connections.files import file_taking
from connections.models import Connection, ConnectionFile
from connections.reading.reading import read_connection
from connections.tests.connected_hotels import on_our_books, time_passes
from connections.tests.crash_points import CrashPoints, Killed
from connections.tests.file_sources import HOTEL, Folder, Mailbox, Source, source_of
from connections.tests.imap_emulator import mail
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.file_upload.upload_loading import finish_recorded, load_next
from data_provider.models import Event
from data_provider.tests.upload_helpers import GUEST, reservations
from tests.integration.connected_files.taking import numbers, stand_still, states, take_all

pytestmark = [
    pytest.mark.long,
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service"], transaction=True
    ),
]


@pytest.mark.parametrize("seed", range(2))
def test_crashes_between_any_two_steps(
    source: Source, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    for night in range(2):
        source.put(f"{night}.csv", reservations(3 + night), night=night)
    connection = source.connect()
    with monkeypatch.context() as patch:
        crashes = CrashPoints(patch, seed, share=0.1)
        for name in ("_copy", "_store_taken", "_note_found", "_save"):
            patch.setattr(file_taking, name, crashes.around(getattr(file_taking, name)))
        for _ in range(400):
            try:
                is_done = read_connection(connection.pk)
            except Killed:
                is_done = False
            if is_done and not connection.files.exclude(state__in=("taken", "known")).exists():
                break
            work()
            stand_still()
            time_passes(connection)
        else:
            raise AssertionError(list(connection.files.values()))
    assert crashes.kills > 1
    assert len(on_our_books(numbers(4), HOTEL)) == 8
    assert Event.objects.count() == 8


def test_a_queue_that_was_emptied_has_the_file_sent_again(
    folder: Folder, queue: EventQueue, work: Callable[[], None]
) -> None:
    folder.put("export.csv", reservations(4))
    connection = folder.connect()
    read_connection(connection.pk)
    stand_still()
    read_connection(connection.pk)  # sends it
    read_connection(connection.pk)  # starts it
    while load_next(queue) is not None:
        pass
    queue.client.flushall()
    finish_recorded(queue)
    connection = take_all(connection, work)
    assert connection.files.get().attempts == 1
    assert Event.objects.count() == 8


def test_a_ledger_that_was_restored_gets_every_file_again(
    folder: Folder, work: Callable[[], None]
) -> None:
    folder.put("export.csv", reservations(4))
    connection = take_all(folder.connect(), work)
    Connection.objects.update(ledger_epoch="another one")
    read_connection(connection.pk)
    stand_still()
    connection = take_all(connection, work)
    assert connection.pages_read == 2
    assert Event.objects.count() == 8


def test_options_of_systems_that_take_prices_change_nothing_here(folder: Folder) -> None:
    connection = folder.connect()
    fields = {"tentative_counts": "on", "house_use_counts": "on", "sends_prices": "on"}
    path = f"/connections/?hotel_id={HOTEL}"
    assert Client().post(path, {"act": "options", **fields}).status_code == 302
    now = Connection.objects.get(pk=connection.pk)
    assert (now.is_read_anew, now.sends_prices, now.tentative_counts) == (False, False, False)
    assert "sends_prices" not in Client().get(path).content.decode()


def test_nothing_outside_the_hotel_s_folder_is_read(
    folder: Folder, work: Callable[[], None], tmp_path: Path
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(reservations(3))
    (folder.folder / "link.csv").symlink_to(secret)
    (folder.folder / "folder.csv").mkdir()
    os.mkfifo(folder.folder / "pipe.csv")
    connection = folder.connect()
    assert read_connection(connection.pk)
    assert states(connection) == {}
    ConnectionFile.objects.create(
        connection=connection, place="../secret.csv", name="x", size=secret.stat().st_size,
        written_at=connection.made_at, seen_at=connection.made_at,
    )  # fmt: skip
    folder.folder.rename(tmp_path / "moved")
    folder.folder.symlink_to(tmp_path / "moved")
    assert not read_connection(connection.pk)
    assert Connection.objects.get().failure == "unreachable"
    assert not Event.objects.exists()


def test_mails_of_others_are_not_looked_at(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Callable[[], None]
) -> None:
    with source_of("mailbox", tmp_path, settings, monkeypatch) as source:
        assert isinstance(source, Mailbox)
        at = timezone.now().replace(microsecond=0)
        for sender in (
            "pms@hotel.example.evil.test", "a@evil.test, pms@hotel.example",
            '"pms@hotel.example" <x@evil.test>', "pms@nothotel.example",
        ):  # fmt: skip
            source.emulator.receive(mail(sender, {"x.csv": reservations(1)}), at)
        odd = mail("other@x.example", {"odd.csv": reservations(1)})
        for part in odd.iter_attachments():
            part.replace_header("Content-Transfer-Encoding", "x/" + "y" * 400)
        source.emulator.receive(odd, at)
        source.emulator.receive(
            mail("OTHER@x.example", {"q.csv": reservations(2)}, "quoted-printable"), at
        )
        connection = take_all(source.connect(), work)
        assert states(connection) == {"q.csv": "taken"}
        assert len(on_our_books(numbers(2), HOTEL)) == 4
        assert GUEST not in repr(list(Connection.objects.values()))


@pytest.mark.parametrize("vendor", ["sftp", "mailbox"])
def test_a_refused_password_waits_for_a_person(
    vendor: str, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with source_of(vendor, tmp_path, settings, monkeypatch) as source:
        source.secrets["password"] = "wrong"
        connection = source.connect()
        assert not read_connection(connection.pk)
        assert Connection.objects.get().failure == "credentials"


def test_a_mailbox_that_drops_connections_loses_nothing(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Callable[[], None]
) -> None:
    with source_of("mailbox", tmp_path, settings, monkeypatch) as source:
        assert isinstance(source, Mailbox)
        source.put("a.csv", reservations(3))
        connection = source.connect()
        for commands in range(8):
            source.emulator.drop_after = commands
            read_connection(connection.pk)
            assert Connection.objects.get().failure == "unreachable", commands
            time_passes(connection)
        source.emulator.drop_after = None
        read_connection(connection.pk)
        take_all(connection, work)
        assert Event.objects.count() == 6


def test_our_own_services_that_fail_are_tried_again(
    folder: Folder, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.put("a.csv", reservations(3))
    connection = folder.connect()
    read_connection(connection.pk)
    stand_still()

    def fail(*_: Any, **__: Any) -> Any:
        raise own_services.OwnServiceFailure("the ledger does not answer")

    for name in ("announce_file", "send_part", "sent_file", "start_file"):
        with monkeypatch.context() as patch:
            patch.setattr(own_services, name, fail)
            for _ in range(3):
                time_passes(connection)
                read_connection(connection.pk)
            assert Connection.objects.get().failure == "ledger", name
        time_passes(connection)
    Connection.objects.update(failure="")
    take_all(connection, work)
    assert Event.objects.count() == 6
