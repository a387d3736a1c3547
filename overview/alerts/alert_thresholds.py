"""The limits of each alert's threshold, and the one that is proposed for a hotel of some rooms."""

from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_lazy

from overview.alerts.alert_models import AlertKind


class Threshold(NamedTuple):
    """What a threshold may be, and its unit as the page calls it."""

    least: int
    most: int
    unit: Any  # a text that is translated when it is shown
    usual: int  # proposed where the number of rooms is not known
    share: float = 0.0  # of the rooms that is proposed otherwise


# Shares: a tenth of the house for one night in one day is a group or an event; two fifths over all
# nights is a day as a hotel has it a few times a year.
THRESHOLDS: Final[dict[AlertKind, Threshold | None]] = {
    AlertKind.NIGHT_PICKUP: Threshold(1, 10_000, gettext_lazy("room-nights"), 4, 0.1),
    AlertKind.HOUSE_PICKUP: Threshold(1, 100_000, gettext_lazy("room-nights"), 20, 0.4),
    AlertKind.CANCELLATIONS: Threshold(1, 100_000, gettext_lazy("room-nights"), 10, 0.25),
    AlertKind.OCCUPANCY: Threshold(1, 200, "%", 90),
    AlertKind.BOUND: Threshold(1, 60, gettext_lazy("days"), 3),
    AlertKind.STALE: None,
    AlertKind.DELIVERIES: Threshold(1, 240, gettext_lazy("hours"), 1),
}
FEWEST: Final = 3  # room-nights that are proposed: fewer come every day


def proposed_threshold(kind: AlertKind, rooms: int | None) -> int:
    """Return the threshold that is proposed for a hotel; 0 for an alert without one."""
    threshold = THRESHOLDS[kind]
    if threshold is None:
        return 0
    if not rooms or not threshold.share:
        return threshold.usual
    return min(max(FEWEST, round(threshold.share * rooms)), threshold.most)
