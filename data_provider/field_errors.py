"""The error of one field of an event, and how its message quotes a value."""

from typing import Any

MAX_VALUE_CHARACTERS = 60  # of a value that an error message quotes


class FieldError(ValueError):
    """A value is invalid; the message is meant for the sender."""


def format_for_message(value: Any) -> str:
    """Format a value for an error message: quoted, and cut to MAX_VALUE_CHARACTERS."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_VALUE_CHARACTERS else text[: MAX_VALUE_CHARACTERS - 3] + "…"
