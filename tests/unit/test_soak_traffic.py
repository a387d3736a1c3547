"""The soak test sends its traffic at one rate, also after it hurried."""

import threading

from tests.soak.rate_limiter import RateLimiter


class AskedEvent(threading.Event):
    """An event that nobody sets; says how long it was waited for, and does not wait."""

    asked: float | None = None

    def wait(self, timeout: float | None = None) -> bool:
        self.asked = timeout
        return False


def test_events_wait_for_those_before_them() -> None:
    limiter, later = RateLimiter(per_second=1), AskedEvent()
    limiter.wait(1_000, AskedEvent())
    limiter.wait(1, later)
    assert later.asked is not None
    assert 900 < later.asked <= 1_000


def test_who_was_let_through_at_once_costs_the_next_no_time() -> None:
    limiter, later, hurry = RateLimiter(per_second=1), AskedEvent(), threading.Event()
    hurry.set()
    for _ in range(3):
        limiter.wait(1_000, hurry)
    limiter.wait(1, later)
    assert later.asked == 0
