"""The form in which a person checks which column is what: its fields, and what was chosen in them.

Columns are chosen by their place, so that two that look alike are told apart. What is chosen may be
incomplete; the preview then says what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Values
from dataclasses import replace
from datetime import date
from typing import Any, Final
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from data_provider.field_errors import FieldError
from data_provider.file_upload.upload_recognition import (
    OpenSpellings,
    Sample,
    open_spellings,
    propose_mapping,
    unknown_statuses,
)
from data_provider.rate_and_words import parse_currency
from data_provider.reservation_import.cell_values import parse_amount, parse_day
from data_provider.reservation_import.mapping import (
    DATE_ORDERS,
    DECIMALS,
    LINES,
    REQUIRED,
    Mapping,
    mapping_of,
    normal,
)
from data_provider.reservations.snapshot import STATUSES

# In the order of the page; `hotel_id` stands apart. `room_id` is left out: the numbers of rooms
# change when guests are moved, and a room would then look cancelled and booked anew.
SHOWN_FIELDS: Final = (
    "reservation_id", "status", "booked_at", "arrival", "departure", "nights", "rate", "total",
    "currency", "rooms", "room_type", "channel", "segment", "cancelled_at", "updated_at", "night",
    "hotel_id",
)  # fmt: skip
EXAMPLES: Final = 3  # cells that the page shows of a column


class FormErrors(ValueError):
    """What was sent is not what the form can send.

    Attributes:
        errors: reasons by field's name.
    """

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(str(errors))
        self.errors = errors


def time_zone_names() -> list[str]:
    """Return the names of time zones that a page offers, in order."""
    return sorted(
        name for name in available_timezones() if "/" in name and not name.startswith("Etc/")
    )


def known_zone(name: str) -> bool:
    return name == "UTC" or name in available_timezones()


def read_form(values: Values[str, str], mapping: Mapping, sample: Sample) -> Mapping:
    """Return a mapping with what a form's values say; fields that are not sent stay.

    Raises: FormErrors.
    """
    errors: dict[str, str] = {}
    columns = dict(mapping.columns)
    for name in SHOWN_FIELDS:
        if (text := values.get(f"column.{name}")) is None:
            continue
        columns.pop(name, None)
        if text:
            place = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1
            if 0 <= place < len(sample.header):
                columns[name] = sample.header[place]
            else:
                errors[f"column.{name}"] = _("is no column of the file")
    mapping = replace(mapping, columns=columns)
    chosen = {"line": mapping.line, "date_order": mapping.date_order, "decimal": mapping.decimal}
    for name, choices in (("line", LINES), ("date_order", DATE_ORDERS), ("decimal", DECIMALS)):
        if (text := values.get(name)) is not None:
            chosen[name] = text
            if text not in choices:
                errors[name] = _one_of(choices)
    mapping = replace(
        mapping,
        line=chosen["line"] or "reservation",
        date_order=chosen["date_order"],
        decimal=chosen["decimal"],
    )
    if (text := values.get("currency")) is not None:
        try:
            currency = parse_currency(text.strip().upper()) if text.strip() else None
            mapping = replace(mapping, currency=currency)
        except FieldError as error:
            errors["currency"] = str(error)
    statuses = dict(mapping.statuses)
    for place, word in enumerate(unknown_statuses(mapping, sample)):
        if text := values.get(f"status.{place}", ""):
            statuses[word] = text
            if text not in STATUSES:
                errors[f"status.{place}"] = _one_of(STATUSES)
    if errors:
        raise FormErrors(errors)
    mapping = replace(mapping, statuses=statuses)
    order, decimal = open_spellings(mapping, sample).settled
    return replace(mapping, date_order=order, decimal=decimal)


def _one_of(choices: Iterable[str]) -> str:
    return _("must be one of %(choices)s") % {"choices": ", ".join(choices)}


def stored(mapping: Mapping) -> dict[str, Any]:
    """Return a mapping as JSON that `mapping_of` reads."""
    content = {
        "line": mapping.line, "columns": mapping.columns, "statuses": mapping.statuses,
        "date_order": mapping.date_order, "decimal": mapping.decimal, "currency": mapping.currency,
    }  # fmt: skip
    return {name: value for name, value in content.items() if value is not None}


def mapping_or_proposal(content: dict[str, Any], sample: Sample) -> Mapping:
    """Return the stored mapping, or the proposed one where none is stored yet."""
    return mapping_of(content, _("your choice")) if content else propose_mapping(sample)


def form_context(mapping: Mapping, sample: Sample) -> dict[str, Any]:
    """Return what the template shows of the form."""
    spellings = open_spellings(mapping, sample)
    statuses = unknown_statuses(mapping, sample)
    return {
        "line": mapping.line,
        "lines": LINES,
        "fields": [_field(name, mapping, sample) for name in SHOWN_FIELDS],
        "header": list(enumerate(sample.header)),
        "currency": mapping.currency or "",
        "needs_currency": _needs_currency(mapping),
        "date_choices": _date_choices(spellings),
        "is_date_open": spellings.is_date_open,
        "amount_choices": _amount_choices(spellings),
        "is_amount_open": spellings.is_amount_open,
        "statuses": [
            {"name": f"status.{place}", "word": word, "meaning": mapping.statuses.get(word, "")}
            for place, word in enumerate(statuses)
        ],
        "missing": missing(mapping, sample),
    }


def missing(mapping: Mapping, sample: Sample) -> list[str]:
    """Return what has to be chosen before a line can be read, as names of the form."""
    names = [name for name in REQUIRED if name not in mapping.columns]
    if mapping.line == "night":
        names += ["night"] * ("night" not in mapping.columns)
    else:
        names += ["arrival"] * ("arrival" not in mapping.columns)
        names += ["departure"] * (not mapping.columns.keys() & {"departure", "nights"})
    if {"rate", "total"} <= mapping.columns.keys():
        names.append("rate_and_total")
    if any(word not in mapping.statuses for word in unknown_statuses(mapping, sample)):
        names.append("statuses")
    if _needs_currency(mapping) and not mapping.currency and not _has_currency_signs(
        mapping, sample
    ):  # fmt: skip
        names.append("currency")
    return names


def _needs_currency(mapping: Mapping) -> bool:
    return bool(mapping.columns.keys() & {"rate", "total"}) and "currency" not in mapping.columns


def _has_currency_signs(mapping: Mapping, sample: Sample) -> bool:
    """Return whether each amount of the sample says its currency, as in `120 €`."""
    for name in ("rate", "total"):
        if name in mapping.columns:
            for cell in sample.cells(_place(mapping, sample, name)):
                try:
                    if parse_amount(cell, mapping.decimal)[1] is None:
                        return False
                except FieldError:
                    return False
    return True


def _place(mapping: Mapping, sample: Sample, name: str) -> int:
    words = [normal(word) for word in sample.header]
    word = normal(mapping.columns[name])
    return words.index(word) if word in words else -1


def _field(name: str, mapping: Mapping, sample: Sample) -> dict[str, Any]:
    place = _place(mapping, sample, name) if name in mapping.columns else None
    cells = [] if place is None else sample.cells(place)
    return {
        "name": name,
        "place": place,
        "is_required": name in REQUIRED,
        "examples": list(dict.fromkeys(str(cell)[:40] for cell in cells[:50]))[:EXAMPLES],
    }


def _date_choices(spellings: OpenSpellings) -> list[dict[str, Any]]:
    """Return how an open date may be understood; nothing where the dates say it themselves."""
    choices = []
    for order in DATE_ORDERS if spellings.date else ():
        try:
            day: date = parse_day(spellings.date, order)
        except FieldError:
            continue
        is_chosen = spellings.settled[0] == order
        choices.append({"value": order, "text": spellings.date, "day": day, "is_chosen": is_chosen})
    return choices


def _amount_choices(spellings: OpenSpellings) -> list[dict[str, Any]]:
    choices = []
    for sign in DECIMALS if spellings.amount else ():
        try:
            thousandths, _ = parse_amount(spellings.amount, sign)
        except FieldError:
            continue
        choices.append(
            {
                "value": sign,
                "text": spellings.amount,
                "amount": thousandths / 1000,
                "is_chosen": spellings.settled[1] == sign,
            }
        )
    return choices
