"""Compare every stored figure with a recount of the ledger, and report and repair differences.

Figures and feed position are read under one lock, and the recount takes the events up to that
position: a check is exact while events are being loaded. Hotels whose room-nights are followed are
compared one after the other (see `revenue_check`).
"""

from datetime import date
from typing import NamedTuple

from dashboard_service.counting import revenue_storage
from dashboard_service.counting.count_storage import load_counts
from dashboard_service.counting.event_counts import CountKey, EventCounts
from dashboard_service.counting.hotel_time_zones import counted_time_zones
from dashboard_service.counting.recount import Progress, rebuild
from dashboard_service.counting.revenue_check import RevenueDifference, check_revenue
from dashboard_service.counting.updater_lock import all_positions_locked
from dashboard_service.data_provider_client import Provider
from dashboard_service.models import CheckReport
from dashboard_service.room_nights import NO_ROOM_NIGHTS, RoomNights


class Difference(NamedTuple):
    """A stored count that does not equal the recount; None where there is no row."""

    hotel_id: int
    basis: str
    day: date
    night_of_stay: date | None
    stored: RoomNights | None
    expected: RoomNights | None

    def __str__(self) -> str:
        stored, expected = (
            f"{counts.gross} booked {counts.cancelled} cancelled" if counts else "nothing"
            for counts in (self.stored, self.expected)
        )
        night = f" of night {self.night_of_stay}" if self.night_of_stay else ""
        return (
            f"hotel {self.hotel_id}, {self.basis} {self.day}{night}: "
            f"stored {stored}, expected {expected}"
        )


class CheckResult(NamedTuple):
    """Events recounted, counts compared, those that differ, and the hotels that were rebuilt."""

    events: int
    counts: int
    differences: list[Difference | RevenueDifference]
    rebuilt: list[int]


def check(
    provider: Provider,
    hotel_id: int | None = None,
    progress: Progress = lambda _: None,
    *,
    repair: bool = False,
) -> CheckResult:
    """Compare every stored figure with a recount of `GET /events/`.

    A check of all hotels is saved as a CheckReport.

    Args:
        hotel_id: only this hotel; None for all.
        progress: is called with the number of events recounted so far.
        repair: rebuild every hotel that differs.

    Raises: ProviderError.
    """
    with all_positions_locked() as positions:
        until = [position.position for position in positions]
        recount = EventCounts(counted_time_zones())
        stored = load_counts(hotel_id)
    counted = 0
    for page in provider.events(hotel_id):
        events = [event for event in page if event["id"] <= until[event["hotel_id"] % len(until)]]
        recount.add(events)
        counted += len(events)
        progress(counted)
    expected = recount.counts_by_key()
    compared = len(stored.keys() | expected.keys())
    differences: list[Difference | RevenueDifference] = [*_differences(stored, expected)]
    del stored, expected, recount  # their memory is needed for the hotels
    for hotel in sorted(
        revenue_storage.room_night_hotels().keys() | revenue_storage.hotels_with_rows()
    ):
        if hotel_id in (None, hotel):
            rows, found = check_revenue(provider, hotel, progress)
            compared += rows
            differences += found
    rebuilt = sorted({difference.hotel_id for difference in differences}) if repair else []
    for hotel in rebuilt:
        rebuild(provider, hotel)
    if hotel_id is None:
        CheckReport.objects.create(
            events=counted, counts=compared, differences=len(differences), repaired=bool(rebuilt)
        )
    return CheckResult(counted, compared, differences, rebuilt)


def _differences(
    stored: dict[CountKey, RoomNights], expected: dict[CountKey, RoomNights]
) -> list[Difference]:
    """Return the differences by hotel, basis, day and night; a row of zeros equals no row."""
    return [
        Difference(*key, stored.get(key), expected.get(key))
        for key in sorted(
            stored.keys() | expected.keys(), key=lambda key: (*key[:3], key[3] or date.min)
        )
        if stored.get(key, NO_ROOM_NIGHTS) != expected.get(key, NO_ROOM_NIGHTS)
    ]
