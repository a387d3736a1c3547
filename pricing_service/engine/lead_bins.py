"""The steps of lead time in which the engine learns, calculates and tries prices.

Bookings come fast in the last days and slowly half a year before, so that the steps grow with the
days before. `LEARNING` are the cells in which bookings and prices are counted, `PRICING` the
periods of the dynamic program, `TRIAL` the spans over which a night keeps a price that is tried.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from pricing_service.demand.bookings import Floats, Ints

LEADS: Final = 366  # days before that are told apart; what is booked earlier counts to the last


class LeadBins:
    """Consecutive spans of days before: bin b holds the leads edges[b] … edges[b + 1] - 1."""

    def __init__(self, *edges: int) -> None:
        """Take the first lead of each bin; the last bin ends with LEADS."""
        self.edges: Ints = np.array([*edges, LEADS])
        self.widths: Ints = np.diff(self.edges)
        self.count = len(edges)
        self.bin_of_lead: Ints = np.repeat(np.arange(self.count), self.widths)
        self.middles: Floats = (self.edges[:-1] + self.edges[1:] - 1) / 2

    def sums(self, by_lead: Floats) -> Floats:
        """Return the sums over each bin of an array whose last axis is the lead."""
        sums: Floats = np.add.reduceat(by_lead, self.edges[:-1], axis=-1)
        return sums

    def spread(self, by_bin: Floats) -> Floats:
        """Return bin totals (last axis) as equal amounts for each lead of the bin."""
        return np.repeat(by_bin / self.widths, self.widths, axis=-1)


LEARNING: Final = LeadBins(
    0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 14, 17, 21, 26, 32, 39, 47, 57, 69, 83, 100, 120, 145, 180, 230,
    290,
)  # fmt: skip
PRICING: Final = LeadBins(
    *range(11), 12, 14, 16, 18, 21, 24, 28, 32, 37, 43, 50, 58, 67, 78, 90, 105, 122, 142, 166, 195,
    230, 290,
)  # fmt: skip
TRIAL: Final = LeadBins(0, 2, 5, 9, 14, 21, 32, 47, 69, 100, 145, 230)
