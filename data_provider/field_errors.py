"""The error of one field of an event."""


class FieldError(ValueError):
    """A value is invalid; the message is meant for the sender."""
