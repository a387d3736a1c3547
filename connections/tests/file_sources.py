"""Places that have a hotel's exports, for tests: each takes files and forgets them."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connections.files.folder import ADDRESS
from connections.models import Connection, ConnectionState
from connections.secret_encryption import encrypt
from connections.tests import imap_emulator, sftp_server
from connections.tests.imap_emulator import ImapEmulator, mail, make_certificate, serve_mailbox
from connections.tests.sftp_server import serve_folder

HOTEL = 4711
SENDER = "Night Audit <pms@hotel.example>"
WRITTEN = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


class Source(ABC):
    """One hotel's exports."""

    vendor: str
    address: str
    secrets: dict[str, str]

    @abstractmethod
    def put(self, name: str, content: bytes, night: int = 0) -> None:
        """Put a file there, written some nights after the first."""

    def connect(self, **choices: Any) -> Connection:
        """Return an active connection to it."""
        return Connection.objects.create(
            hotel_id=HOTEL, vendor=self.vendor, address=self.address, property_id=self.vendor,
            secrets=encrypt(self.secrets), state=ConnectionState.IMPORTING, made_by="a test",
            import_from=WRITTEN - timedelta(days=365),
            choices={"columns": "guess", "time_zone": "UTC"} | choices,
        )  # fmt: skip


class Folder(Source):
    """A folder of this machine."""

    vendor, address = "folder", ADDRESS

    def __init__(self, base: Path) -> None:
        self.secrets = {}
        self.folder = base / str(HOTEL)
        self.folder.mkdir()

    def put(self, name: str, content: bytes, night: int = 0) -> None:
        path = self.folder / name
        path.write_bytes(content)
        at = (WRITTEN + timedelta(days=night)).timestamp()
        os.utime(path, (at, at))


class SftpFolder(Folder):
    """The same folder, seen by SFTP."""

    vendor = "sftp"

    def __init__(self, base: Path, address: str, host_key: str) -> None:
        super().__init__(base)
        self.address = address
        self.secrets = {
            "user": sftp_server.USER, "password": sftp_server.PASSWORD, "folder": str(HOTEL),
            "host_key": host_key,
        }  # fmt: skip


class Mailbox(Source):
    """A mailbox that gets one mail for each file."""

    vendor = "mailbox"

    def __init__(self, emulator: ImapEmulator, address: str) -> None:
        self.emulator = emulator
        self.address = address
        self.secrets = {
            "user": imap_emulator.USER, "password": imap_emulator.PASSWORD,
            "senders": "other@x.example, @Hotel.example",
        }  # fmt: skip

    def put(self, name: str, content: bytes, night: int = 0) -> None:
        self.emulator.receive(mail(SENDER, {name: content}), WRITTEN + timedelta(days=night))


@contextmanager
def source_of(
    vendor: str, base: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Source]:
    """Give a source whose server runs, and which the operator has allowed."""
    source: Source
    with ExitStack() as stack:
        if vendor == "folder":
            settings.CONNECTION_FILES_DIR = str(base)
            source = Folder(base)
        elif vendor == "sftp":
            source = SftpFolder(base, *stack.enter_context(serve_folder(base)))
        else:
            certificate, key = make_certificate(base)
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            emulator = ImapEmulator()
            address = stack.enter_context(serve_mailbox(emulator, certificate, key))
            source = Mailbox(emulator, address)
        settings.CONNECTION_ADDRESSES = [source.address]
        yield source
