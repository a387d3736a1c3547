"""Conditions on the columns of the event table, and positions in the order of time."""

import uuid
from datetime import date, datetime
from typing import Literal, NamedTuple

Operator = Literal["=", "<", "<=", ">", ">=", "IN"]
Order = Literal["timestamp, id", "id"]
Value = int | datetime | date | uuid.UUID | list[int] | list[str]


class Condition(NamedTuple):
    """A comparison of a column of the event table, or a term of it, with a value."""

    column: str
    operator: Operator
    value: Value  # of the model field's Python type; a list of integers or UUIDs as text for IN


class Share(NamedTuple):
    """The events of the hotels whose id leaves the remainder `number` when divided by `shares`."""

    number: int
    shares: int

    @property
    def sql(self) -> str:
        """Return the condition for a statement that has parameters; both are our own integers."""
        return f"hotel_id %% {self.shares:d} = {self.number:d}"

    def condition(self) -> Condition:
        """Return the condition that an event is of this share."""
        return Condition(f"hotel_id %% {self.shares:d}", "=", self.number)


class Place(NamedTuple):
    """An event's place in the order of time: by timestamp, then by id."""

    timestamp: datetime
    id: int
