"""`/swagger.json` is valid Swagger 2.0 and describes every endpoint."""

from typing import Any

import pytest
import requests
from openapi_spec_validator import OpenAPIV2SpecValidator

from tests.acceptance.conftest import Stack


@pytest.fixture
def document(stack: Stack) -> dict[str, Any]:
    answer = requests.get(f"{stack.base}/swagger.json", timeout=10)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_it_is_valid(document: dict[str, Any]) -> None:
    assert document["swagger"] == "2.0"
    OpenAPIV2SpecValidator(document).validate()


def test_every_endpoint_is_there_once(document: dict[str, Any]) -> None:
    assert set(document["paths"]) == {
        "/reservations/", "/reservations/{hotel_id}/{reservation_id}/",
        "/events/", "/events/hotels/", "/events/feed/", "/events/feed/status/",
        "/dashboard/", "/dashboard/hotels/", "/dashboard/status/", "/dashboard/check/",
        "/dashboard/performance/", "/dashboard/pace/",
        "/dashboard/pickup/", "/dashboard/hotels/{hotel_id}/",
        "/prices/", "/prices/night/", "/prices/decisions/", "/prices/notes/", "/prices/undo/",
        "/prices/decisions/preview/", "/prices/group-quote/", "/prices/hotels/{hotel_id}/",
        "/prices/hotels/{hotel_id}/preview/", "/prices/hotels/{hotel_id}/proposal/",
        "/prices/delivered/", "/prices/forecast/", "/dashboard/budgets/", "/market/rates/",
        "/prices/hotels/{hotel_id}/webhook-secret/", "/prices/hotels/{hotel_id}/send-all/",
    }  # fmt: skip


def test_everything_is_described(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method == "parameters":
                continue
            assert operation["summary"], path
            assert {"200", "400", "503"} <= set(operation["responses"]), (path, method)
            for parameter in operation["parameters"]:
                assert parameter.get("description") or parameter["in"] == "body", parameter
