"""The events of a chain of hotels, as files for the loader.

A few hotels are simulated with rates and words, and every hotel of the chain has the events of one
of them under reservations of its own. A chain that joins brings the history of each hotel by
itself; from then on its hotels send at the same time, so that neighbouring events are of different
hotels. So there are two files: histories hotel by hotel, and traffic in order of time.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from data_provider.csv_loading.csv_columns import CSV_COLUMNS, SOURCE_ID_COLUMN

SIMULATED = 5
FIRST_NIGHT, LAST_NIGHT = date(2024, 1, 1), date(2025, 12, 31)
TRAFFIC_FROM = date(2025, 10, 1)
HEADER = ",".join(name for name in CSV_COLUMNS if name != SOURCE_ID_COLUMN)
NODE_DIGITS = 12  # the last group of a UUID, which names the hotel


class _Line(NamedTuple):
    """An event of a simulated hotel: its time, and its line around hotel and reservation's end."""

    time: str
    simulated: int
    before: str
    after: str

    def of(self, hotel: int) -> str:
        return f"{hotel}{self.before}{hotel:0{NODE_DIGITS}x}{self.after}"


class Chain:
    """Hotels with the same number of rooms and two years of nights."""

    def __init__(self, rooms: int) -> None:
        self._histories: list[list[_Line]] = []  # of each simulated hotel, in order of time
        traffic: list[_Line] = []
        for simulated in range(SIMULATED):
            lines = sorted(_simulate(simulated, rooms))
            split = bisect_left(lines, TRAFFIC_FROM.isoformat(), key=itemgetter(0))
            self._histories.append(lines[:split])
            traffic += lines[split:]
        self._traffic = sorted(traffic)

    def write_histories(self, file: Path, hotels: Sequence[int]) -> int:
        """Write what these hotels had before TRAFFIC_FROM; return how many events that are."""
        histories = [(hotel, self._histories[hotel % SIMULATED]) for hotel in hotels]
        _write(file, (line.of(hotel) for hotel, history in histories for line in history))
        return sum(len(history) for _, history in histories)

    def write_traffic(self, file: Path, hotels: Sequence[int]) -> int:
        """Write what these hotels had since then, mixed; return how many events that are."""
        alike: list[list[int]] = [[] for _ in range(SIMULATED)]  # hotels with the same events
        for hotel in hotels:
            alike[hotel % SIMULATED].append(hotel)
        _write(file, (line.of(hotel) for line in self._traffic for hotel in alike[line.simulated]))
        return sum(len(alike[line.simulated]) for line in self._traffic)


def _simulate(simulated: int, rooms: int) -> Iterator[_Line]:
    from simulator.booking_history import simulate_history
    from simulator.hotel_demand import hotel_profile

    profile = hotel_profile(simulated + 1, rooms)
    for event in simulate_history(profile, FIRST_NIGHT, LAST_NIGHT, 1):
        _, status, time, night, reservation, _, *optional = event.as_csv_line().split(",")
        before = f",{status},{time},{night},{reservation[:-NODE_DIGITS]}"
        yield _Line(time, simulated, before, f",{','.join(optional)}\n")


def _write(file: Path, lines: Iterable[str]) -> None:
    with file.open("w") as output:
        output.write(HEADER + "\n")
        output.writelines(lines)
