"""Fixtures for the tests of backups: SQLite files, or the PostgreSQL server of DATABASE_URL."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from roompricegenie.tests.integration.backups.installation import (
    ON_POSTGRES,
    VARIABLES,
    Installation,
    connect_to,
    connected,
    postgres_programs,
)
from tests.migrated_databases import copy_migrated_databases, template_database
from tests.postgres import DATABASES


def _server_url() -> str:
    """Return the URL of the test run's PostgreSQL server, without a database."""
    return os.environ["DATABASE_URL"].rpartition("/")[0]


def _execute_on_server(statement: str) -> None:
    with connect_to(f"{_server_url()}/{DATABASES['DATABASE_URL']}") as connection:
        connection.execute(statement)


@pytest.fixture(scope="package")
def migrated(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    """A migrated installation; each test copies its SQLite files or shares its databases."""
    prefix, folder = f"backups_{uuid.uuid4().hex}", tmp_path_factory.mktemp("migrated")
    names = {name: f"{prefix}_{name}" for name in VARIABLES} if ON_POSTGRES else {}
    for name, database_name in names.items():
        template = template_database(VARIABLES[name])
        _execute_on_server(f"CREATE DATABASE {database_name} TEMPLATE {template}")
    if not ON_POSTGRES:
        copy_migrated_databases(folder)
    urls = {name: f"{_server_url()}/{database_name}" for name, database_name in names.items()}
    yield Installation(folder, urls)
    for database_name in names.values():
        _execute_on_server(f"DROP DATABASE {database_name} WITH (FORCE)")


@pytest.fixture
def installation(
    migrated: Installation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_db_blocker: Any,
) -> Iterator[Installation]:
    """A migrated and empty installation, to which this process is connected."""
    monkeypatch.setenv("PATH", f"{postgres_programs()}:{os.environ['PATH']}")
    folder = shutil.copytree(migrated.folder, tmp_path / "data")
    with django_db_blocker.unblock(), connected(folder, migrated.urls) as current:
        if ON_POSTGRES:
            current.clear()
        yield current
