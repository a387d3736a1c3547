"""A hotel's source of files, and the workers that take them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connections.tests.file_sources import Folder, Source, source_of
from connections.tests.our_services import our_services
from data_provider.event_queue.queue_recorder import QueueRun
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.file_upload.upload_loading import finish_recorded, load_next

VENDORS = ("folder", "sftp", "mailbox")


@pytest.fixture(autouse=True)
def services(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    with our_services(settings):
        yield


@pytest.fixture(params=VENDORS)
def source(
    request: pytest.FixtureRequest, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Source]:
    (tmp_path / "exports").mkdir()
    with source_of(request.param, tmp_path / "exports", settings, monkeypatch) as found:
        yield found


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Folder:
    settings.CONNECTION_FILES_DIR = str(tmp_path)
    return Folder(tmp_path)


@pytest.fixture
def work(queue: EventQueue) -> Callable[[], None]:
    """What the workers of uploads and events do between two readings."""

    def run() -> None:
        while load_next(queue) is not None:
            pass
        QueueRun(queue).record_until(float("inf"))
        finish_recorded(queue)

    return run
