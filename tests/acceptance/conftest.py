"""Fixtures: the whole stack, started by `make run` on its own port and data folder; a browser."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.migrated_databases import copy_migrated_databases

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data_provider" / "sample" / "events.csv"  # with dates that tests name


# An idle stack takes a fifth of two cores, and half of that with few workers.
WHOLE = {"FEW_WORKERS": "0"}  # as `make run` is by itself
QUICK = {"FEW_WORKERS": "1"}
PRICED_NIGHTS = 365


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Stack:
    """A running `make run`."""

    def __init__(self, data_dir: Path, port: int, **environment: str) -> None:
        self.data_dir = data_dir
        self.base = f"http://127.0.0.1:{port}"
        self.log = data_dir / "make-run.log"
        own = {"PORT": str(port), "DATA_DIR": str(data_dir), "SAMPLE": "0", **QUICK}
        self.environment = {**os.environ, **own, **environment}

    def start(self) -> None:
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                ["make", "run"], cwd=ROOT, env=self.environment, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        give_up = time.monotonic() + 60
        while not self.ready():
            assert self.process.poll() is None and time.monotonic() < give_up, self.log.read_text()
            time.sleep(0.1)

    def ready(self) -> bool:
        try:
            return requests.get(f"{self.base}/readyz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def stop(self) -> None:
        """Send Ctrl-C like a terminal: to the whole foreground process group."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(30)

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip


def wait_until_counted(stack: Stack) -> None:
    give_up = time.monotonic() + 60
    while True:
        status = requests.get(f"{stack.base}/dashboard/status/", timeout=10).json()
        if status["events_behind"] == 0:
            return
        assert time.monotonic() < give_up, status
        time.sleep(0.1)


@contextmanager
def running_stack(*, sample: bool = True, **environment: str) -> Iterator[Stack]:
    """Start a separate `make run`; stop it and remove its data afterwards.

    Args:
        sample: load hotels 1 and 2 of the sample file, whose dates never change.
        environment: SAMPLE="1" also loads the demonstration, as a first start does.
    """
    folder = Path(tempfile.mkdtemp(prefix="rpg-"))
    copy_migrated_databases(folder)
    running = Stack(folder, free_port(), **environment)
    try:
        running.start()
        if sample:
            loaded = running.manage("trigger_load_events", str(SAMPLE), "--wait")
            assert loaded.returncode == 0, loaded
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


# The same engine without a desktop's parts comes first: it needs less of the processor.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")

# Without these flags Chromium contacts its vendor's hosts at every start, also where it cannot.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


# Swagger highlights a page of 1,000 events in seconds, on a busy machine in more than five.
expect.set_options(timeout=20_000)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running Chromium; the test is skipped where there is none."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("NO BROWSER: install chromium-headless-shell to run the browser tests")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="module")  # its event loop would keep Django from the database in later tests
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(20_000)
    yield page
    page.close()


def look(page: Page, name: str) -> None:
    """Save a screenshot of the page if SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=False)
