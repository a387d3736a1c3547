"""How many rooms are booked together: groups, and how much evidence a day's bookings are.

In spans of lead time in which a night is booked about once a week, two bookings seldom fall on one
day. What was booked there on one night and day came together, up to the few coincidences that a
Poisson process makes. From these quiet spans the sizes of batches are learned; a hotel whose rooms
are booked singly has batches of one.

A group says less about the demand of single guests than as many single bookings: counts are
*damped*. Beyond what a day of single guests has at most, a room counts little.

Pure: no database, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pricing_service.demand.bookings import Floats

MAX_BATCH: Final = 12  # larger groups count as groups of so many rooms
QUIET: Final = 0.25  # room-nights a day: leads below are quiet
PRIOR_SINGLES: Final = 15.0  # single bookings assumed before any are seen
GROUPS_FROM: Final = 1.25  # dispersion from which a hotel is said to have groups
GROUP_WEIGHT: Final = 0.15  # evidence of each further room of a group


@dataclass(frozen=True)
class Batches:
    """The sizes of batches of rooms that are booked together.

    Attributes:
        sizes: share of the batches by number of rooms, 0 … MAX_BATCH.
        usual_most: room-nights of single guests that a night has at most in a day, by lead.
        scale: damped counts over counts.
        evidence_spread: variance over mean of the damped counts; 1 without groups.
    """

    sizes: Floats
    usual_most: Floats
    scale: float = 1.0
    evidence_spread: float = 1.0

    @property
    def mean(self) -> float:
        """Rooms of a batch."""
        return float(self.sizes @ np.arange(len(self.sizes)))

    @property
    def spread(self) -> float:
        """Variance over mean of the room-nights that come in batches; 1 without groups."""
        return _spread(self.sizes)

    def damped(self, counts: Floats) -> Floats:
        """Return room-nights booked by night and lead as evidence; never less for more bookings."""
        extra = np.maximum(counts - self.usual_most, 0.0)
        damped: Floats = (counts - (1.0 - GROUP_WEIGHT) * extra) / self.scale
        return damped


def learn_batches(counts: Floats, is_open: Floats) -> Batches:
    """Return the batches of a hotel.

    Args:
        counts: room-nights booked while rooms were for sale, by night and lead.
        is_open: 1 where rooms were for sale; by night and lead.
    """
    mean = counts.sum(axis=0) / np.maximum(is_open.sum(axis=0), 1.0)
    quiet = mean < QUIET
    in_quiet = np.minimum(counts[:, quiet], MAX_BATCH).astype(np.int64)
    sizes = np.bincount(in_quiet.ravel(), minlength=MAX_BATCH + 1).astype(np.float64)
    sizes[0] = 0.0
    if sizes.sum():
        # Days on which a second batch came by chance, and a third.
        rate = float((counts[:, quiet].sum(axis=0) @ mean[quiet]) / counts[:, quiet].sum())
        coincidences = 0.6 * rate * sizes[1]
        sizes[2] = max(sizes[2] - coincidences, 0.0)
        sizes[3] = max(sizes[3] - 0.15 * coincidences, 0.0)
    sizes[1] += PRIOR_SINGLES
    sizes /= sizes.sum()
    if _spread(sizes) < GROUPS_FROM:
        return Batches(np.eye(MAX_BATCH + 1)[1], np.full(counts.shape[1], np.inf))
    usual_most = np.maximum(1.0, np.ceil(mean + 2.0 * np.sqrt(mean)))
    scale = float(Batches(sizes, usual_most).damped(counts).sum() / counts.sum())
    rooms = np.arange(MAX_BATCH + 1)
    evidence = np.minimum(rooms, 1) + GROUP_WEIGHT * np.maximum(rooms - 1, 0)
    spread = float((sizes @ evidence**2) / (sizes @ evidence) / scale)
    return Batches(sizes, usual_most, scale, max(1.0, spread))


def _spread(sizes: Floats) -> float:
    rooms = np.arange(len(sizes))
    return float((sizes @ rooms**2) / (sizes @ rooms))
