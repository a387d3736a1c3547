"""Crashes between any two steps of a reading: a process that is killed, as far as its data go."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from connections import own_services
from connections.adapters.vendor_http import VendorHttp
from connections.prices import hand_changes, price_sending
from connections.reading import reading
from connections.reading.lease import Lease


class Killed(BaseException):
    """The end of a process. Not an Exception, so that nothing can clean up by it."""


class CrashPoints:
    """Kills before or after any call of a vendor or service, and any write.

    Args:
        share: of the steps at which it kills.
    """

    STEPS = (
        (VendorHttp, "call"),
        (own_services, "send"),
        (Lease, "save"),
        (Lease, "add"),
        (reading, "_store_reservations"),
        (price_sending, "_store"),
        (price_sending, "note_hand_changes"),
        (hand_changes, "_settle"),
    )

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seed: int, share: float) -> None:
        self._random = random.Random(seed)
        self.share = share
        self.kills = 0
        for place, name in self.STEPS:
            monkeypatch.setattr(place, name, self.around(getattr(place, name)))

    def around(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **options: Any) -> Any:
            self._perhaps_kill()
            result = step(*arguments, **options)
            self._perhaps_kill()
            return result

        return run

    def _perhaps_kill(self) -> None:
        if self._random.random() < self.share:
            self.kills += 1
            raise Killed
