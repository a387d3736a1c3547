"""The benchmark's chain: every line is an event that the loader takes, no two with one identity."""

from pathlib import Path

from benchmarks.chain_events import Chain
from data_provider.csv_loading.csv_reader import EventFile
from data_provider.event_validation import EventRow


def test_every_line_of_a_chain_is_a_new_event_in_order_of_time(tmp_path: Path) -> None:
    chain = Chain(rooms=1)
    hotels = range(3, 11)
    chain.write(tmp_path / "chain.csv", hotels)
    file = EventFile.open(tmp_path / "chain.csv")
    rows = [record for record in file.records() if isinstance(record, EventRow)]
    lines = file.lines_read - 1
    file.close()
    identities = {
        (row.hotel_id, row.timestamp, row.room_reservation_id, row.night_of_stay, row.rpg_status)
        for row in rows
    }
    assert len(identities) == len(rows) == lines == chain.events(hotels)
    assert {row.hotel_id for row in rows} == set(hotels)
    times = [row.timestamp for row in rows]
    assert times == sorted(times)
    assert any(row.rate for row in rows)
