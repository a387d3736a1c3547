"""When a connection is read again after a failure: later and later, and not all at once."""

import random
from typing import Final

from connections.models import FailureKind

FIRST_SECONDS: Final = 5
LONGEST_SECONDS: Final = 15 * 60
CREDENTIALS_SECONDS: Final = 60 * 60  # a person is asked; an access that comes back is noticed
COLUMNS_SECONDS: Final = 60  # a person is at it
LONGEST_ASKED_SECONDS: Final = 60 * 60  # that a vendor may ask us to wait


def seconds_to_wait(
    kind: FailureKind, failures: int, asked_seconds: float | None, jitter: float | None = None
) -> float:
    """Return how long to wait after some failures in a row.

    Args:
        failures: how many, the present one included.
        asked_seconds: what the vendor asks for; it is never undercut, up to an hour.
        jitter: from 0 to 1, random without it: connections that failed together come one by one.
    """
    jitter = random.random() if jitter is None else jitter
    longest = CREDENTIALS_SECONDS if kind == FailureKind.CREDENTIALS else LONGEST_SECONDS
    doubled = FIRST_SECONDS * 2.0 ** min(failures - 1, 20)
    if kind == FailureKind.CREDENTIALS:
        doubled = CREDENTIALS_SECONDS
    if kind == FailureKind.COLUMNS:
        doubled = COLUMNS_SECONDS
    wait = min(doubled, longest) * (0.5 + jitter / 2)
    if asked_seconds is None:
        return wait
    return max(wait, min(asked_seconds, LONGEST_ASKED_SECONDS) * (1 + jitter / 10))
