"""How columns and months are named in files of budgets, in every language of the pages.

A hotelier's spreadsheet has the words of its country, whatever language the page is in.
"""

from functools import cache
from typing import Final

from babel import Locale
from django.conf import settings

# In lower case; a name may be followed by a comma and what it is counted in.
COLUMN_NAMES: Final = {
    "month": ("month", "period", "monat", "mois", "mese", "mes", "periodo", "período", "période"),
    "room_nights": (
        "room nights", "room-nights", "room_nights", "roomnights", "rooms", "nights",
        "zimmernächte", "übernachtungen", "nächte",
        "nuitées", "nuits",
        "camere-notte", "camere notte", "notti",
        "noches de habitación", "noches", "habitaciones-noche",
    ),
    "revenue": (
        "revenue", "room revenue", "amount",
        "umsatz", "logisumsatz", "betrag",
        "chiffre d'affaires", "chiffre d\N{RIGHT SINGLE QUOTATION MARK}affaires", "ca", "montant",
        "ricavi", "ricavo", "importo", "fatturato",
        "ingresos", "ingreso", "importe",
    ),
}  # fmt: skip
WIDTHS: Final = ("wide", "abbreviated")  # "January", "Jan"
ABBREVIATED_LETTERS: Final = 3


@cache
def month_names() -> dict[str, int]:
    """Return the months by their names and short names, in lower case and without a last dot.

    A name's first letters also stand for it where no other month begins so ("jun", "juli").
    """
    names: dict[str, int] = {}
    beginnings: dict[str, set[int]] = {}
    for code, _name in settings.LANGUAGES:
        months = Locale.parse(code, sep="-").months
        for form in ("format", "stand-alone"):
            for width in WIDTHS:
                for number, name in months[form][width].items():
                    plain = name.casefold().removesuffix(".")
                    names[plain] = number
                    beginnings.setdefault(plain[:ABBREVIATED_LETTERS], set()).add(number)
    short = {text: min(found) for text, found in beginnings.items() if len(found) == 1}
    return short | names
