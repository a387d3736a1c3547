"""What an event must be to be read, for the table and the archive alike."""

import uuid
from datetime import date, datetime
from typing import Literal, NamedTuple

Operator = Literal["=", "<", "<=", ">", ">=", "IN"]
Order = Literal["timestamp, id", "id"]
Value = int | datetime | date | uuid.UUID | list[int]


class Condition(NamedTuple):
    """A column of the events' table compared with a value."""

    column: str
    operator: Operator
    value: Value  # as the model's field gives it; some numbers for IN


class Place(NamedTuple):
    """An event's place in the order of time."""

    timestamp: datetime
    id: int
