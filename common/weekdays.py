"""The days of a week as a reader's region has them: with which a week begins, and their letters."""

from typing import Any, Final, NamedTuple

from babel import Locale, UnknownLocaleError
from babel.dates import get_day_names
from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from common.number_and_date_texts import current_language, is_english

MONDAY: Final = 0
ENGLISH_LETTERS: Final = "MTWTFSS"


class Weekday(NamedTuple):
    """A day of the week, as the head of a column."""

    weekday: int  # 0 is Monday
    letter: str


def first_weekday(request: HttpRequest) -> int:
    """Return with which weekday (0 is Monday) a week begins where a page's reader is.

    The region is that of the browser's first language that is the page's own (en-US, de-AT), as
    the pages' scripts take it, too; without a region it is Monday.
    """
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())
    language = current_language().partition("-")[0]
    for name, _ in accepted:
        if name.partition("-")[0] == language:
            return _first_weekday(name)
    return MONDAY


def week(first: int) -> list[Weekday]:
    """Return the days of a week in order, with their letters in the active language."""
    return [Weekday(day, _letters()[day]) for day in ((first + n) % 7 for n in range(7))]


def _first_weekday(name: str) -> int:
    try:
        locale = Locale.parse(name, sep="-")
    except (ValueError, UnknownLocaleError):
        return MONDAY
    return int(locale.first_week_day) if locale.territory else MONDAY


def _letters() -> Any:
    if is_english():
        return ENGLISH_LETTERS
    return get_day_names("narrow", "stand-alone", Locale.parse(current_language(), sep="-"))
