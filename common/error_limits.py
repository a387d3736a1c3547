"""Limits of what an error response repeats: how many reasons, and how much of a client's values.

A body of 8 MB may be wrong in a million places. A response names the first MAX_REPORTED_ERRORS and
says how many more there are; quoted values, names of fields and whole reasons are cut. Every REST
error passes `limit_errors`; code that checks many rows or names collects in `ErrorCollector`, so
that reasons that nobody will read are not even kept in memory.
"""

import reprlib
from collections.abc import Mapping
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail

from common.number_and_date_texts import number_text

MAX_REPORTED_ERRORS = 20  # more than a person mends before trying again
MAX_QUOTED_CHARACTERS = 60  # of a value, or of the name of a field
MAX_REASON_CHARACTERS = 500  # the longest of our own lists all fields of the pricing rules
_LEFT_OUT = "left_out:"  # with a number: the code of the reason that says how many more there are

# Only the outermost level: a value may be nested deeper than Python can recurse.
_short_repr = reprlib.Repr()
_short_repr.maxlevel = 1
_short_repr.maxlist = _short_repr.maxdict = MAX_QUOTED_CHARACTERS // 3
_short_repr.maxstring = _short_repr.maxother = MAX_QUOTED_CHARACTERS


class ErrorCollector:
    """Errors by name or index: the first ones with their reasons, of the others their number."""

    def __init__(self) -> None:
        self._errors: dict[Any, Any] = {}
        self._reported = self._left_out = 0

    def __bool__(self) -> bool:
        return bool(self._errors)

    def add(self, place: str | int, reasons: Any) -> None:
        """Add the reasons of a field or a row, which replace earlier ones of the same place.

        Args:
            reasons: as ValidationError takes them.
        """
        count = count_reasons(reasons)
        if self._reported < MAX_REPORTED_ERRORS:
            self._errors[_short_place(place)] = reasons
            self._reported += count
        else:
            self._left_out += count

    def leave_out(self, count: int) -> None:
        """Count errors of which the place and the reasons need not be known."""
        self._left_out += count

    def detail(self) -> dict[Any, Any]:
        """Return the errors for a ValidationError."""
        if not self._left_out:
            return self._errors
        return {**self._errors, "detail": [_and_more(self._left_out)]}


def limit_errors(errors: Any) -> Any:
    """Return a copy of a response's errors with at most MAX_REPORTED_ERRORS reasons, each cut.

    Args:
        errors: reasons, lists and dicts of them, nested in any way.
    """
    remaining = _Remaining()
    limited = remaining.limit(errors)
    if not remaining.left_out:
        return limited
    more = _and_more(remaining.left_out)
    if isinstance(limited, dict):
        return {**limited, "detail": [more]}
    return [*limited, more] if isinstance(limited, list) else limited


def count_reasons(errors: Any) -> int:
    """Return how many reasons there are in errors, with those that were left out."""
    if isinstance(errors, Mapping):
        return sum(map(count_reasons, errors.values()))
    if isinstance(errors, list | tuple):
        return sum(map(count_reasons, errors))
    return _number_left_out(errors) or 1


def quote_value(value: Any) -> str:
    """Format a client's value for a message: in quotes if it is a text, and cut."""
    if isinstance(value, str):
        text = repr(value[: MAX_QUOTED_CHARACTERS + 1])
    elif isinstance(value, Mapping):  # reprlib would sort all of its keys
        text = _short_repr.repr(dict(islice(value.items(), MAX_QUOTED_CHARACTERS)))
    else:
        text = _short_repr.repr(value)
    if len(text) <= MAX_QUOTED_CHARACTERS:
        return text
    return text[: MAX_QUOTED_CHARACTERS - 3] + "…"


def shorten(text: str, characters: int) -> str:
    """Return a text, its middle left out if it is longer than so many characters."""
    if len(text) <= characters:
        return text
    end = characters // 3  # a reason's end often says what is wrong with the value before it
    return f"{text[: characters - end - 1]}…{text[-end:]}"


class _Remaining:
    """How many reasons may still be reported, and how many were left out."""

    def __init__(self) -> None:
        self.reasons, self.left_out = MAX_REPORTED_ERRORS, 0

    def limit(self, errors: Any) -> Any:
        if isinstance(errors, Mapping):
            limited = {}
            for place, reasons in errors.items():
                kept = self.limit(reasons)
                if kept or not reasons:
                    limited[_short_place(place)] = kept
            return limited
        if isinstance(errors, list | tuple):
            rows = [self.limit(reasons) for reasons in errors]
            # An index says which row it is: only what follows the last reported row may go.
            while rows and not rows[-1]:
                rows.pop()
            return rows
        if number := _number_left_out(errors):
            self.left_out += number
            return None
        if self.reasons == 0:
            self.left_out += 1
            return None
        self.reasons -= 1
        return shorten(errors, MAX_REASON_CHARACTERS) if isinstance(errors, str) else errors


def _and_more(number: int) -> ErrorDetail:
    told = _("and %(number)s more") % {"number": number_text(number)}
    return ErrorDetail(told, code=f"{_LEFT_OUT}{number}")


def _number_left_out(reason: Any) -> int:
    """Return the number of a reason that `_and_more` made; 0 for every other reason."""
    code = str(getattr(reason, "code", ""))
    return int(code.removeprefix(_LEFT_OUT)) if code.startswith(_LEFT_OUT) else 0


def _short_place(place: Any) -> Any:
    return shorten(place, MAX_QUOTED_CHARACTERS) if isinstance(place, str) else place
