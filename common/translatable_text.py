"""Texts that are stored and read later in another language: what is said, apart from the words.

A price's reasons are made once and read by people of several languages. What is stored is the
message in English, as the catalogs have it, with its values; `render` puts it in words. Values are
numbers, plain texts, dates with a format, amounts, and texts of this kind.

    Text("%(booked)d of %(rooms)d rooms are booked.", {"booked": 28, "rooms": 40})

A message is written as `Text(...)` or `plural(...)` with its words as a constant: there
`update_translations` finds it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext, ngettext

from common.number_and_date_texts import (
    date_text,
    english_date_text,
    english_number_text,
    number_text,
)

DATE, NUMBER = "date", "number"


@dataclass(frozen=True)
class Text:
    """A message with its values.

    Attributes:
        message: in English, with named placeholders ("%(booked)d").
        values: by the placeholders' names: text, whole number, `Text`, or what `day` and
            `amount` return.
        plural: the message where `count` is not 1; empty where there is only one form.
        count: by which the form is chosen.
    """

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    plural: str = ""
    count: int = 0

    def render(self) -> str:
        """Return the words in the active language."""
        if self.plural:
            message = ngettext(self.message, self.plural, self.count)
        else:
            message = gettext(self.message)
        return message % {name: _words(value) for name, value in self.values.items()}

    def in_english(self) -> str:
        """Return the words in English, whatever the active language is.

        The messages are English, so no catalog is asked: a year of nights has thousands.
        """
        message = self.plural if self.plural and self.count != 1 else self.message
        return message % {
            name: value.in_english() if isinstance(value, Text | Shown) else value
            for name, value in self.values.items()
        }

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        values = {
            name: value.to_json() if isinstance(value, Text | Shown) else value
            for name, value in self.values.items()
        }
        stored: dict[str, Any] = {"message": self.message}
        if values:
            stored["values"] = values
        if self.plural:
            stored |= {"plural": self.plural, "count": self.count}
        return stored


@dataclass(frozen=True)
class Shown:
    """A date or an amount, as a value of a text: written in the reader's language."""

    kind: str
    value: str
    form: str

    def render(self) -> str:
        """Return it as text in the active language."""
        if self.kind == DATE:
            return date_text(date.fromisoformat(self.value), self.form)
        return number_text(Decimal(self.value), self.form)

    def in_english(self) -> str:
        """Return it as text in English, whatever the active language is."""
        if self.kind == DATE:
            return english_date_text(date.fromisoformat(self.value), self.form)
        return english_number_text(Decimal(self.value), self.form)

    def to_json(self) -> list[str]:
        """Return what `from_json` reads."""
        return [self.kind, self.value, self.form]


def plural(one: str, more: str, count: int, values: Mapping[str, Any]) -> Text:
    """Return a text in the form for a count."""
    return Text(one, values, more, count)


def day(value: date, form: str = "date") -> Shown:
    """Return a date as a value; `form` as `date_text` names it."""
    return Shown(DATE, value.isoformat(), form)


def amount(value: Decimal | int | float, form: str = "number") -> Shown:
    """Return a number as a value; `form` as `number_text` names it."""
    return Shown(NUMBER, str(value), form)


def from_json(stored: Any) -> Text:
    """Return the text that `to_json` has stored."""
    values = {name: _value(value) for name, value in stored.get("values", {}).items()}
    return Text(stored["message"], values, stored.get("plural", ""), stored.get("count", 0))


def render_all(texts: Iterable[Text]) -> str:
    """Return sentences in the active language, one after the other."""
    return " ".join(text.render() for text in texts)


def _value(stored: Any) -> Any:
    if isinstance(stored, dict):
        return from_json(stored)
    return Shown(*stored) if isinstance(stored, list) else stored


def _words(value: Any) -> Any:
    return value.render() if isinstance(value, Text | Shown) else value
