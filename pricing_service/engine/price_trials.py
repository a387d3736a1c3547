"""Prices that are tried: small random steps, from which the response to price is learned.

Each night's price is moved up or down by a few per cent, at random, and keeps the move for a span
of lead time (`lead_bins.TRIAL`), so that prices stay calm. The less is known of the response, the
larger the step. A move depends on the hotel's seed, the night and the span, and on nothing else: it
is as random as any, says nothing about demand, and a price that is asked for again is the same.

Pure: no database, no clock.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from pricing_service.demand.bookings import Floats, Ints
from pricing_service.engine.lead_bins import LEADS, TRIAL

USUAL_STEP: Final = 0.05  # of the log of the price, at the usual uncertainty
USUAL_UNCERTAINTY: Final = 0.25  # standard deviation of the log of the elasticity
SMALLEST, LARGEST = 0.4, 1.2  # bounds of the step, as multiples of the usual one


def trial_step(uncertainty: float) -> float:
    """Return the size of the moves, of the log of the price."""
    return USUAL_STEP * min(max(uncertainty / USUAL_UNCERTAINTY, SMALLEST), LARGEST)


def trial_moves(nights: Ints, leads: Ints, seed: int) -> Floats:
    """Return −1 or 1 for each night (an ordinal) at its lead."""
    span = TRIAL.bin_of_lead[np.minimum(leads, LEADS - 1)]
    moves: Floats = np.where(_mixed(nights, span, seed) >> np.uint64(63), 1.0, -1.0)
    return moves


def _mixed(nights: Ints, spans: Ints, seed: int) -> np.typing.NDArray[np.uint64]:
    """Return well-mixed bits of the three numbers (the finalizer of SplitMix64)."""
    golden = 0x9E3779B97F4A7C15
    bits = nights.astype(np.uint64) * np.uint64(golden)
    bits += spans.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
    bits += np.uint64((seed * 0xD6E8FEB86659FD93 + golden) % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        bits ^= bits >> np.uint64(shift)
        bits *= np.uint64(factor)
    bits ^= bits >> np.uint64(31)
    return bits
