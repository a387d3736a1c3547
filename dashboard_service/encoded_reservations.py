"""The events of a reservation of one room, as text that the dashboard stores.

An event moves one night; events of several nights that are equal otherwise stand together, which is
how a stay is booked. Encoded, a stay of a week that was booked takes about 80 bytes. The one who
counts events writes them, figures read them.
"""

import orjson

from common.room_night_value import BOOKING, Move

History = dict[Move, list[int]]  # the nights of each move, as proleptic ordinals
Reservation = tuple[int, str]  # hotel, and the reservation of one room

MINUTE = len("2026-07-01T10:15")  # length of the prefix of a time that names its minute


def encode(history: History) -> str:
    """Return a history as text: each move with its nights as first, count, first, count, ..."""
    rows = [(*move, _runs(nights)) for move, nights in history.items()]
    return orjson.dumps(rows).decode()


def decode(text: str) -> History:
    """Return the history that `encode` made a text of."""
    history: History = {}
    for *move, runs in orjson.loads(text):
        nights: list[int] = []
        for first, count in zip(runs[::2], runs[1::2], strict=True):
            nights.extend(range(first, first + count))
        history[tuple(move)] = nights
    return history


def booked_minute(text: str) -> str:
    """Return the minute (UTC) of the first booking of an encoded history; "" without a booking."""
    times = [move[0] for move in orjson.loads(text) if move[1] == BOOKING]
    return str(min(times))[:MINUTE] if times else ""


def _runs(nights: list[int]) -> list[int]:
    if len(nights) == 1:
        return [nights[0], 1]
    runs: list[int] = []
    for night in sorted(nights):
        if runs and night == runs[-2] + runs[-1]:
            runs[-1] += 1
        else:
            runs += (night, 1)
    return runs
