"""6: cached responses take little memory, whatever clients ask for and however they spell it."""

import http.client
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from tests.security.priced_hotels import priced_hotel
from tests.security.stack import Finding, Stack, Watch

REQUESTS = 10_000
CONNECTIONS = 4
ACCEPT_BYTES = 7_900  # gunicorn takes a header of 8,190
HOTEL = 960_001
WAIT_SECONDS = 30
# Of two web processes, each of which keeps at most 2,000 responses that are small here.
MAX_MEMORY_BYTES = 40_000_000
TEXT = "hotel_id={}&period=month&basis=booked&year=2025"
Request = tuple[str, str]  # path and Accept


def run(stack: Stack) -> list[Finding]:
    """Ask so often for what is new each time that a cache without a limit would be seen."""
    priced_hotel(stack.client(), stack.base, HOTEL)
    _wait_for_figures(stack)
    return [_ask(stack, what, request) for what, request in KINDS.items()]


def unknown_hotel(number: int) -> Request:
    query = TEXT.format(number + 1_000_000)
    return f"/dashboard/?{query}", f"application/json, x/{number}{'x' * ACCEPT_BYTES}"


def long_header(number: int) -> Request:
    return f"/dashboard/?{TEXT.format(HOTEL)}", unknown_hotel(number)[1]


def spelling(number: int) -> Request:
    """Return a hotel with figures, spelt by the number's bits: `a` or `%61`."""
    letters = TEXT.format(HOTEL)
    spelt = [
        f"%{ord(letter):02x}" if letter not in "&=" and number >> place & 1 else letter
        for place, letter in enumerate(letters)
    ]
    return f"/dashboard/?{''.join(spelt)}", "application/json"


KINDS: dict[str, Callable[[int], Request]] = {
    "unknown hotels, 8 KB of Accept": unknown_hotel,
    "one hotel, 8 KB of Accept": long_header,
    "one hotel, spelt in many ways": spelling,
}


def _wait_for_figures(stack: Stack) -> None:
    give_up = time.monotonic() + WAIT_SECONDS
    client = stack.client()
    url = f"{stack.base}/dashboard/?hotel_id={HOTEL}&year={datetime.now(UTC).year}"
    while not any(row["gross_booking_count"] for row in client.get(url, timeout=20).json()):
        if time.monotonic() > give_up:
            raise RuntimeError(f"{url} has no figures after {WAIT_SECONDS} s")
        time.sleep(0.2)


def _ask(stack: Stack, what: str, request: Callable[[int], Request]) -> Finding:
    began = time.monotonic()
    with Watch(stack) as watch, ThreadPoolExecutor(CONNECTIONS) as threads:
        shares = [range(first, REQUESTS, CONNECTIONS) for first in range(CONNECTIONS)]
        asked = threads.map(lambda numbers: Counter(_statuses(stack, request, numbers)), shares)
        statuses = sum(asked, Counter[int]())
    counts = ", ".join(f"{number:,} × {status}" for status, number in sorted(statuses.items()))
    return Finding(
        set(statuses) == {200} and watch.memory_bytes <= MAX_MEMORY_BYTES,
        f"{what}: {counts} in {time.monotonic() - began:.1f} s; "
        f"{watch.memory_bytes:,} bytes of memory",
    )


def _statuses(stack: Stack, request: Callable[[int], Request], numbers: range) -> Iterator[int]:
    key = {"Authorization": f"Bearer {stack.api_key}"} if stack.api_key else {}
    connection = http.client.HTTPConnection(*stack.address, timeout=30)
    for number in numbers:
        path, accept = request(number)
        connection.request("GET", path, headers={"Accept": accept, **key})
        response = connection.getresponse()
        response.read()
        yield response.status
    connection.close()
