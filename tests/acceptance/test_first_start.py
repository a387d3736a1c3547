"""The first `make run` shows hotels that are alive, with prices; SAMPLE=0 starts empty."""

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import requests

from tests.acceptance.conftest import Stack, running_stack, wait_until_counted


def ask(stack: Stack, path: str, **query: str | int) -> Any:
    return requests.get(f"{stack.base}{path}", query, timeout=30).json()


def wait_until_loaded(stack: Stack) -> None:
    marker = stack.data_dir / "sample"
    give_up = time.monotonic() + 120
    while not marker.exists() or marker.read_text() != "loaded\n":
        assert time.monotonic() < give_up, stack.log.read_text()
        time.sleep(0.2)
    wait_until_counted(stack)


def wait_for_prices(stack: Stack, hotel: int) -> list[dict[str, Any]]:
    give_up = time.monotonic() + 60
    while not (rows := ask(stack, "/prices/", hotel_id=hotel)):
        assert time.monotonic() < give_up, stack.log.read_text()
        time.sleep(0.2)
    return list(rows)


def test_the_first_start_is_alive_and_the_second_loads_nothing() -> None:
    with running_stack(sample=False, SAMPLE="1") as stack:
        wait_until_loaded(stack)
        before = ask(stack, "/dashboard/hotels/")
        assert [hotel["name"] for hotel in before] == [
            "Seaview Hotel (demonstration)", "Alpine Lodge (demonstration)",
        ]  # fmt: skip
        today = datetime.now(UTC).date()
        for number in (1, 2):
            rows = wait_for_prices(stack, number)
            minimum = Decimal(ask(stack, f"/prices/hotels/{number}/")["minimum_price"])
            near = [row for row in rows if row["state"] != "closed"][:60]
            above = [row for row in near if Decimal(row["recommended"]) > minimum]
            assert len(above) > 0.8 * len(near) > 40
            assert sum(row["on_the_books"] for row in near) > 0.25 * sum(r["rooms"] for r in near)
        assert any(row["group_rooms"] >= 8 for row in wait_for_prices(stack, 1))
        assert any(row["state"] == "closed" for row in wait_for_prices(stack, 2))
        days = ask(stack, "/dashboard/", hotel_id=1, period="day", year=today.year)
        booked = [row["gross_booking_count"] for row in days if row["month"] == today.month]
        assert sum(booked[: today.day]) > 0
        for path in ("/", "/pricing/"):
            page = requests.get(f"{stack.base}{path}", timeout=30).text
            assert "A demonstration: this hotel" in page
            assert "SAMPLE=0" in page

        stack.stop()
        stack.start()
        again = stack.manage("load_demonstration")
        assert " 0 new in the ledger" in again.stdout, again
        wait_until_counted(stack)
        assert ask(stack, "/dashboard/hotels/") == before
        assert "sample:" not in stack.log.read_text()


def test_with_sample_0_the_system_stays_empty() -> None:
    with running_stack(sample=False) as stack:  # sets SAMPLE=0
        give_up = time.monotonic() + 10
        while "SAMPLE=0" not in stack.log.read_text():
            assert time.monotonic() < give_up, stack.log.read_text()
            time.sleep(0.1)
        assert ask(stack, "/dashboard/hotels/") == []
        assert ask(stack, "/events/") == []
        assert not (stack.data_dir / "demonstration").exists()
