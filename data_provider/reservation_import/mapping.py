"""Which column of an export is what: a mapping, written in TOML.

line = "reservation"        # what one line is: "reservation", "room" or "night"
date_order = "day"          # optional: "day" or "month" first; else found out, or asked
decimal = ","               # optional: "." or ","; else found out, or asked
currency = "EUR"            # optional: where the file has no column of it
hotel_id = 101              # optional: where the file has no column of it

[columns]                   # a field = the header's word, letter case does not matter
reservation_id = "Booking no."
arrival = "Check-in"
nights = "Nights"           # or departure
total = "Total"             # or rate, for each night

[statuses]                  # optional: words that are not known
"Gebucht" = "confirmed"
"""

import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from common.translatable_text import Text
from common.value_limits import MAX_HOTEL_ID
from data_provider.field_errors import FieldError, FileError
from data_provider.rate_and_words import parse_currency
from data_provider.reservations.snapshot import STATUSES

SHIPPED = Path(__file__).parent / "mappings"

FIELDS = {
    "hotel_id": "the hotel's number",
    "reservation_id": "the reservation's number",
    "status": "its status",
    "booked_at": "when it was booked",
    "updated_at": "when it was changed last",
    "cancelled_at": "when it was cancelled",
    "room_id": "the room within the reservation",
    "arrival": "arrival",
    "departure": "departure",
    "nights": "number of nights (instead of the departure)",
    "night": "the night (where each night has a line)",
    "rooms": "number of rooms of a line",
    "room_type": "room type",
    "channel": "channel",
    "segment": "segment",
    "rate": "rate per night and room",
    "total": "total of the line (instead of the rate)",
    "currency": "currency",
}
LINES = ("reservation", "room", "night")
REQUIRED = ("reservation_id", "status", "booked_at")
DATE_ORDERS = ("day", "month")
DECIMALS = (".", ",")


class MappingError(FileError, ValueError):
    """A mapping is not usable, or none fits; the message says why and what to do."""


@dataclass(frozen=True)
class Mapping:
    """How to read a file's lines."""

    name: str
    line: str  # one of LINES
    columns: dict[str, str]  # the header's word by field
    statuses: dict[str, str] = field(default_factory=dict)  # by word in lower case
    date_order: str | None = None
    decimal: str | None = None
    currency: str | None = None
    hotel_id: int | None = None

    def positions(self, header: list[str]) -> dict[str, int]:
        """Return the positions of the mapped fields in a header.

        Raises: MappingError names the columns that are missing or stand twice.
        """
        words = [normal(word) for word in header]
        wanted = {name: normal(word) for name, word in self.columns.items()}
        missing = [self.columns[name] for name, word in wanted.items() if word not in words]
        if missing:
            raise MappingError(
                Text(
                    "has no column %(columns)s (%(mapping)s)%(hint)s",
                    {
                        "columns": ", ".join(missing),
                        "mapping": self.name,
                        "hint": _hint_of_encoding(header),
                    },
                )
            )
        twice = [self.columns[name] for name, word in wanted.items() if words.count(word) > 1]
        if twice:
            raise MappingError(
                Text("has the column %(columns)s twice", {"columns": ", ".join(twice)})
            )
        return {name: words.index(word) for name, word in wanted.items()}

    def without_missing(self, header: list[str]) -> "Mapping":
        """Return the mapping without the columns that a header lacks."""
        words = {normal(word) for word in header}
        present = {name: word for name, word in self.columns.items() if normal(word) in words}
        return replace(self, columns=present)

    def check(self) -> None:
        """Raises: MappingError when fields are missing without which no line can be read."""
        missing = [name for name in REQUIRED if name not in self.columns]
        if self.hotel_id is None and "hotel_id" not in self.columns:
            missing.append("hotel_id (a column, or --hotel)")
        if self.line == "night":
            if "night" not in self.columns:
                missing.append("night")
        elif "arrival" not in self.columns:
            missing.append("arrival")
        elif not self.columns.keys() & {"departure", "nights"}:
            missing.append("departure or nights")
        if missing:
            raise MappingError(
                Text(
                    "%(mapping)s does not say which column is %(fields)s",
                    {"mapping": self.name, "fields": ", ".join(missing)},
                )
            )
        if {"rate", "total"} <= self.columns.keys():
            raise MappingError(
                Text(
                    "%(mapping)s names both a rate and a total: leave one out",
                    {"mapping": self.name},
                )
            )


def _hint_of_encoding(header: list[str]) -> Text | str:
    if any("\udc80" <= character <= "\udcff" for word in header for character in word):
        return Text(
            ". Its header is not in UTF-8: save the file as `CSV UTF-8`, or as an Excel file"
        )
    return ""


def normal(word: str) -> str:
    """Return a header's word for comparison: letter case and blanks do not matter."""
    return " ".join(str(word).strip("\ufeff\u200b").split()).casefold()


def read_mapping(path: Path) -> Mapping:
    """Read a mapping from a TOML file. Raises: MappingError."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MappingError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{path} is no TOML: {error}") from error
    return mapping_of(content, str(path))


def mapping_of(content: dict[str, Any], name: str) -> Mapping:
    """Return the mapping that a TOML file's content describes. Raises: MappingError."""
    known = {"name", "line", "columns", "statuses", "date_order", "decimal", "currency", "hotel_id"}
    if unknown := content.keys() - known:
        raise MappingError(
            f"{name}: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}"
        )
    columns = _words(content, "columns", name)
    if unknown := set(columns) - FIELDS.keys():
        raise MappingError(
            f"{name}: unknown columns {', '.join(sorted(unknown))}; known are {', '.join(FIELDS)}"
        )
    for key, choices in (("line", LINES), ("date_order", DATE_ORDERS), ("decimal", DECIMALS)):
        if key in content and content[key] not in choices:
            raise MappingError(
                f"{name}: {key} must be one of {', '.join(choices)}, not {content[key]!r}"
            )
    told = _words(content, "statuses", name)
    statuses = {normal(word): meaning for word, meaning in told.items()}
    if wrong := set(statuses.values()) - set(STATUSES):
        raise MappingError(
            f"{name}: statuses must be {', '.join(STATUSES)}, not {', '.join(map(str, wrong))}"
        )
    if not isinstance(content.get("name", ""), str):
        raise MappingError(f"{name}: name must be a text, not {content['name']!r}")
    hotel_id = content.get("hotel_id")
    if hotel_id is not None and (type(hotel_id) is not int or not 1 <= hotel_id <= MAX_HOTEL_ID):
        raise MappingError(
            f"{name}: hotel_id must be a whole number from 1 to {MAX_HOTEL_ID:,}, not {hotel_id!r}"
        )
    currency = content.get("currency")
    try:
        currency = None if currency is None else parse_currency(currency)
    except FieldError as error:
        raise MappingError(f"{name}: currency {error}") from error
    return Mapping(
        name=content.get("name", name),
        line=content.get("line", "reservation"),
        columns=dict(columns),
        statuses=statuses,
        date_order=content.get("date_order"),
        decimal=content.get("decimal"),
        currency=currency,
        hotel_id=hotel_id,
    )


def _words(content: dict[str, Any], key: str, name: str) -> dict[str, str]:
    """Return a table of texts of a TOML file. Raises: MappingError."""
    table = content.get(key, {})
    if not isinstance(table, dict) or not all(isinstance(word, str) for word in table.values()):
        raise MappingError(f'{name}: [{key}] must hold lines like word = "word"')
    return table


def recognise(header: list[str]) -> Mapping:
    """Return the shipped mapping that fits a header, without columns that the header lacks.

    Raises: MappingError when none fits.
    """
    fitting = []
    for path in sorted(SHIPPED.glob("*.toml")):
        mapping = read_mapping(path).without_missing(header)
        try:
            replace(mapping, hotel_id=mapping.hotel_id or 1).check()
        except MappingError:
            continue
        fitting.append(mapping)
    if not fitting:
        found = _hint_of_encoding(header)
        hint = found.render() if isinstance(found, Text) else found
        raise MappingError(
            f"no shipped mapping knows the columns {', '.join(header)[:300]}: make a mapping with "
            f"--map, or name one with --mapping FILE{hint}"
        )
    return max(fitting, key=lambda mapping: len(mapping.columns))


def as_toml(mapping: Mapping) -> str:
    """Return a mapping as the TOML that `read_mapping` reads."""
    lines = [f"line = {_quoted(mapping.line)}"]
    for key in ("date_order", "decimal", "currency"):
        if (value := getattr(mapping, key)) is not None:
            lines.append(f"{key} = {_quoted(value)}")
    if mapping.hotel_id is not None:
        lines.append(f"hotel_id = {mapping.hotel_id}")
    lines += ["", "[columns]"]
    lines += [f"{name} = {_quoted(word)}" for name, word in mapping.columns.items()]
    if mapping.statuses:
        lines += ["", "[statuses]"]
        lines += [f"{_quoted(word)} = {_quoted(to)}" for word, to in mapping.statuses.items()]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'
