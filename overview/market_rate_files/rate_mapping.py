"""Which column of a rate shopper's export is what: found by the header, or told in TOML.

date_order = "day"          # optional: "day" or "month" first; else found out
decimal = ","               # optional: "." or ","; else found out
currency = "EUR"            # optional: where the file has no column of it
sold_out = ["LOS", "X"]     # optional: words in place of a rate; `sold out` and others are known
competitor_columns = ["Hotel Post", "Hotel Krone"]  # optional: a column for each competitor

[columns]                   # a field = the header's word; letter case does not matter
night = "Arrival"
competitor = "Property"     # with a rate, unless competitors have columns of their own
rate = "Lowest price"
seen_at = "Shopped"
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from data_provider.reservation_import.mapping import DATE_ORDERS, DECIMALS, MappingError, normal
from pricing_service.market_rates.rate_validation import parse_currency

# A field, and the header's words by which it is known without a mapping, the surest first.
KNOWN_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "competitor": ("competitor", "competitor name", "hotel name", "property", "hotel",
                   "wettbewerber"),
    "night": ("night", "stay date", "arrival date", "arrival", "check-in", "checkin", "date",
              "anreise", "datum"),
    "room_type": ("room type", "room_type", "roomtype", "room name", "room", "zimmertyp"),
    "rate": ("rate", "lowest rate", "price", "lowest price", "amount", "preis"),
    "currency": ("currency", "currency code", "währung"),
    "seen_at": ("seen at", "seen_at", "shopped at", "shop date", "extracted at", "extraction date",
                "last update", "last updated", "updated at", "timestamp"),
}  # fmt: skip
FIELD_NAMES: Final = {
    "competitor": gettext_lazy("competitor"),
    "night": gettext_lazy("night"),
    "room_type": gettext_lazy("room_type"),
    "rate": gettext_lazy("rate"),
    "currency": gettext_lazy("currency"),
    "seen_at": gettext_lazy("seen_at"),
}
REQUIRED: Final = ("competitor", "night", "rate")
MOST_COMPETITOR_COLUMNS: Final = 100


@dataclass(frozen=True)
class RateMapping:
    """How to read a file's lines."""

    name: str = ""  # of a mapping; empty: by the header
    columns: dict[str, str] = field(default_factory=dict)  # the header's word by field
    competitor_columns: tuple[str, ...] = ()
    sold_out: frozenset[str] = frozenset()  # in lower case
    date_order: str | None = None
    decimal: str | None = None
    currency: str = ""

    def positions(self, header: list[str]) -> dict[str, int]:
        """Return the position of each field that has a column; `competitors` has those of rates.

        Raises: MappingError names the columns that are missing or stand twice.
        """
        places = {name: self._place(header, word) for name, word in self.columns.items()}
        needed = ("night",) if self.competitor_columns else REQUIRED
        missing = [name for name in needed if name not in places]
        if missing:
            raise MappingError(
                _(
                    "no column is known as %(missing)s: name it in a mapping; the columns are "
                    "%(all)s"
                )
                % {
                    "missing": ", ".join(str(FIELD_NAMES[name]) for name in missing),
                    "all": ", ".join(header)[:300],
                }
            )
        return places

    def competitors(self, header: list[str]) -> dict[str, int]:
        """Return the positions of the columns of one competitor each. Raises: MappingError."""
        return {name: self._place(header, name) for name in self.competitor_columns}

    def _place(self, header: list[str], word: str) -> int:
        places = [place for place, one in enumerate(header) if normal(one) == normal(word)]
        if len(places) != 1:
            values = {"column": repr(word), "mapping": self.name or _("the header")}
            if not places:
                raise MappingError(_("has no column %(column)s, which %(mapping)s names") % values)
            raise MappingError(
                _("has twice the column %(column)s, which %(mapping)s names") % values
            )
        return places[0]


def named_reason(field: str, reason: str) -> str:
    """Return why a field is wrong, with the field's name before it."""
    return _("%(field)s %(reason)s") % {"field": FIELD_NAMES.get(field, field), "reason": reason}


def recognise(header: list[str]) -> RateMapping:
    """Return a mapping by the header's words."""
    words = {normal(word): word for word in header}
    columns = {
        name: words[spelling]
        for name, spellings in KNOWN_WORDS.items()
        if (spelling := next((word for word in spellings if word in words), None)) is not None
    }
    return RateMapping(columns=columns)


def read_mapping(path: Path) -> RateMapping:
    """Read a mapping from a TOML file. Raises: MappingError."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MappingError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{path} is no TOML: {error}") from error
    return mapping_of(content, str(path))


def mapping_of(content: dict[str, Any], name: str) -> RateMapping:
    """Return the mapping that a TOML file's content describes. Raises: MappingError."""
    known = {"date_order", "decimal", "currency", "sold_out", "competitor_columns", "columns"}
    if unknown := content.keys() - known:
        raise MappingError(
            f"{name}: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}"
        )
    columns = content.get("columns", {})
    if not isinstance(columns, dict) or not all(isinstance(word, str) for word in columns.values()):
        raise MappingError(f'{name}: [columns] must hold lines like night = "Arrival"')
    if unknown := columns.keys() - KNOWN_WORDS.keys():
        raise MappingError(
            f"{name}: unknown columns {', '.join(sorted(unknown))}; known are "
            f"{', '.join(KNOWN_WORDS)}"
        )
    for key, choices in (("date_order", DATE_ORDERS), ("decimal", DECIMALS)):
        if key in content and content[key] not in choices:
            raise MappingError(f"{name}: {key} must be one of {', '.join(choices)}")
    lists = {key: content.get(key, []) for key in ("sold_out", "competitor_columns")}
    for key, values in lists.items():
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise MappingError(f"{name}: {key} must be a list of texts")
    if len(lists["competitor_columns"]) > MOST_COMPETITOR_COLUMNS:
        raise MappingError(f"{name}: at most {MOST_COMPETITOR_COLUMNS} competitor_columns")
    if lists["competitor_columns"] and {"competitor", "rate"} & columns.keys():
        raise MappingError(
            f"{name}: with competitor_columns there is no column of a competitor or rate"
        )
    try:
        currency = parse_currency(content["currency"]) if "currency" in content else ""
    except ValueError as error:
        raise MappingError(f"{name}: currency {error}") from error
    return RateMapping(
        name=name,
        columns=dict(columns),
        competitor_columns=tuple(lists["competitor_columns"]),
        sold_out=frozenset(normal(word) for word in lists["sold_out"]),
        date_order=content.get("date_order"),
        decimal=content.get("decimal"),
        currency=currency,
    )
