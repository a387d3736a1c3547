"""Our own REST without a network: requests to it are answered by the real views, in this process."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests_mock
from django.test import Client
from requests import PreparedRequest

BASE = "http://our-services.test"


@contextmanager
def our_services(settings: Any) -> Iterator[requests_mock.Mocker]:
    """Answer requests to our services; all others go to the network, where emulators listen."""
    settings.API_AUTH = "open"
    settings.EVENTS_API_BASE_URL = settings.DASHBOARD_API_BASE_URL = BASE
    client = Client()  # one for all: each new one loads the middleware
    with requests_mock.Mocker(real_http=True) as mock:
        mock.register_uri(
            requests_mock.ANY,
            re.compile(f"^{BASE}/"),
            content=lambda request, context: _answer(client, request, context),
        )
        yield mock


def _answer(client: Client, request: PreparedRequest, context: Any) -> bytes:
    assert request.url and request.method
    response = client.generic(
        request.method,
        request.url.removeprefix(BASE),
        request.body or b"",
        content_type=request.headers.get("Content-Type", "application/json"),
        headers={"Host": "localhost"},
    )
    context.status_code = response.status_code
    context.headers.update(response.headers)
    return response.getvalue() if response.streaming else response.content
