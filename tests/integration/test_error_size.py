"""Errors do not amplify: whatever is wrong with a large request, its answer is short and soon made.

What is in a list that is too long is not looked at.
"""

import time
import tracemalloc
from typing import Any

import orjson
import pytest
from django.test import Client

from tests.large_wrong_requests import REQUESTS, many_fields

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]

MAX_ANSWER_BYTES = 20_000
MAX_CPU_SECONDS = 5  # each takes a fraction of one; a validation of every value took up to 40


@pytest.mark.parametrize("what", REQUESTS)
def test_the_answer_is_short_and_soon_made(what: str, settings: Any) -> None:
    settings.DEBUG = False  # otherwise Django's own page about an unknown path
    method, path, body = REQUESTS[what]
    client = Client(raise_request_exception=False)
    start = time.process_time()
    response = client.generic(method, path, body, content_type="application/json")
    seconds = time.process_time() - start
    assert response.status_code in (400, 404, 405), what
    assert len(response.content) < MAX_ANSWER_BYTES, response.content[:300]
    assert seconds < MAX_CPU_SECONDS


def test_errors_take_no_memory_beside_the_body() -> None:
    body = many_fields(200_000)
    memory: list[int] = []
    for work in (
        lambda: orjson.loads(body),
        lambda: Client().patch("/dashboard/hotels/1/", body, content_type="application/json"),
    ):
        tracemalloc.start()
        work()
        memory.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    parsed, answered = memory
    assert answered < 3 * parsed, "ten times as much when each field had its reasons"


def patch(path: str, body: Any) -> Any:
    return Client().patch(path, body, content_type="application/json").json()


def test_the_first_twenty_are_named_and_the_others_counted() -> None:
    errors = patch("/dashboard/hotels/1/", {f"f{number}": 0 for number in range(3_500)})
    alone = patch("/dashboard/hotels/1/", {"f19": 0})["f19"]
    assert alone[0].startswith("unknown field; known are: name, time_zone, ")
    assert errors["f19"] == alone
    assert "f20" not in errors
    assert errors["detail"] == ["and 3,480 more"]


def test_twenty_errors_are_all_named() -> None:
    errors = patch("/dashboard/hotels/1/", {f"f{number}": 0 for number in range(20)})
    assert len(errors) == 20
    assert "detail" not in errors


def test_errors_of_rows_are_counted_over_all_rows() -> None:
    row = {"first": "x", "last": "x", "name": "x", "factor": 1}
    errors = patch("/prices/hotels/1/", {"base_price": "100.00", "events": [row] * 100})
    assert list(errors["events"]) == [str(index) for index in range(10)]
    assert errors["detail"] == ["and 180 more"]


def test_errors_of_a_batch_name_the_first_events_and_count_the_others() -> None:
    batch: list[dict[str, Any]] = [{}] * 100
    errors = Client().post("/events/", batch, content_type="application/json").json()
    assert list(errors)[:4] == ["0", "1", "2", "3"]
    assert len(errors["0"]) == 5
    assert errors["detail"] == ["and 480 more"]


def test_a_long_list_is_refused_by_its_length() -> None:
    errors = patch("/prices/hotels/1/", {"base_price": "100.00", "events": [0] * 1_001})
    assert errors == {"events": ["1,001 rows; send at most 1,000"]}
    body = {"hotel_id": 1, "action": "lock", "nights": ["x"] * 732}
    errors = Client().post("/prices/decisions/", body, content_type="application/json").json()
    assert errors == {"nights": ["732 values; send at most 731"]}
