"""The optional fields of an event: rate and currency; room type, channel and segment.

A rate is stored as a whole number of thousandths, so that sums are exact. It has at most three
decimals in every currency, also where the currency's coins have fewer: a total that a hotel spreads
over its nights gives 33.333 EUR or 120.5 JPY, and the ledger keeps the hotel's own reckoning.

The words are the sender's. They are trimmed and otherwise kept as they are, letter case included.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from common.currencies import CURRENCY_DECIMALS, THOUSANDTHS
from common.error_limits import quote_value
from data_provider.field_errors import FieldError

WORDS = ("room_type", "channel", "segment")
OPTIONAL = ("rate", "currency", *WORDS)  # the order of the last fields of `EventRow`
MAX_WORD_CHARACTERS = 40

#: Thousandths, currency, room type, channel, segment; None where the event has none.
OptionalValues = tuple[int | None, str | None, str | None, str | None, str | None]
NO_OPTIONAL_VALUES: OptionalValues = (None, None, None, None, None)

_RATE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,3})?", re.ASCII)
# Line and paragraph separators end a line as a control character does; surrogates are bytes that
# are no UTF-8.
_REFUSED_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}

# The spelling that nearly every file uses, with an empty text for none; `delimiter` is the file's.
CANONICAL_OPTIONAL_PATTERNS = {
    "rate": r"(?P<rate>(?:[0-9]{{1,9}}(?:\.[0-9]{{1,3}})?)?)",
    "currency": r"(?P<currency>(?:[A-Z]{{3}})?)",
} | {name: rf'(?P<{name}>[^"{{delimiter}}]*)' for name in WORDS}


def parse_optional_values(values: Mapping[str, Any]) -> tuple[OptionalValues, dict[str, list[str]]]:
    """Validate the optional fields of an event; a field that is missing or None is absent.

    Returns:
        The values, and the reasons by field; the values mean nothing when there are reasons.
    """
    parsed: dict[str, Any] = dict.fromkeys(OPTIONAL)
    errors: dict[str, list[str]] = {}
    for name, parse in _PARSERS.items():
        value = values.get(name)
        if value is not None:
            try:
                parsed[name] = parse(value)
            except FieldError as error:
                errors[name] = [str(error)]
    has_rate, has_currency = (values.get(name) is not None for name in ("rate", "currency"))
    if has_rate and not has_currency:
        errors["currency"] = [_("is required with a rate")]
    elif has_currency and not has_rate:
        errors.setdefault("currency", []).append(_("stands without a rate: give both or neither"))
    rate, currency, room_type, channel, segment = parsed.values()
    return (rate, currency, room_type, channel, segment), errors


def optional_values_from_canonical_texts(
    rate: str, currency: str, room_type: str, channel: str, segment: str
) -> OptionalValues | None:
    """Return the values of texts that matched CANONICAL_OPTIONAL_PATTERNS, None if one is invalid.

    An empty text is an absent value.
    """
    try:
        if not rate and not currency:
            return (None, None, *_parse_words(room_type, channel, segment))
        if not rate or currency not in CURRENCY_DECIMALS:
            return None
        return (_thousandths(rate), currency, *_parse_words(room_type, channel, segment))
    except FieldError:
        return None


def parse_rate(value: Any) -> int:
    """Return a rate in thousandths, read from a text or a JSON number.

    Raises: FieldError.
    """
    if isinstance(value, str):
        text = value.strip()
    else:
        # The shortest text of a float is what the sender wrote: a rate has at most 12 digits.
        text = repr(value) if type(value) in (int, float) else ""
    if not _RATE.fullmatch(text):
        raise FieldError(
            _(
                "must be a decimal of at most 9 digits before and 3 after the point, like 120.50, "
                "not %(value)s"
            )
            % {"value": quote_value(value)}
        )
    return _thousandths(text)


def parse_currency(value: Any) -> str:
    """Return a currency's code in capitals. Raises: FieldError."""
    code = value.strip().upper() if isinstance(value, str) else ""
    if code not in CURRENCY_DECIMALS:
        raise FieldError(
            _("must be an ISO 4217 code like EUR, not %(value)s") % {"value": quote_value(value)}
        )
    return code


def parse_word(value: Any) -> str:
    """Return a sender's word, trimmed. Raises: FieldError."""
    return parse_text(value, MAX_WORD_CHARACTERS)


def parse_text(value: Any, max_characters: int) -> str:
    """Return a sender's text of one line, trimmed. Raises: FieldError."""
    if not isinstance(value, str):
        raise FieldError(_("must be a text, not %(value)s") % {"value": quote_value(value)})
    word = value.strip()
    if not word:
        raise FieldError(_("must not be empty: leave the field out"))
    if len(word) > max_characters:
        raise FieldError(
            _("must have at most %(most)d characters, not the %(number)d of %(value)s")
            % {"most": max_characters, "number": len(word), "value": quote_value(value)}
        )
    if not word.isprintable() and any(
        unicodedata.category(character) in _REFUSED_CATEGORIES for character in word
    ):
        raise FieldError(
            _(
                "must have no control characters, line breaks or bytes that are no UTF-8, "
                "not %(value)s"
            )
            % {"value": quote_value(value)}
        )
    return word


@lru_cache(maxsize=10_000)  # the same rates come again and again
def _thousandths(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * THOUSANDTHS + int(part.ljust(3, "0"))


@lru_cache(maxsize=10_000)
def _parse_words(*texts: str) -> tuple[str | None, str | None, str | None]:
    room_type, channel, segment = (parse_word(text) if text.strip() else None for text in texts)
    return room_type, channel, segment


_PARSERS = {"rate": parse_rate, "currency": parse_currency} | dict.fromkeys(WORDS, parse_word)
