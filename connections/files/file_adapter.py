"""A booking system that only exports files: where they are, and their bytes.

As every adapter it keeps no state and stores nothing. Which files were taken, and when one is
complete, stands once, in `connections.files.file_taking`; what their columns mean, at the ledger.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import ClassVar, Final
from zoneinfo import available_timezones

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connections.adapters import adapter as frame
from connections.adapters.adapter import Choice, Named, Raw, VendorFailure

CHUNK_BYTES: Final = 256 * 1024
ENDINGS: Final = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".gz", ".zip")
UNFINISHED: Final = (".part", ".tmp", ".temp", ".filepart", ".partial", ".crdownload")
BY_PERSON, GUESSED = "check", "guess"


class FileChanged(VendorFailure):
    """The file is not what it was when it was listed: somebody writes it."""


@dataclass(frozen=True)
class FoundFile:
    """A file of the hotel's system.

    Attributes:
        place: where it is in its source, to read it by.
        size: in bytes, as the source says.
        written_at: to the second.
        is_whole: it cannot be unfinished, as an attachment of a mail.
    """

    place: str
    name: str
    size: int
    written_at: datetime
    is_whole: bool = False


class FileAdapter(frame.Adapter):
    """A place that has files of one hotel. Prices cannot be sent there."""

    takes_prices = False
    sizes_are_exact: ClassVar[bool] = True  # those of the list are those of the content
    seconds_between = 60

    @abstractmethod
    def list_files(self, since: datetime) -> Sequence[FoundFile]:
        """Return the files of the source whose names are those of exports (`is_export`).

        Args:
            since: what arrived earlier may be left out, where it costs to list it.
        """

    @abstractmethod
    def read_file(self, place: str) -> Iterator[bytes]:
        """Yield the bytes of a file, in pieces of about CHUNK_BYTES."""

    def open_property(self) -> frame.Property:
        return frame.Property(self.access.property_id, str(self.title), "UTC", "", timezone.now())

    def questions(self) -> Sequence[Choice]:
        ways = (
            Named(BY_PERSON, gettext("I check the columns of the first file before it counts")),
            Named(GUESSED, gettext("As they are recognised by themselves")),
        )
        zones = [Named(name, name) for name in _zones()]
        return (
            Choice("columns", _("Which column is what"), ways),
            Choice("time_zone", _("Time zone of times in the files"), zones),
        )

    def read_changes(self, since: datetime, until: datetime, page: str) -> frame.ChangesPage:
        raise NotImplementedError("files are taken as a whole")

    def reservation(self, raw: Raw) -> frame.Body:
        raise NotImplementedError("the ledger reads the lines of files")

    def reservation_id(self, raw: Raw) -> str:
        raise NotImplementedError("the ledger reads the lines of files")


def is_export(name: str) -> bool:
    """Return whether a file's name is that of a finished table."""
    lower = name.lower()
    hidden = lower.startswith((".", "~")) or "/" in lower or "\0" in lower
    return not hidden and lower.endswith(ENDINGS) and not lower.endswith(UNFINISHED)


@cache
def _zones() -> list[str]:
    names = {name for name in available_timezones() if "/" in name and name[:4] != "Etc/"}
    return ["UTC", *sorted(names)]
