"""Prices that are tried: random, balanced, calm, and the same when asked again."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pricing_service.engine.lead_bins import TRIAL
from pricing_service.engine.price_trials import trial_moves, trial_step

NIGHTS = 739_000 + np.arange(2000)


@given(lead=st.integers(0, 365), seed=st.integers(0, 2**31))
def test_half_of_the_nights_move_up(lead: int, seed: int) -> None:
    """Moves are balanced (within five standard deviations)."""
    moves = trial_moves(NIGHTS, np.full(len(NIGHTS), lead), seed)
    assert set(moves.tolist()) == {-1.0, 1.0}
    assert abs(moves.sum()) < 5 * len(NIGHTS) ** 0.5


@given(seed=st.integers(0, 2**31))
def test_a_night_keeps_its_move_for_a_span(seed: int) -> None:
    """The move changes with the span of lead time only."""
    for first, end in zip(TRIAL.edges, TRIAL.edges[1:], strict=False):
        moves = {
            float(trial_moves(NIGHTS[:1], np.array([lead]), seed)[0]) for lead in range(first, end)
        }
        assert len(moves) == 1


@given(seed=st.integers(0, 2**31))
def test_moves_of_neighbours_have_nothing_in_common(seed: int) -> None:
    """Neither nights, nor spans, nor hotels of neighbouring seeds move together."""
    leads = np.full(len(NIGHTS), 20)
    moves = trial_moves(NIGHTS, leads, seed)
    for others in (
        np.roll(moves, 1),
        trial_moves(NIGHTS, leads + 12, seed),
        trial_moves(NIGHTS, leads, seed + 1),
    ):
        assert abs(float(moves @ others)) < 5 * len(NIGHTS) ** 0.5


def test_steps_shrink_as_the_response_becomes_known() -> None:
    """A few per cent at first, less when little is left to learn; never none."""
    assert 0.05 < trial_step(0.4) < 0.0601
    assert trial_step(0.4) > trial_step(0.2) > trial_step(0.1) >= trial_step(0.01) > 0.019
