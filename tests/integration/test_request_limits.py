"""Length and method are checked for every path before anything reads a body."""

from typing import Any

import pytest
from django.core.files.uploadhandler import FileUploadHandler
from django.test import Client

from common.request_limits import METHODS
from common.value_limits import MAX_BODY_BYTES
from roompricegenie.monitoring.request_metrics import FIXED_PATHS

pytestmark = pytest.mark.one_database

PATHS = (
    *FIXED_PATHS, "/healthz", "/readyz", "/favicon.ico", "/static/common/icon.svg", "/nothing",
    "/admin/login/", "/healthz/more", "/prices/hotels/1/",
)  # fmt: skip
FORM = "multipart/form-data; boundary=b"
UPLOAD = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + b"a" * 100_000


@pytest.fixture
def client() -> Client:
    """A stranger with a forged cookie, with which a check of CSRF reads the body."""
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "x" * 32
    return client


@pytest.fixture(autouse=True)
def nothing_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    def store(*_: Any, **__: Any) -> None:
        raise AssertionError("an upload is stored")

    for handler in FileUploadHandler.__subclasses__():
        monkeypatch.setattr(handler, "receive_data_chunk", store)


def send(client: Client, method: str, path: str, **meta: Any) -> int:
    return client.generic(method, path, UPLOAD, content_type=FORM, **meta).status_code


@pytest.mark.parametrize("path", PATHS)
def test_no_path_takes_too_much(client: Client, path: str) -> None:
    for method in (*METHODS, "TRACE", "BREW"):
        for length in (str(MAX_BODY_BYTES + 1), "1" + "0" * 30, "9" * 5000):
            status = send(client, method, path, CONTENT_LENGTH=length)
            assert status in (405, 413), (method, length)
        assert send(client, method, path, HTTP_TRANSFER_ENCODING="chunked") in (405, 411), method
        for length in ("-1", "+5", "5, 5", "x", "²", "1e3"):
            assert send(client, method, path, CONTENT_LENGTH=length) in (400, 405), length


@pytest.mark.parametrize(
    "path", ["/healthz", "/healthz/", "/readyz", "/readyz/", "/favicon.ico", "/static/nothing"]
)
def test_a_path_that_only_reads_takes_get_and_head_only(client: Client, path: str) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
        response = client.generic(method, path, UPLOAD, content_type=FORM)
        assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD"), method


@pytest.mark.django_db(
    databases=["default", "data_provider", "dashboard_service", "pricing_service"]
)
@pytest.mark.parametrize("path", ["/login/", "/admin/login/", "/", "/logout/", "/healthz/more"])
def test_a_form_of_the_allowed_size_stores_no_file(client: Client, path: str) -> None:
    assert send(client, "POST", path) in (200, 302, 403, 404)
