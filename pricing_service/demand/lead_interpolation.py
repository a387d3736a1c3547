"""The leads (days before) at which the forecast learns, and interpolation between them."""

from __future__ import annotations

from typing import Final

import numpy as np

from pricing_service.demand.bookings import Floats, Ints

# Dense where a day more changes a forecast most. Between them results are interpolated.
LEARNED_LEADS: Final = np.array(
    [*range(1, 9), 10, 12, 14, 17, 21, 28, 35, 42, 56, 70, 90, 120, 150, 180, 240, 300, 365]
)


def surrounding_learned_leads(leads: Ints) -> Ints:
    """Return the LEARNED_LEADS that are needed to interpolate at leads."""
    after = np.searchsorted(LEARNED_LEADS, leads)
    at = np.concatenate([after, np.searchsorted(LEARNED_LEADS, leads, side="right") - 1])
    needed: Ints = LEARNED_LEADS[np.unique(np.clip(at, 0, len(LEARNED_LEADS) - 1))]
    return needed


def interpolate(leads: Ints, learned_leads: Ints, values: Floats) -> Floats:
    """Return values [learned lead, …] at leads: linear, and constant beyond the ends."""
    place = np.clip(np.searchsorted(learned_leads, leads, side="right") - 1, 0, None)
    after = np.minimum(place + 1, len(learned_leads) - 1)
    gap = np.maximum(learned_leads[after] - learned_leads[place], 1)
    part = np.clip((leads - learned_leads[place]) / gap, 0.0, 1.0)
    part = part.reshape(-1, *[1] * (values.ndim - 1))
    mixed: Floats = values[place] * (1.0 - part) + values[after] * part
    return mixed
