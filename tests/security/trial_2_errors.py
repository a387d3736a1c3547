"""2: errors do not amplify: an answer to what is wrong is short, soon made, and takes no memory."""

import time

import requests

from tests.large_wrong_requests import REQUESTS
from tests.security.stack import Finding, Stack, Watch

RESPONSE_SECONDS = 90
LONGEST_SECONDS = 5.0  # each takes a fraction of one on a machine that does nothing else
MAX_ANSWER_BYTES = 20_000
MAX_MEMORY_BYTES = 400_000_000  # the values of a body of 8 MB take about a fourth of it


def run(stack: Stack) -> list[Finding]:
    """Send each of the wrong requests."""
    return [_try(stack, what) for what in REQUESTS]


def _try(stack: Stack, what: str) -> Finding:
    method, path, body = REQUESTS[what]
    client = stack.client()
    client.headers["Content-Type"] = "application/json"
    began = time.monotonic()
    with Watch(stack) as watch:
        try:
            answer = client.request(method, stack.base + path, data=body, timeout=RESPONSE_SECONDS)
            status, size = answer.status_code, len(answer.content)
        except requests.RequestException:  # closed, or later than anybody waits
            status, size = 0, 0
    seconds = time.monotonic() - began
    is_refused = 400 <= status < 500 and status not in (401, 403)
    is_small = size <= MAX_ANSWER_BYTES and watch.memory_bytes <= MAX_MEMORY_BYTES
    return Finding(
        is_refused and is_small and seconds <= LONGEST_SECONDS,
        f"{what} ({len(body):,} bytes): {status} with {size:,} bytes in {seconds:.2f} s; "
        f"{watch.memory_bytes:,} bytes of memory",
    )
