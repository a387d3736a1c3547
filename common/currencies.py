"""Currencies: which codes are known, their decimals, and how an amount is written.

ISO 4217's present list comes from the package `iso4217`. Codes that the standard has withdrawn stay
known, because a hotel's history is in the currency of its time, and what a ledger accepted once has
to be accepted when it is loaded again. Prices to come need a currency in use (`why_not_in_use`).
"""

import re
from decimal import Decimal
from functools import lru_cache

from django.utils.translation import gettext as _
from iso4217 import Currency

MAX_DECIMALS = 3  # of a rate, in any currency; thousandths are the unit in which rates are stored
THOUSANDTHS = 1_000  # in one unit of a currency

# Withdrawn since 1999, with the decimals that they had.
_WITHDRAWN = {
    "ANG": 2, "ATS": 2, "AZM": 2, "BEF": 0, "BGN": 2, "BYR": 0, "CSD": 2, "CUC": 2, "CYP": 2,
    "DEM": 2, "EEK": 2, "ESP": 0, "FIM": 2, "FRF": 2, "GHC": 2, "GRD": 2, "HRK": 2, "IEP": 2,
    "ITL": 0, "LTL": 2, "LUF": 0, "LVL": 2, "MRO": 2, "MTL": 2, "MZM": 2, "NLG": 2, "PTE": 0,
    "ROL": 2, "SDD": 2, "SIT": 2, "SKK": 2, "SLL": 2, "STD": 2, "TMM": 2, "TRL": 0, "VEB": 2,
    "VEF": 2, "ZMK": 2, "ZWL": 2,
}  # fmt: skip

#: Decimals of the currencies in use. Without the codes that are no money: precious metals, tests,
#: "no currency".
DECIMALS_IN_USE: dict[str, int] = {
    currency.code: min(currency.exponent, MAX_DECIMALS)
    for currency in Currency
    if currency.exponent is not None
}
#: Decimals by code, of currencies in use and withdrawn ones.
CURRENCY_DECIMALS: dict[str, int] = _WITHDRAWN | DECIMALS_IN_USE
USUAL_DECIMALS = 2  # also of a code that is not known


def currency_decimals(currency: str) -> int:
    """Return the decimals of a currency's amounts: 0 for JPY, 3 for KWD, 2 for an unknown code."""
    return CURRENCY_DECIMALS.get(currency, USUAL_DECIMALS)


def minor_unit(currency: str) -> Decimal:
    """Return the smallest amount of a currency: 0.01 for EUR, 1 for JPY, 0.001 for KWD."""
    return Decimal(1).scaleb(-currency_decimals(currency))


def why_not_in_use(code: str) -> str:
    """Return why prices cannot be in a currency; empty if they can."""
    if not re.fullmatch(r"[A-Z]{3}", code):
        return _("must be three capital letters, like EUR")
    if code in DECIMALS_IN_USE:
        return ""
    if code in _WITHDRAWN:
        return _("%(code)s was withdrawn; give the code of a currency in use, like EUR") % {
            "code": code
        }
    return _("%(code)s is no currency of ISO 4217; give the code of one in use, like EUR") % {
        "code": code
    }


def why_not_in_minor_units(amount: Decimal, currency: str) -> str:
    """Return why an amount cannot be paid in a currency: its decimals; empty if it can.

    Zeros at the end do not count: 12000.00 is an amount in JPY.
    """
    if amount % minor_unit(currency) == 0:
        return ""
    return allowed_decimals(currency)


def allowed_decimals(currency: str) -> str:
    """Return in words how many decimals a currency's amounts have."""
    decimals = currency_decimals(currency)
    values = {"currency": currency, "decimals": decimals}
    if not decimals:
        return _("%(currency)s amounts have no decimals") % values
    return _("%(currency)s amounts have at most %(decimals)d decimals") % values


def format_amount(amount: Decimal, currency: str) -> str:
    """Return an amount as a decimal text: with the currency's decimals, and more if it has more.

    120.5 is "120.50" in EUR, 12000 is "12000" in JPY and 37.5 is "37.500" in KWD. It is never
    rounded, so that an amount from before a change of the currency stays what it is.
    """
    unit = minor_unit(currency)
    if amount % unit == 0:
        return f"{amount.quantize(unit):f}"
    return f"{amount.normalize():f}"


def short_amount(amount: Decimal, currency: str) -> str:
    """Return an amount as `format_amount` does, without decimals that are all zeros: "120"."""
    text = format_amount(amount, currency)
    return text if amount % 1 else text.partition(".")[0]


@lru_cache(maxsize=10_000)  # the same rates come again and again
def format_thousandths(amount: int, currency: str) -> str:
    """Return an amount as a decimal string: with the currency's decimals, and more if it has more.

    120000 thousandths are "120.00" in EUR, "120" in JPY and "120.000" in KWD.

    Args:
        amount: in thousandths of the currency's unit.
        currency: a key of CURRENCY_DECIMALS; an unknown one is written with two decimals.
    """
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), THOUSANDTHS)
    decimals = currency_decimals(currency)
    digits = f"{part:03d}"
    digits = digits[:decimals] + digits[decimals:].rstrip("0")
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"
