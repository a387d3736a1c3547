"""The soak's own judgement: what it would say if something were lost, counted twice, or leaked."""

import random
import uuid
from typing import Any

import pytest

from tests.soak.traffic import Identities, Identity, unpacked
from tests.soak.verdict import compare_ledger
from tests.soak.watch import Memory, Sample, memory_of

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
    assert [unpacked(row) for row in packed(*EVENTS[::-1])] == EVENTS


def test_a_right_ledger_is_found_right() -> None:
    again = packed(*EVENTS, EVENTS[0])  # what is promised twice is one event
    assert compare_ledger(packed(*EVENTS), again, again) == []


@pytest.mark.parametrize(
    ("ledger", "said"),
    [
        (EVENTS[:2], "LOST: 1 promised events"),
        ([*EVENTS, EVENTS[1]], "TWICE: 1 events"),
        ([*EVENTS, (3, *EVENTS[0][1:])], "STRANGE: 1 events nobody sent"),
    ],
)
def test_a_wrong_ledger_is_found_wrong(ledger: list[Identity], said: str) -> None:
    [wrong] = compare_ledger(packed(*ledger), packed(*EVENTS), packed(*EVENTS))
    assert wrong.startswith(said)


def memory(mb_per_hour: float) -> Memory:
    """An hour of 200 MB with noise, a batch now and then, and a rise at the start."""
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


def test_noise_is_no_growth() -> None:
    assert abs(memory(0).slope_per_hour) < 2
    assert memory(0).is_flat


def test_a_leak_is_told_from_noise() -> None:
    assert memory(30).slope_per_hour == pytest.approx(30, abs=2)
    assert not memory(30).is_flat
