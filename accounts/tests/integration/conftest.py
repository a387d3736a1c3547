"""A system in which every request needs a key or a login."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client


@pytest.fixture(autouse=True)
def closed_system(settings: Any, tmp_path: Path) -> None:
    settings.API_AUTH = "required"
    settings.SERVICE_API_KEY_FILE = str(tmp_path / "service_api_key")


def create_key(*arguments: str) -> str:
    """Run `create_api_key` and return the key's text."""
    out = StringIO()
    call_command("create_api_key", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def get(key_text: str, path: str = "/dashboard/hotels/", scheme: str = "Bearer") -> Any:
    return Client().get(path, headers={"Authorization": f"{scheme} {key_text}"})
