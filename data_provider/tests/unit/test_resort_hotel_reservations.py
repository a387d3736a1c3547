"""The real hotel's reservations, read without a database: every night's rooms and money."""

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from data_provider.reservation_import.mapping import recognise
from data_provider.reservation_import.reservation_assembly import assemble
from data_provider.reservation_import.reservation_lines import LineParser
from data_provider.reservation_import.spellings import Spellings
from data_provider.reservation_import.table_lines import TableFile
from data_provider.reservations.snapshot import CANCELLED

pytestmark = pytest.mark.long


def test_each_night_has_the_room_nights_and_the_revenue_to_the_cent(shared_data: Path) -> None:
    path = shared_data / "resort_hotel_reservations.csv.gz"
    sold: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    with TableFile(path, path.name) as table:
        mapping = recognise(table.header)
        positions = mapping.positions(table.header)
        mapping = Spellings(positions).settle(mapping, path.name, None)
        parser = LineParser(mapping, positions, None)
        for row in table.rows():
            reservation = assemble(
                mapping.line, [parser.parse(row.cells)], "2026-01-01 00:00:00.000000"
            )
            for room in reservation.rooms:
                for night, rate in room.nights:
                    if reservation.status != CANCELLED:
                        assert rate is not None
                        sold[night][0] += 1
                        sold[night][1] += rate
    with (shared_data / "resort_hotel_performance.csv").open(newline="") as file:
        expected = {
            row["night_of_stay"]: [int(row["room_nights"]), int(Decimal(row["revenue"]) * 1000)]
            for row in csv.DictReader(file)
        }
    assert sold == expected
    assert sum(amount for _, amount in sold.values()) == 11_690_224_900
