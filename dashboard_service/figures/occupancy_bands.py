"""Bands of occupancy with fixed limits, so that a colour means the same in every view and hotel."""

from typing import Final

# Where each band begins; a night without any room-night is in none of them.
BANDS_FROM: Final = (0.0, 0.4, 0.6, 0.8, 0.95)


def band_of(occupancy: float) -> int:
    """Return the number of the band of an occupancy: 1 to 5, 0 for an empty night.

    Args:
        occupancy: a share of the rooms for sale.
    """
    return 0 if occupancy <= 0 else sum(occupancy >= begin for begin in BANDS_FROM)


def whole_percent(occupancy: float) -> int:
    """Return an occupancy in percent, rounded down so that it stays in its band, but not to 0."""
    return 0 if occupancy <= 0 else max(1, int(occupancy * 100 + 1e-9))


def band_limits() -> list[tuple[float, float | None]]:
    """Return where each band begins and ends; the last one has no end."""
    return list(zip(BANDS_FROM, [*BANDS_FROM[1:], None], strict=True))
