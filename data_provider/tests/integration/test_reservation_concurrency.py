"""Versions of one reservation that several workers record at once end as the newest."""

import threading
import time
from collections.abc import Sequence

import pytest
from django.db import connections

from data_provider.event_validation import EventRow
from data_provider.ledger.recording import append
from data_provider.reservations import snapshot_recording
from data_provider.reservations.known_reservations import find_reservation
from data_provider.reservations.snapshot import ReservationSnapshot, parse_reservation
from data_provider.reservations.snapshot_recording import record_snapshots

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)

WORKERS = 4
RESERVATIONS = 10  # each has as many versions as there are workers


def version(reservation: int, number: int) -> ReservationSnapshot:
    nights = [{"night": f"2026-05-{1 + (number + night) % 9:02}", "rate": 80 + number}
              for night in range(3)]  # fmt: skip
    return parse_reservation(
        {
            "hotel_id": 7, "reservation_id": f"R{reservation}", "status": "confirmed", "currency": "EUR",
            "booked_at": "2026-01-01T10:00:00Z", "updated_at": f"2026-01-02T{number:02}:00:00Z",
            "rooms": [{"room_id": "1", "nights": nights}],
        }
    )  # fmt: skip


def test_four_workers_with_versions_of_one_reservation(monkeypatch: pytest.MonkeyPatch) -> None:
    if connections["data_provider"].vendor == "sqlite":
        pytest.skip("PostgreSQL only: SQLite has one writer, and in memory none that waits")

    def append_slowly(rows: Sequence[EventRow]) -> int:
        """Leave others time between the comparison and the commit."""
        time.sleep(0.01)
        return append(rows)

    monkeypatch.setattr(snapshot_recording, "append", append_slowly)
    failures: list[Exception] = []
    start = threading.Barrier(WORKERS)

    def work(worker: int) -> None:
        try:
            for reservation in range(RESERVATIONS):
                start.wait(30)
                number = (worker + reservation) % WORKERS
                record_snapshots([version(reservation, number)])
        except Exception as error:
            failures.append(error)
            start.abort()
        finally:
            connections["data_provider"].close()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for reservation in range(RESERVATIONS):
        newest = version(reservation, WORKERS - 1)
        found = find_reservation(7, newest.reservation_id)
        assert found is not None
        assert (found.rooms, found.updated_at) == (newest.rooms, newest.updated_at)
