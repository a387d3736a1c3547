"""The rules of a competitor's rate as it was seen: one set for JSON bodies and files.

`parse_rate` returns a `SeenRate` of canonical values, or the reasons of every invalid field.
Different spellings of the same sighting (an offset or UTC, blanks around a name) give equal values,
because hotel, night, competitor, room type and time are the sighting's identity. Letter case is
kept: names are the rate shopper's words.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from common.currencies import CURRENCY_DECIMALS
from common.error_limits import MAX_REPORTED_ERRORS, quote_value
from common.number_and_date_texts import number_text
from common.value_limits import MAX_HOTEL_ID, MAX_YEAR, MIN_YEAR
from pricing_service.market_rates.rate_models import MAX_NAME_CHARACTERS
from pricing_service.model_fields import shortened

FIELDS: Final = ("hotel_id", "competitor", "night", "room_type", "rate", "currency", "seen_at")
REQUIRED: Final = ("hotel_id", "competitor", "night", "rate", "seen_at")
# A time without its offset may be up to 14 hours ahead of UTC; a day of the future is a mistake.
FUTURE_TOLERANCE: Final = timedelta(days=1)

_DIGITS = re.compile(r"[0-9]{1,10}", re.ASCII)
_RATE = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,3})?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ Tt](?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r" ?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?",
    re.ASCII,
)
# Line and paragraph separators end a line as a control character does; surrogates are no text.
_REFUSED_CATEGORIES: Final = {"Cc", "Cs", "Zl", "Zp"}


class SeenRate(NamedTuple):
    """One sighting in canonical values; its identity first, so that sightings sort by it."""

    hotel_id: int
    night: date
    competitor: str
    room_type: str  # empty: the rate shopper names none
    seen_at: datetime  # UTC
    rate: Decimal | None  # None: sold out
    currency: str  # ISO 4217; empty only without a rate


def identity(seen: SeenRate) -> tuple[Any, ...]:
    """Return what makes two sightings the same one."""
    return seen[:5]


def parse_rate(
    values: Mapping[str, Any], now: datetime
) -> tuple[SeenRate | None, dict[str, list[str]]]:
    """Validate a sighting given by its REST field names.

    Args:
        now: with a time zone; nothing can have been seen long after it.
    Returns:
        The sighting and an empty dict; or None and the reasons by field, for every invalid field.
    """
    parsed: dict[str, Any] = {"room_type": "", "currency": "", "rate": None}
    errors: dict[str, list[str]] = {}
    unknown = (name for name in values if name not in FIELDS)
    for name in islice(unknown, MAX_REPORTED_ERRORS):
        errors[name] = [_("unknown field; known are: %(fields)s") % {"fields": ", ".join(FIELDS)}]
    for name, parse in _PARSERS.items():
        value = values.get(name)
        if value is None or value == "":
            # `rate` has to be told, so that a forgotten one is not taken for sold out.
            is_told = name == "rate" and name in values and value is None
            if name in REQUIRED and not is_told:
                errors[name] = [
                    _("is required; null: sold out") if name == "rate" else _("is required")
                ]
            continue
        try:
            parsed[name] = parse(value)
        except ValueError as error:
            errors[name] = [str(error)]
    if parsed["rate"] is not None and not parsed["currency"] and "currency" not in errors:
        errors["currency"] = [_("is required with a rate")]
    if "seen_at" in parsed and parsed["seen_at"] > now + FUTURE_TOLERANCE:
        errors["seen_at"] = [
            _("lies in the future: %(value)s") % {"value": quote_value(values["seen_at"])}
        ]
    if errors:
        return None, errors
    return SeenRate(**parsed), {}


def parse_hotel_id(value: Any) -> int:
    """Return a hotel's id. Raises: ValueError."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if type(value) is not int:
        raise ValueError(_("must be a whole number, not %(value)s") % {"value": quote_value(value)})
    if not 1 <= value <= MAX_HOTEL_ID:
        raise ValueError(
            _("must be from 1 to %(most)d, not %(value)s")
            % {"most": MAX_HOTEL_ID, "value": quote_value(value)}
        )
    return value


def _too_long(name: str) -> str:
    return _("has %(number)s characters; at most %(most)d are allowed") % {
        "number": number_text(len(name)),
        "most": MAX_NAME_CHARACTERS,
    }


def _outside_of_years() -> str:
    return _("must lie in the years %(first)d to %(last)d") % {"first": MIN_YEAR, "last": MAX_YEAR}


@lru_cache(maxsize=10_000)  # the same names come again and again
def _name(text: str) -> str:
    name = text.strip()
    wrong = next((c for c in name if unicodedata.category(c) in _REFUSED_CATEGORIES), None)
    if wrong is not None:
        raise ValueError(
            _("has a character that no name has: %(value)s") % {"value": quote_value(wrong)}
        )
    if len(name) > MAX_NAME_CHARACTERS:
        raise ValueError(_too_long(name))
    return name


def parse_name(value: Any) -> str:
    """Return a competitor's or room type's name, trimmed. Raises: ValueError."""
    if not isinstance(value, str):
        raise ValueError(_("must be a text, not %(value)s") % {"value": quote_value(value)})
    if len(value) > 10 * MAX_NAME_CHARACTERS:
        raise ValueError(_too_long(value))
    return _name(value)


def parse_competitor(value: Any) -> str:
    """Return a competitor's name. Raises: ValueError, also for blanks alone."""
    name = parse_name(value)
    if not name:
        raise ValueError(_("is required"))
    return name


@lru_cache(maxsize=10_000)
def _night(text: str) -> date:
    try:
        night = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(_("is no real date: %(value)s") % {"value": quote_value(text)}) from error
    if not MIN_YEAR <= night.year <= MAX_YEAR:
        raise ValueError(_outside_of_years())
    return night


def parse_night(value: Any) -> date:
    """Return a night read from `YYYY-MM-DD`. Raises: ValueError."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError(
            _("must be a date like 2027-05-01, not %(value)s") % {"value": quote_value(value)}
        )
    return _night(value)


def parse_amount(value: Any) -> Decimal:
    """Return a rate read from a text or a JSON number. Raises: ValueError."""
    if isinstance(value, str):
        text = value.strip()
    else:
        # The shortest text of a float is what the sender wrote: a rate has at most 13 digits.
        text = repr(value) if type(value) in (int, float) else ""
    if not _RATE.fullmatch(text):
        raise ValueError(
            _(
                "must be a decimal of at most 10 digits before and 3 after the point, like "
                "120.50, or null for sold out, not %(value)s"
            )
            % {"value": quote_value(value)}
        )
    amount = shortened(Decimal(text))
    if not amount:
        raise ValueError(_("must be more than 0; null: sold out"))
    return amount


def parse_currency(value: Any) -> str:
    """Return a currency's code in capitals. Raises: ValueError."""
    code = value.strip().upper() if isinstance(value, str) else ""
    if code not in CURRENCY_DECIMALS:
        raise ValueError(
            _("must be an ISO 4217 code like EUR, not %(value)s") % {"value": quote_value(value)}
        )
    return code


def parse_time(value: Any) -> datetime:
    """Return a time in UTC; without an offset it is UTC. Raises: ValueError."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError(
            _("must be a date and a time like 2027-03-01T10:00:00Z, not %(value)s")
            % {"value": quote_value(value)}
        )
    try:
        text = value.upper()
        moment = datetime.fromisoformat(text[:11] + text[11:].replace(" ", ""))
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(_("is no real time: %(value)s") % {"value": quote_value(value)}) from error
    if not MIN_YEAR <= moment.year <= MAX_YEAR:
        raise ValueError(_outside_of_years())
    return moment


_PARSERS: Final[dict[str, Callable[[Any], Any]]] = {
    "hotel_id": parse_hotel_id,
    "competitor": parse_competitor,
    "night": parse_night,
    "room_type": parse_name,
    "rate": parse_amount,
    "currency": parse_currency,
    "seen_at": parse_time,
}
