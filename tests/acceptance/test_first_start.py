"""The first `make run` shows hotels that are alive, with prices; SAMPLE=0 starts empty."""

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

import pytest
import requests

from tests.acceptance.conftest import WHOLE, Stack, running_stack, wait_until_counted

pytestmark = pytest.mark.long

Answer = TypeVar("Answer")


def ask(stack: Stack, path: str, **query: str | int) -> Any:
    return requests.get(f"{stack.base}{path}", query, timeout=30).json()


def wait_until(stack: Stack, look: Callable[[], Answer], seconds: int) -> Answer:
    """Look again and again, until what the system does in the background can be seen."""
    give_up = time.monotonic() + seconds
    while not (answer := look()):
        assert time.monotonic() < give_up, stack.log.read_text()
        time.sleep(0.1)  # leaves the processor to the system that is waited for
    return answer


def is_loaded(stack: Stack) -> bool:
    marker = stack.data_dir / "sample"
    return marker.exists() and marker.read_text() == "loaded\n"


def wait_for_prices(stack: Stack, hotel: int) -> list[dict[str, Any]]:
    return wait_until(stack, lambda: list(ask(stack, "/prices/", hotel_id=hotel)), seconds=60)


def test_the_first_start_is_alive_and_the_second_loads_nothing() -> None:
    with running_stack(sample=False, SAMPLE="1", **WHOLE) as stack:
        wait_until(stack, lambda: is_loaded(stack), seconds=120)
        wait_until_counted(stack)
        before = ask(stack, "/dashboard/hotels/")
        assert [hotel["name"] for hotel in before] == [
            "Seaview Hotel (demonstration)", "Alpine Lodge (demonstration)",
        ]  # fmt: skip
        for number in (1, 2):
            rows = wait_for_prices(stack, number)
            minimum = Decimal(ask(stack, f"/prices/hotels/{number}/")["minimum_price"])
            near = [row for row in rows if row["state"] != "closed"][:60]
            above = [row for row in near if Decimal(row["recommended"]) > minimum]
            assert len(above) > 0.8 * len(near) > 40
            assert sum(row["on_the_books"] for row in near) > 0.25 * sum(r["rooms"] for r in near)
        assert any(row["group_rooms"] >= 8 for row in wait_for_prices(stack, 1))
        assert any(row["state"] == "closed" for row in wait_for_prices(stack, 2))
        assert sum(row["pickup_7"] for row in ask(stack, "/dashboard/pickup/", hotel_id=1)) > 0
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
        wait_until(stack, lambda: "SAMPLE=0" in stack.log.read_text(), seconds=10)
        assert ask(stack, "/dashboard/hotels/") == []
        assert ask(stack, "/events/") == []
        assert not (stack.data_dir / "demonstration").exists()
