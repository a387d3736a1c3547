"""Errors whose messages are shown to who sent a value or a file, in the language of the reader."""

from typing import Any

from common.translatable_text import Text


class FieldError(ValueError):
    """A value is invalid; the message is meant for the sender, and continues the field's name."""


class FileError(Exception):
    """A file cannot be used; the message is put in words when it is read.

    A worker notes it, and people of several languages read what it noted.

    Attributes:
        text: the message; plain English where only commands show it.
    """

    def __init__(self, text: Text | str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return self.text.render() if isinstance(self.text, Text) else self.text


def reason_of(error: BaseException) -> Any:
    """Return an error's message as a value of another text."""
    return error.text if isinstance(error, FileError) else str(error)
