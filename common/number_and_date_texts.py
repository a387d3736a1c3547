"""Numbers, dates and times as plain text, as the language of the reader writes them.

English is written as it always was here ("30 Nov 2026", "1,234"); other languages by Unicode's
CLDR, which browsers use too (static/common/number_and_date_formats.js has the same names of
formats), so that a page does not change when its script writes them again in the reader's region.
"""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import NumberPattern, parse_pattern
from django.conf import settings
from django.utils.translation import get_language

NO_VALUE, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
ENGLISH: Final = "en"
ENGLISH_DATES: Final = {
    "day": "{0:%a} {0.day} {0:%b} {0.year}",
    "date": "{0.day} {0:%b} {0.year}",
    "long": "{0.day} {0:%B} {0.year}",
    "long-day": "{0:%A} {0.day} {0:%B} {0.year}",
    "short": "{0.day} {0:%b}",
    "long-short": "{0.day} {0:%B}",
    "long-weekday": "{0:%A}",
    "long-weekday-short": "{0:%A} {0.day} {0:%B}",
    "month": "{0:%B} {0.year}",
    "month-name": "{0:%B}",
    "month-short": "{0:%b}",
    "year": "{0.year}",
}
SKELETONS: Final = {  # CLDR's names of what a date shows
    "day": "yMMMEd",
    "date": "yMMMd",
    "long": "yMMMMd",
    "short": "MMMd",
    "long-short": "MMMMd",
    "long-weekday-short": "MMMMEd",
    "month": "yMMMM",
    "year": "y",
}
PATTERNS: Final = {
    "month-name": "LLLL",
    "month-short": "LLL",
    "long-weekday": "cccc",
    "long-day": "full",
}
# CLDR's minimumGroupingDigits, which Babel does not have: "1234", and "12.345".
MIN_GROUPED: Final = {"it": 10_000, "es": 10_000}


def current_language() -> str:
    """Return the code of the active language, English where none is active."""
    return get_language() or ENGLISH


def offered_languages() -> list[tuple[str, str]]:
    """Return the languages of pages, each with its code and its own name.

    For choices of a model's field: called there, so that another language is no migration.
    """
    return list(settings.LANGUAGES)


def is_english() -> bool:
    """Return whether texts are written in English."""
    return _is_english(current_language())


def _is_english(language: str) -> bool:
    return language.partition("-")[0] == ENGLISH


def number_text(value: Any, kind: str = "number") -> str:
    """Return a number as text; a dash for None.

    Args:
        kind: `number`, `signed`, `percent` (of a share), `whole-percent`, `change` (a signed
            share), `points` (signed percentage points), or `amount:2`, `signed-amount:2` (a
            decimal text, or a number, with so many decimals).
    """
    return _number_text(value, kind, current_language())


def english_number_text(value: Any, kind: str = "number") -> str:
    """Return a number as `number_text` does, in English whatever the active language is.

    It asks for no language, which takes as long as writing the number: prices store thousands.
    """
    return _number_text(value, kind, ENGLISH)


def _number_text(value: Any, kind: str, language: str) -> str:
    if value is None:
        return NO_VALUE
    name, _, decimals = kind.partition(":")
    if decimals:
        value = Decimal(str(value))
    digits = int(decimals) if decimals else {"percent": 1, "change": 1, "points": 1}.get(name)
    text = _unsigned(abs(value), "percent" in name or name == "change", digits, language)
    if name in ("signed", "change", "points", "signed-amount"):
        return f"{'+' if value > 0 else _minus(language) if value < 0 else ''}{text}"
    return f"{_minus(language)}{text}" if value < 0 else text


def money_text(amount: Any, decimals: int | None = None) -> str:
    """Return an amount without its currency; a dash for None.

    Args:
        amount: with the currency's decimals, as REST has it.
        decimals: how many are written; by default those that it has, or none if all are zero.
    """
    if amount is None:
        return NO_VALUE
    if decimals is None:
        own = len(str(amount).partition(".")[2])
        decimals = max(2, own) if Decimal(str(amount)) % 1 else 0
    return number_text(amount, f"amount:{decimals}")


def date_text(day: date, kind: str = "date") -> str:
    """Return a date as text.

    Args:
        kind: `day` (with weekday), `date`, `short` (without the year), these with the whole
            names of months and weekdays as `long-day`, `long`, `long-short` and
            `long-weekday-short`; `month`, `month-name`, `month-short`, `year`, `long-weekday`.
    """
    if is_english():
        return english_date_text(day, kind)
    return _translated_date(day, kind, current_language())


def english_date_text(day: date, kind: str = "date") -> str:
    """Return a date as `date_text` does, in English whatever the active language is."""
    return ENGLISH_DATES[kind].format(day)


def clock_text(moment: datetime) -> str:
    """Return the time of day, to the minute, as it is in the moment's own zone."""
    if is_english():
        return f"{moment:%H:%M}"
    return str(format_time(moment.time(), "short", locale=_locale(current_language())))


def time_text(moment: datetime, zone: str = "UTC") -> str:
    """Return date and time of day in a time zone."""
    local = moment.astimezone(ZoneInfo(zone))
    if is_english():
        return f"{date_text(local)} {clock_text(local)}"
    pattern = str(_locale(current_language()).datetime_formats["medium"])
    day = format_date(local, "medium", locale=_locale(current_language()))
    return pattern.replace("{1}", day).replace("{0}", clock_text(local))


@lru_cache(4096)  # a page has hundreds of dates, the same ones again and again
def _translated_date(day: date, kind: str, language: str) -> str:
    locale = _locale(language)
    if kind in PATTERNS:
        return str(format_date(day, PATTERNS[kind], locale=locale))
    if kind == "long-weekday-short":  # Babel has the short weekday only
        pattern = str(locale.datetime_skeletons[SKELETONS[kind]].pattern)
        return str(format_date(day, pattern.replace("E", "EEEE"), locale=locale))
    return str(format_skeleton(SKELETONS[kind], day, locale=locale))


def _minus(language: str) -> str:
    if _is_english(language):
        return MINUS
    symbols = _locale(language).number_symbols
    return str(symbols.get("latn", symbols)["minusSign"])


def _unsigned(value: Any, is_share: bool, digits: int | None, language: str) -> str:
    if _is_english(language):
        digits = 0 if digits is None and is_share else digits
        form = "," if digits is None else f",.{digits}f"
        return f"{value:.{digits}%}" if is_share else f"{value:{form}}"
    pattern = _pattern(language, is_share, digits)
    number = round(value * 100 if is_share else value, 3 if digits is None else digits)
    is_grouped = number >= MIN_GROUPED.get(language.partition("-")[0], 0)
    return str(pattern.apply(value, _locale(language), group_separator=is_grouped))


@lru_cache(64)
def _pattern(language: str, is_share: bool, digits: int | None) -> NumberPattern:
    formats = _locale(language).percent_formats if is_share else _locale(language).decimal_formats
    pattern = parse_pattern(formats[None].pattern)
    if digits is not None:
        pattern.frac_prec = (digits, digits)
    return pattern


@lru_cache(16)
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")
