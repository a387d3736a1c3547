"""The soak test's verdict: lost events, events recorded twice, unknown events, memory leaks."""

import random
import uuid
from typing import Any

import pytest

from tests.soak.events import Identities, Identity, unpack_identity
from tests.soak.memory_and_lag import Memory, Sample, memory_of
from tests.soak.verdict import compare_ledger

EVENTS: list[Identity] = [
    (1, "2024-01-01T10:00:00Z", str(uuid.UUID(int=0)), "2024-05-01", 1),
    (1, "2024-01-01T10:00:00Z", str(uuid.UUID(int=0)), "2024-05-01", 2),
    (2, "2024-12-31T23:59:59.123456Z", str(uuid.UUID(int=2**128 - 1)), "2025-01-01", 1),
]


def packed(*events: Identity) -> Any:
    identities = Identities()
    identities.add(events)
    return identities.sorted()


def test_an_identity_is_the_same_after_packing() -> None:
    assert [unpack_identity(row) for row in packed(*EVENTS[::-1])] == EVENTS


def test_a_correct_ledger_has_no_problem() -> None:
    repeated = packed(*EVENTS, EVENTS[0])  # an event that was acknowledged twice is one event
    assert compare_ledger(packed(*EVENTS), repeated, repeated) == []


@pytest.mark.parametrize(
    ("ledger", "problem"),
    [
        (EVENTS[:2], "LOST: 1 acknowledged events"),
        ([*EVENTS, EVENTS[1]], "TWICE: 1 events"),
        ([*EVENTS, (3, *EVENTS[0][1:])], "UNKNOWN: 1 events that were not sent"),
    ],
)
def test_a_wrong_ledger_has_a_problem(ledger: list[Identity], problem: str) -> None:
    [text] = compare_ledger(packed(*ledger), packed(*EVENTS), packed(*EVENTS))
    assert text.startswith(problem)


def memory(mb_per_hour: float) -> Memory:
    """Return an hour of about 200 MB: noise, a batch now and then, a rise at the start."""
    rng = random.Random(1)
    samples = [
        Sample(
            second,
            {
                "web": 200 + mb_per_hour * second / 3600 + rng.gauss(0, 3)
                + (50 if rng.random() < 0.1 else 0) - (100 if second < 200 else 0)
            },
            0, 0.0, 0, 0,
        )
        for second in range(10, 3600, 10)
    ]  # fmt: skip
    return memory_of("web", samples)


def test_noise_is_not_growth() -> None:
    assert abs(memory(0).slope_per_hour) < 2
    assert memory(0).is_flat


def test_a_leak_is_detected_despite_noise() -> None:
    assert memory(30).slope_per_hour == pytest.approx(30, abs=2)
    assert not memory(30).is_flat
