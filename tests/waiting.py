"""Waiting for what other processes do, with an end to it."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(look: Callable[[], T], what: str, seconds: float = 90, pause: float = 0.1) -> T:
    """Call `look` until its result is true, and return that result.

    Raises: AssertionError naming `what` when it is not true within `seconds`.
    """
    give_up = time.monotonic() + seconds
    while not (result := look()):
        assert time.monotonic() < give_up, f"not within {seconds} s: {what}"
        time.sleep(pause)
    return result
