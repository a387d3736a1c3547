"""The benchmark's chain: every line is an event that the loader takes, no two with one identity."""

from itertools import groupby
from pathlib import Path

from benchmarks.chain_events import TRAFFIC_FROM, Chain
from data_provider.csv_loading.csv_reader import EventFile
from data_provider.event_validation import EventRow

HOTELS = range(3, 11)


def rows_of(path: Path, count: int) -> list[EventRow]:
    file = EventFile.open(path)
    rows = [record for record in file.records() if isinstance(record, EventRow)]
    assert len(rows) == file.lines_read - 1 == count
    file.close()
    return rows


def test_every_line_of_a_chain_is_a_new_event(tmp_path: Path) -> None:
    chain, file = Chain(rooms=1), tmp_path / "chain.csv"
    histories = rows_of(file, chain.write_histories(file, HOTELS))
    traffic = rows_of(file, chain.write_traffic(file, HOTELS))
    rows = histories + traffic
    identities = {
        (row.hotel_id, row.timestamp, row.room_reservation_id, row.night_of_stay, row.rpg_status)
        for row in rows
    }
    assert len(identities) == len(rows)
    assert {row.hotel_id for row in histories} == {row.hotel_id for row in traffic} == set(HOTELS)
    assert any(row.rate for row in rows)


def test_histories_come_hotel_by_hotel_and_traffic_in_order_of_time(tmp_path: Path) -> None:
    chain, file = Chain(rooms=1), tmp_path / "chain.csv"
    histories = rows_of(file, chain.write_histories(file, HOTELS))
    assert [hotel for hotel, _ in groupby(histories, lambda row: row.hotel_id)] == list(HOTELS)
    times = [row.timestamp for row in rows_of(file, chain.write_traffic(file, HOTELS))]
    assert times == sorted(times)
    assert times[0] >= TRAFFIC_FROM.isoformat() > max(row.timestamp for row in histories)
