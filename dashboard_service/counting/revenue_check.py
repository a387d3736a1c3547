"""Compare a hotel's stored revenue, room-nights and histories with a recount of the ledger.

One hotel at a time, so that the memory needed is that of the largest hotel and not of all. The
hotel's rows and the feed position are read under one lock, and the recount takes the events up to
that position: a check is exact while events are being loaded.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from dashboard_service.counting import revenue_storage
from dashboard_service.counting.hotel_time_zones import counted_time_zones
from dashboard_service.counting.recount import Progress, Recount
from dashboard_service.counting.updater_lock import locked_position
from dashboard_service.data_provider_client import Provider
from dashboard_service.encoded_reservations import booked_minute, decode


class RevenueDifference(NamedTuple):
    """A stored row that does not equal the recount, in words; for a row that is missing None."""

    hotel_id: int
    row: str
    stored: str | None
    expected: str | None

    def __str__(self) -> str:
        return (
            f"hotel {self.hotel_id}, {self.row}: "
            f"stored {self.stored or 'nothing'}, expected {self.expected or 'nothing'}"
        )


def check_revenue(
    provider: Provider, hotel_id: int, progress: Progress = lambda _: None
) -> tuple[int, list[RevenueDifference]]:
    """Return how many rows of a hotel were compared, and those that differ.

    Raises: ProviderError.
    """
    while True:
        time_zones = counted_time_zones()
        recount = Recount(provider, time_zones, hotel_id, progress)
        recount.read_most()
        with locked_position(hotel_id) as position:
            if counted_time_zones() != time_zones:
                continue
            recount.read_rest(position)
            is_counted = revenue_storage.room_night_hotels().get(hotel_id)
            performance = revenue_storage.load_performance(hotel_id)
            pace = revenue_storage.load_pace(hotel_id)
            histories, minutes = revenue_storage.load_histories(hotel_id)
        break
    sums: tuple[tuple[Mapping[Any, Any], Mapping[Any, Any]], ...] = (
        (performance, recount.revenue.performance() if is_counted else {}),
        (pace, recount.revenue.pace() if is_counted else {}),
    )
    expected_histories = recount.histories if is_counted else {}
    differences = [found for pair in sums for found in _different_sums(hotel_id, *pair)]
    differences += _different_histories(hotel_id, histories, expected_histories)
    differences += _different_minutes(hotel_id, minutes, expected_histories)
    compared = sum(len(stored.keys() | expected.keys()) for stored, expected in sums)
    return compared + len(histories.keys() | expected_histories.keys()), differences


def _different_sums(
    hotel_id: int, stored: Mapping[Any, Any], expected: Mapping[Any, Any]
) -> Iterator[RevenueDifference]:
    for key in sorted(stored.keys() | expected.keys()):
        if stored.get(key) != expected.get(key):
            row = " ".join(part or "-" for part in key[1:])
            yield RevenueDifference(
                hotel_id, row, _in_words(stored.get(key)), _in_words(expected.get(key))
            )


def _in_words(sums: tuple[int, ...] | None) -> str | None:
    if sums is None:
        return None
    room_nights, with_rate, revenue = sums
    return f"{room_nights} room-nights, {with_rate} with a rate, {revenue} thousandths"


def _different_histories(
    hotel_id: int, stored: Mapping[Any, str], expected: Mapping[Any, str]
) -> Iterator[RevenueDifference]:
    for key in sorted(stored.keys() | expected.keys()):
        texts = stored.get(key), expected.get(key)
        # The same events may be encoded in another order.
        if texts[0] != texts[1] and _events(texts[0]) != _events(texts[1]):
            yield RevenueDifference(hotel_id, f"reservation {key[1]}", *texts)


def _different_minutes(
    hotel_id: int, stored: Mapping[Any, str | None], histories: Mapping[Any, str]
) -> Iterator[RevenueDifference]:
    """Yield reservations whose stored minute is not that of their first booking."""
    for key in sorted(stored.keys() & histories.keys()):
        expected = booked_minute(histories[key])
        if stored[key] != expected:
            row = f"minute of reservation {key[1]}"
            yield RevenueDifference(hotel_id, row, stored[key], expected)


def _events(text: str | None) -> Any:
    """Return an encoded history without its order, or the text itself if it cannot be read."""
    try:
        return {move: sorted(nights) for move, nights in decode(text).items()} if text else None
    except (ValueError, TypeError, IndexError):
        return text
