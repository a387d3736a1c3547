"""Currencies: which codes are known, their decimals, and how an amount is written.

ISO 4217's present list comes from the package `iso4217`. Codes that the standard has withdrawn stay
known, because a hotel's history is in the currency of its time, and what a ledger accepted once has
to be accepted when it is loaded again.
"""

from functools import lru_cache

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

#: Decimals by code. Without the codes that are no money: precious metals, tests, "no currency".
CURRENCY_DECIMALS: dict[str, int] = _WITHDRAWN | {
    currency.code: min(currency.exponent, MAX_DECIMALS)
    for currency in Currency
    if currency.exponent is not None
}


@lru_cache(maxsize=100_000)  # the same rates come again and again
def format_thousandths(amount: int, currency: str) -> str:
    """Return an amount as a decimal string: with the currency's decimals, and more if it has more.

    120000 thousandths are "120.00" in EUR, "120" in JPY and "120.000" in KWD.

    Args:
        amount: in thousandths of the currency's unit.
        currency: a key of CURRENCY_DECIMALS; an unknown one is written with two decimals.
    """
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), THOUSANDTHS)
    decimals = CURRENCY_DECIMALS.get(currency, 2)
    digits = f"{part:03d}"
    digits = digits[:decimals] + digits[decimals:].rstrip("0")
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"
