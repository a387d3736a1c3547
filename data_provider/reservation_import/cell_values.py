"""Dates, amounts and status words of exports, in the spellings of several countries.

A date's order of day and month and an amount's decimal sign are told by the caller: a cell alone
cannot say whether 03/04/2026 is in March or in April, or whether 1.234 is more than a thousand.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.utils.translation import gettext as _

from common.currencies import CURRENCY_DECIMALS, THOUSANDTHS
from common.error_limits import quote_value
from data_provider.field_errors import FieldError
from data_provider.reservations.snapshot import CANCELLED, CONFIRMED, NO_SHOW

Cell = Any  # text of a CSV file; of an Excel file also a date, datetime, number or None

_TIME = (
    r"(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?"
    r"(?: ?([AaPp])\.?[Mm]\.?)?(Z|[+-]\d{2}:?\d{2})?)?"
)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TIME)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})" + _TIME)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})" + _TIME)
# Apostrophes and all kinds of blanks group thousands.
_GROUPING = re.compile("['\u2019 \u00a0\u2009\u202f]")
# In groups of three, or as in India (12,34,567), each with the same sign between them.
_AMOUNT = re.compile(
    r"(?:[0-9]{1,9}|[0-9]{1,3}(?:(?P<sign>[^0-9])[0-9]{3})(?:(?P=sign)[0-9]{3})*"
    r"|[0-9]{1,2}(?P<other>[^0-9])[0-9]{2}(?:(?P=other)[0-9]{2})*(?P=other)[0-9]{3})(?:\|[0-9]+)?"
)
_CODE = re.compile(r"[A-Za-z]{3}")
_SIGNS = {"€": "EUR", "£": "GBP"}  # others, such as $, belong to several currencies
_OTHER_SIGNS = "$¥₹₺₽₩₪฿"

_WORDS = {
    CONFIRMED: (
        "ok", "active", "new", "booked", "confirmed", "definite", "guaranteed", "modified",
        "reserved", "in house", "in-house", "inhouse", "arrived", "checked in", "checked-in",
        "check-in",
        "checkin", "checked out", "checked-out", "check-out", "checkout", "departed", "stayed",
        "due in", "due out", "expected", "completed", "amended", "not canceled",
        "bestätigt", "gebucht", "fest", "reserviert", "angereist", "abgereist", "eingecheckt",
        "ausgecheckt", "anwesend", "im haus", "garantiert", "geändert",
        "confirmé", "confirmée", "réservé", "réservée", "arrivé", "arrivée", "parti", "partie",
        "en séjour", "modifiée", "garantie",
        "confirmada", "confirmado", "reservada", "reservado", "llegada", "en casa", "salida",
        "alojado", "garantizada", "modificada",
        "confermata", "confermato", "prenotata", "prenotato", "arrivata", "arrivato", "partita",
        "partito", "in casa", "garantita",
        "bevestigd", "geboekt", "gereserveerd", "ingecheckt", "uitgecheckt", "aangekomen",
        "vertrokken",
        "hospedado", "garantida",
    ),
    CANCELLED: (
        "cancelled", "canceled", "cancel", "cxl", "void", "deleted", "cancelled by guest",
        "cancelled_by_guest", "cancelled_by_hotel", "storniert", "storno", "abgesagt", "gelöscht",
        "annulé", "annulée", "annulation", "cancelada", "cancelado", "anulada", "anulado",
        "cancellata", "cancellato", "annullata", "annullato", "disdetta", "geannuleerd",
    ),
    NO_SHOW: (
        "no show", "no-show", "noshow", "no_show", "nicht angereist", "nicht erschienen",
        "non présenté", "non présentée", "no presentado", "no presentada", "mancato arrivo",
        "niet verschenen", "não compareceu", "nao compareceu",
    ),
}  # fmt: skip
# No numbers and letters, which mean other things elsewhere: they are told in the mapping.
STATUS_WORDS = {word: status for status, words in _WORDS.items() for word in words}


def date_parts(text: str) -> tuple[int, int] | None:
    """Return the first two numbers of a date whose year comes last, else None."""
    match = _YEAR_LAST.fullmatch(text.strip())
    return (int(match[1]), int(match[2])) if match else None


def has_full_stops(text: str) -> bool:
    """Return whether full stops stand between the numbers of a date, as in 3.4.2026."""
    return re.match(r"[0-9]+\.[0-9]+\.", text.strip()) is not None


def parse_time(cell: Cell, order: str | None) -> str:
    """Return a cell's date and time as ISO 8601; midnight where there is no time of day.

    An offset is kept; without one it is the caller's to say which zone it is.

    Args:
        order: "day" or "month": which comes first where the year comes last.
    Raises: FieldError.
    """
    if isinstance(cell, datetime):
        return cell.replace(microsecond=0).isoformat(" ")
    if isinstance(cell, date):
        return f"{cell.isoformat()} 00:00:00"
    text = str(cell).strip()
    if match := _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := _YEAR_LAST.fullmatch(text):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        year += 2000 if len(match[3]) == 2 else 0
        month, day = (first, second) if order == "month" else (second, first)
    else:
        raise FieldError(_("is no date: %(value)s") % {"value": quote_value(cell)})
    hour, minute, second = int(match[4] or 0), int(match[5] or 0), int(match[6] or 0)
    if match[7]:
        if not 1 <= hour <= 12:
            raise FieldError(_("is no real time: %(value)s") % {"value": quote_value(cell)})
        hour = hour % 12 + (12 if match[7] in "pP" else 0)
    try:
        moment = datetime(year, month, day, hour, minute, second)
    except ValueError as error:
        raise FieldError(_("is no real date: %(value)s") % {"value": quote_value(cell)}) from error
    return moment.isoformat(" ") + (match[8] or "")


def parse_day(cell: Cell, order: str | None) -> date:
    """Return a cell's date; a time of day beside it does not matter. Raises: FieldError."""
    return date.fromisoformat(parse_time(cell, order)[:10])


def decimal_sign(text: str) -> str | None:
    """Return the decimal sign of an amount's text; None where it has none or could be both.

    1.234 and 1,234 could be both; with two kinds of signs the last one is the decimal sign.
    """
    digits = _GROUPING.sub("", _without_currency(text)[0])
    signs = [sign for sign in digits if sign in ".,"]
    if not signs:
        return None
    if len(set(signs)) == 2:
        return signs[-1]
    if len(signs) > 1:  # 1.234.567
        return "," if signs[0] == "." else "."
    whole, part = re.split("[.,]", digits)
    if len(part) != 3 or not 1 <= len(whole.lstrip("-")) <= 3 or whole == "0":
        return signs[0]
    return None


def is_open_amount(text: str) -> bool:
    """Return whether an amount has a sign that could be of decimals or of thousands."""
    return any(sign in text for sign in ".,") and decimal_sign(text) is None


def parse_amount(cell: Cell, decimal: str | None) -> tuple[int, str | None]:
    """Return a cell's amount in thousandths, and the currency that stands beside it.

    Args:
        decimal: "." or ",".
    Raises: FieldError.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        text, currency = repr(cell), None
    else:
        text, currency = _without_currency(str(cell))
        text = _plain_number(text, decimal or ".") or ""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", text):
        raise FieldError(_("is no amount: %(value)s") % {"value": quote_value(cell)})
    thousandths = Decimal(text) * THOUSANDTHS
    if thousandths != int(thousandths):
        # Computed values of spreadsheets: 33.333333333.
        thousandths = thousandths.to_integral_value()
    return int(thousandths), currency


def _plain_number(text: str, decimal: str) -> str | None:
    """Return a number without the signs of its groups; None where they stand in wrong places.

    To leave out whatever is no decimal sign would read 12,50 as 1250.
    """
    if "|" in text or text.count(decimal) > 1:
        return None
    match = _AMOUNT.fullmatch(text.replace(decimal, "|"))
    if match is None:
        return None
    sign = match["sign"] or match["other"]
    if sign and sign not in ".," and not _GROUPING.fullmatch(sign):
        return None
    return (match[0].replace(sign, "") if sign else match[0]).replace("|", ".")


def _without_currency(text: str) -> tuple[str, str | None]:
    """Return an amount's text without its currency's sign or code, and the currency."""
    text = text.strip()
    for sign, code in _SIGNS.items():
        if sign in text:
            return text.replace(sign, "").strip(), code
    code_match = _CODE.search(text)
    if code_match and code_match[0].upper() in CURRENCY_DECIMALS:
        return text.replace(code_match[0], "").strip(), code_match[0].upper()
    return text.strip(_OTHER_SIGNS + " "), None


def parse_count(cell: Cell, name: Literal["nights", "rooms"]) -> int:
    """Return a cell's whole number from 0 to 10,000. Raises: FieldError."""
    text = str(cell).strip().removesuffix(".0")
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 10_000:
        reason = (
            _("is no number of nights: %(value)s")
            if name == "nights"
            else _("is no number of rooms: %(value)s")
        )
        raise FieldError(reason % {"value": quote_value(cell)})
    return int(text)


def parse_status(cell: Cell, told: dict[str, str]) -> str:
    """Return the status that a word means.

    Args:
        told: the mapping's own words, in lower case; they come first.
    Raises: FieldError.
    """
    word = " ".join(str(cell).split()).casefold()
    status = told.get(word) or STATUS_WORDS.get(word)
    if status is None:
        raise FieldError(
            _(
                "has an unknown word %(word)s: say what it means under [statuses] of a mapping "
                "(--mapping FILE)"
            )
            % {"word": quote_value(cell)}
        )
    return status
