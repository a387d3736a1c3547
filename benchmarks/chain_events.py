"""The events of a chain of hotels, as a file for the loader.

A few hotels are simulated with rates and words, and every hotel of the chain has the events of one
of them under reservations of its own. All hotels send at the same time: the file is in order of
time, so that neighbouring events are of different hotels, as in a busy ledger.
"""

from collections.abc import Sequence
from datetime import date
from operator import itemgetter
from pathlib import Path

from data_provider.csv_loading.csv_columns import CSV_COLUMNS, SOURCE_ID_COLUMN

SIMULATED = 5
FIRST_NIGHT, LAST_NIGHT = date(2024, 1, 1), date(2025, 12, 31)
HEADER = ",".join(name for name in CSV_COLUMNS if name != SOURCE_ID_COLUMN)
NODE_DIGITS = 12  # the last group of a UUID, which names the hotel


class Chain:
    """Hotels with the same number of rooms and two years of nights."""

    def __init__(self, rooms: int) -> None:
        # (time, simulated hotel, text between hotel and reservation's end, text after it)
        self._lines: list[tuple[str, int, str, str]] = []
        self._events = [0] * SIMULATED
        for simulated in range(SIMULATED):
            self._simulate(simulated, rooms)
        self._lines.sort(key=itemgetter(0))

    def _simulate(self, simulated: int, rooms: int) -> None:
        from simulator.booking_history import simulate_history
        from simulator.hotel_demand import hotel_profile

        profile = hotel_profile(simulated + 1, rooms)
        for event in simulate_history(profile, FIRST_NIGHT, LAST_NIGHT, 1):
            _, status, time, night, reservation, _, *optional = event.as_csv_line().split(",")
            before = f",{status},{time},{night},{reservation[:-NODE_DIGITS]}"
            self._lines.append((time, simulated, before, f",{','.join(optional)}\n"))
            self._events[simulated] += 1

    def events(self, hotels: Sequence[int]) -> int:
        """Return how many events these hotels have."""
        return sum(self._events[hotel % SIMULATED] for hotel in hotels)

    def write(self, file: Path, hotels: Sequence[int]) -> None:
        """Write all events of these hotels in order of time."""
        of_simulated: list[list[tuple[str, str]]] = [[] for _ in range(SIMULATED)]
        for hotel in hotels:
            of_simulated[hotel % SIMULATED].append((str(hotel), f"{hotel:0{NODE_DIGITS}x}"))
        with file.open("w") as output:
            output.write(HEADER + "\n")
            for _, simulated, before, after in self._lines:
                output.writelines(
                    [number + before + node + after for number, node in of_simulated[simulated]]
                )
