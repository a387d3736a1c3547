"""Packing: what a segment holds comes back, and takes little room."""

from uuid import UUID

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from data_provider import archive
from data_provider.archive import Columns

NIGHTS = st.integers(-25_567, 84_005)  # the years that an event may have: 1900 … 2199
MOMENTS = NIGHTS.flatmap(
    lambda day: st.integers(0, 86_399_999_999).map(lambda t: day * 86_400_000_000 + t)
)
POSITIVE = st.integers(1, 2**63 - 1)
LIMITS = (
    POSITIVE,
    st.integers(1, 2**31 - 1),
    MOMENTS,
    NIGHTS,
    st.sampled_from([1, 2]),
    st.integers(archive.NO_SOURCE, 2**63 - 1),
    MOMENTS,
)  # fmt: skip


@st.composite
def columns(draw: st.DrawFn) -> Columns:
    events = draw(st.integers(1, 30))
    numbers = [draw(arrays(np.int64, events, elements=limits)) for limits in LIMITS]
    return Columns._make([*numbers, draw(arrays(np.uint64, (events, 2)))])


@given(columns())
def test_any_events_come_back(rows: Columns) -> None:
    for before, after in zip(rows, archive.unpack(archive.pack(rows)), strict=True):
        np.testing.assert_array_equal(before, after)


@given(st.lists(st.uuids(), min_size=1, max_size=200))
def test_a_reservation_that_is_there_is_marked(reservations: list[UUID]) -> None:
    texts = [reservation.hex for reservation in reservations]
    marks = archive.marks_of(archive.reservations_of(texts))
    for text in texts:
        assert archive._may_be_marked(marks, archive.reservations_of([text]))


def test_few_others_seem_to_be_there() -> None:
    """A thousand lookups of what is not there read some segments in vain, not all."""
    held = archive.reservations_of(f"{number:032x}" for number in range(archive.SEGMENT_EVENTS))
    marks = archive.marks_of(held)
    others = [archive.reservations_of([f"{number:032x}"]) for number in range(10**6, 10**6 + 1000)]
    assert sum(archive._may_be_marked(marks, other) for other in others) < 30


def test_an_event_takes_some_25_bytes() -> None:
    """Room-nights as hotels book them, each reservation of one night: the dearest kind."""
    rng = np.random.default_rng(1)
    count = archive.SEGMENT_EVENTS
    moments = np.sort(rng.integers(1_483_228_800, 1_485_907_200, count)) * 1_000_000
    rows = Columns(
        np.arange(1, count + 1),
        rng.integers(1, 20, count),
        moments,
        moments // 86_400_000_000 + rng.integers(0, 90, count),
        rng.integers(1, 3, count),
        np.arange(1, count + 1),
        np.full(count, 1_700_000_000_000_000),
        rng.integers(0, 2**64, (count, 2), dtype=np.uint64),
    )
    size = len(archive.pack(rows)) + len(archive.marks_of(rows.room_reservation_id))
    assert size / count < 26
