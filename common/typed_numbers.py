"""Numbers as people type them or spreadsheets write them: 1,234.50, 1.234,50, 1 234,50, 1'234.50.

Nothing is guessed: where a sign could separate thousands or decimals, the error names both
readings. The pages' scripts read the same spellings (static/common/number_input.js); they also know
the reader's language, which decides some that are refused here.
"""

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from common.currencies import allowed_decimals, currency_decimals
from common.error_limits import quote_value

_BLANKS = " \u00a0\u2009\u202f'\u2019"  # what separates thousands beside point and comma
_ALLOWED = re.compile(rf"[0-9.,{_BLANKS}]+")


class NotANumber(ValueError):
    """A text is no number, or could be two; the message says which."""


def read_whole_number(text: str) -> int:
    """Return a typed whole number, not negative. Raises: NotANumber."""
    value = _read(text, decimals=0)
    if value % 1:
        raise NotANumber(_("%(value)s is no whole number") % {"value": quote_value(text)})
    return int(value)


def read_amount(text: str, currency: str) -> Decimal:
    """Return a typed amount of money, not negative, with the currency's decimals.

    Raises: NotANumber.
    """
    decimals = currency_decimals(currency)
    value = _read(text, decimals)
    if value != round(value, decimals):
        raise NotANumber(f"{quote_value(text)}: {allowed_decimals(currency)}")
    return round(value, decimals) if decimals else Decimal(int(value))


def _read(text: str, decimals: int) -> Decimal:
    typed = text.strip()
    if not _ALLOWED.fullmatch(typed) or not re.search("[0-9]", typed):
        raise NotANumber(_("%(value)s is no number") % {"value": quote_value(text)})
    whole, part = _split(typed, decimals)
    return Decimal(f"{whole or '0'}.{part or '0'}")


def _split(typed: str, decimals: int) -> tuple[str, str]:
    """Return the digits before and after the decimal sign."""
    signs = [sign for sign in typed if sign in ".,"]
    has_blanks = any(sign in typed for sign in _BLANKS)
    if not signs:
        return _ungrouped(typed, typed), ""
    mark = max(typed.rfind("."), typed.rfind(","))
    head, tail = typed[:mark], typed[mark + 1 :]
    if not re.fullmatch("[0-9]*", tail):
        raise NotANumber(_("%(value)s is no number") % {"value": quote_value(typed)})
    if len(set(signs)) == 2 or (has_blanks and len(signs) == 1):
        return _ungrouped(head, typed), tail
    if len(signs) > 1:
        return _ungrouped(typed, typed), ""
    if len(tail) == 3 and re.fullmatch("[1-9][0-9]{0,2}", head):
        values = {
            "value": quote_value(typed),
            "whole": f"{head}{tail}",
            "start": head,
            "fraction": f"{head}.{tail[:decimals]}",
        }
        message = (
            _(
                "%(value)s can be read as %(whole)s or as %(start)s and a fraction: "
                "type %(whole)s or %(fraction)s"
            )
            if decimals
            else _(
                "%(value)s can be read as %(whole)s or as %(start)s and a fraction: type %(whole)s"
            )
        )
        raise NotANumber(message % values)
    return head, tail


def _ungrouped(text: str, typed: str) -> str:
    """Return digits without what separates their thousands. Raises: NotANumber."""
    signs = {sign for sign in text if not sign.isdigit()}
    if not signs:
        return text
    groups = re.split(f"[{re.escape(''.join(signs))}]", text)
    is_right = len(signs) == 1 and 1 <= len(groups[0]) <= 3
    # In groups of three, or by two before the last in India.
    if not is_right or len(groups[-1]) != 3 or any(len(g) not in (2, 3) for g in groups[1:-1]):
        raise NotANumber(
            _("%(value)s is no number: its thousands are separated oddly")
            % {"value": quote_value(typed)}
        )
    return "".join(groups)
