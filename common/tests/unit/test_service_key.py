"""The services' API key: from a setting or from a file, and never from elsewhere."""

import logging
from pathlib import Path
from typing import Any

import pytest
from requests import Request

from common.service_key import authenticate_request, service_headers


@pytest.fixture
def key_file(settings: Any, tmp_path: Path) -> Path:
    settings.SERVICE_API_KEY = ""
    settings.SERVICE_API_KEY_FILE = str(tmp_path / "service_api_key")
    return tmp_path / "service_api_key"


def test_an_open_system_needs_no_key(key_file: Path) -> None:
    assert service_headers() == {}


def test_the_key_is_read_from_the_file_for_each_request(key_file: Path) -> None:
    for key in ("first", "second"):
        key_file.write_text(f"{key}\n")
        request = authenticate_request(Request("GET", "http://127.0.0.1/").prepare())
        assert request.headers["Authorization"] == f"Bearer {key}"


def test_the_setting_comes_first(key_file: Path, settings: Any) -> None:
    key_file.write_text("from the file")
    settings.SERVICE_API_KEY = "from the setting"
    assert service_headers() == {"Authorization": "Bearer from the setting"}


def test_an_unreadable_file_is_logged(key_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    key_file.write_bytes(b"\xff\xfe")
    with caplog.at_level(logging.ERROR):
        assert service_headers() == {}
    assert "API key cannot be read" in caplog.text
