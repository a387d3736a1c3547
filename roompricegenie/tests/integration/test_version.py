"""One version: in pyproject.toml, /healthz, `manage.py version` and on the page."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.test import Client

from roompricegenie.version import VERSION

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[3]


def test_pyproject_has_the_same_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION


def test_healthz_shows_it() -> None:
    assert Client().get("/healthz").json() == {"status": "ok", "version": VERSION}


def test_manage_py_prints_it(tmp_path: Path) -> None:
    printed = subprocess.run(
        [sys.executable, "manage.py", "version"], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "DATA_DIR": str(tmp_path)}, check=True, timeout=60,
    )  # fmt: skip
    assert printed.stdout == f"{VERSION}\n"


@pytest.mark.django_db(databases=["default", "dashboard_service"])
def test_the_page_shows_it(settings: object) -> None:
    assert f"RoomPriceGenie {VERSION}" in Client().get("/").text
