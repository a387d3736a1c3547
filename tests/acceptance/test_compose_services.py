"""`docker-compose up` works, as far as that can be shown without Docker.

The whole compose file is run: every service's own command with its own environment, in the order
of `depends_on`, each when what it waits for is healthy by its own health check. Containers become
processes, in a folder that holds what the image holds; only addresses differ.
"""

import re
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
import redis
import requests
from redis.exceptions import AuthenticationError

from tests.acceptance.compose_services import ComposeUp
from tests.postgres import postgres_server
from tests.waiting import until

pytestmark = pytest.mark.acceptance

WORKERS = (
    "celery", "celery-update", "celery-prices", "celery-checks", "celery-mail", "celery-webhooks",
    "celery-connections",
)  # fmt: skip

EVENT = {
    "hotel_id": 7,
    "event_timestamp": "2026-03-04T05:06:07Z",
    "status": 1,
    "room_reservation_id": "0d9e1c1e-2b1e-4c55-9a70-0f3d2f6f3c11",
    "night_of_stay": "2026-04-01",
}


def is_ready(up: ComposeUp, name: str) -> bool:
    return " ready." in up.log(name)


@pytest.mark.long
def test_all_services_start_in_order_work_together_and_stop() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rpg-compose-")))
        postgres = stack.enter_context(postgres_server()).environment["DATABASE_URL"]
        up = stack.enter_context(ComposeUp(folder, postgres).running())
        up.start_all()

        until(lambda: "beat: Starting" in up.log("celery-beat"), "beat")
        for name in WORKERS:
            until(partial(is_ready, up, name), f"{name} ready")
        for name in (*WORKERS, "celery-beat"):  # nothing waits for these
            until(partial(up.healthy, name), f"{name} healthy")
        done = re.compile(r"Task data_provider\.tasks\.record_queued_events\S+ succeeded")
        until(lambda: done.search(up.log("celery")), "a task from beat's schedule done")

        with redis.Redis(port=up.redis_port) as stranger, pytest.raises(AuthenticationError):
            stranger.ping()

        posted = requests.post(f"{up.web}/events/", json=EVENT, timeout=10)
        assert posted.status_code == 201, posted.text
        query = {"hotel_id": str(EVENT["hotel_id"])}
        rows = until(
            lambda: requests.get(f"{up.web}/dashboard/", params=query, timeout=10).json(),
            "the event on the dashboard",
        )
        assert [(r["year"], r["month"], r["booking_count"]) for r in rows] == [(2026, 3, 1)]

        ended = up.stop_all()
        assert ended == dict.fromkeys(ended, 0)
        assert set(ended) == {"redis", "web", "celery-beat", *WORKERS}
        until(lambda: not up.left_running(), "every process gone")  # the last ones are reaped late
        written = {path.name for path in up.app.iterdir()} - {path.name for path in up.copied}
        assert written == set()  # the container's user cannot write outside DATA_DIR
    assert not folder.exists()
