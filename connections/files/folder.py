"""Files in a folder of this server: `CONNECTION_FILES_DIR/HOTEL`, whatever copies them there.

A hotel's folder has the hotel's number, so that no person can name another's. Nothing outside it is
opened: no link is followed, and only plain files are read.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connections.adapters.adapter import Named, NotReachable
from connections.files.file_adapter import (
    CHUNK_BYTES,
    FileAdapter,
    FileChanged,
    FoundFile,
    is_export,
)

ADDRESS: Final = "file:exports"
NO_LINK: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK  # no pipe either


class FolderAdapter(FileAdapter):
    """Exports in the hotel's folder of this server."""

    vendor = "folder"
    title = _("Files in a folder of this server")
    schemes = ("file",)
    needed = ()
    what_to_do = (
        _("Ask the operator of this server for your hotel's folder, named by its number."),
        _("Let your system export all reservations into it each night, as CSV or Excel."),
    )
    tried = _("a folder in this project's tests")

    def properties(self) -> Sequence[Named]:
        with self._folder():
            return [Named("folder", str(self.access.hotel_id))]

    def list_files(self, since: datetime) -> Sequence[FoundFile]:
        found = []
        with self._folder() as folder, os.scandir(folder) as entries:
            for entry in entries:
                if not is_export(entry.name) or not entry.is_file(follow_symlinks=False):
                    continue
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # taken away meanwhile
                    continue
                moment = datetime.fromtimestamp(int(status.st_mtime), UTC)
                found.append(FoundFile(entry.name, entry.name, status.st_size, moment))
        return found

    def read_file(self, place: str) -> Iterator[bytes]:
        with self._folder() as folder:
            if not is_export(place):
                raise FileChanged(gettext("it has no name of a file"))
            try:
                descriptor = os.open(place, NO_LINK, dir_fd=folder)
            except OSError as error:
                raise FileChanged(_failed(error)) from None
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise FileChanged(gettext("it is no plain file any more"))
                while chunk := file.read(CHUNK_BYTES):
                    yield chunk

    @contextmanager
    def _folder(self) -> Iterator[int]:
        """Give the hotel's folder as a descriptor. Raises: NotReachable."""
        if not settings.CONNECTION_FILES_DIR:
            raise NotReachable(gettext("the operator has not set CONNECTION_FILES_DIR"))
        base = Path(settings.CONNECTION_FILES_DIR)
        try:
            descriptor = os.open(base / str(self.access.hotel_id), NO_LINK | os.O_DIRECTORY)
        except OSError as error:
            raise NotReachable(
                gettext("the folder %(number)d of exports: %(reason)s")
                % {"number": self.access.hotel_id, "reason": _failed(error)}
            ) from None
        try:
            yield descriptor
        except OSError as error:
            raise NotReachable(_failed(error)) from None
        finally:
            os.close(descriptor)


def _failed(error: OSError) -> str:
    return error.strerror or type(error).__name__
