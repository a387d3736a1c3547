"""Which column of an export is what, guessed by the header's words and by the cells below them.

The words are those of booking systems in English, German, French, Italian, Spanish, Dutch and
Portuguese. A guess is a proposal for a person: a column whose cells cannot be read as the field (a
`Rate code` as an amount) is not proposed for it, and no column is proposed twice.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from common.value_limits import MAX_HOTEL_ID
from data_provider.event_validation import parse_whole_number
from data_provider.field_errors import FieldError
from data_provider.rate_and_words import MAX_WORD_CHARACTERS, parse_currency
from data_provider.reservation_import.cell_values import (
    parse_amount,
    parse_count,
    parse_day,
    parse_status,
)
from data_provider.reservation_import.mapping import FIELDS, normal
from data_provider.reservation_import.spellings import AMOUNT_FIELDS, DATE_FIELDS

# Parts of header words, in lower case and with blanks for other signs.
HINTS: Final = {
    "hotel_id": ("hotel", "property", "hotel id", "property id", "hotel number", "hotelnummer"),
    "reservation_id": (
        "reservation", "reservation no", "reservation number", "reservation id", "booking no",
        "booking id", "booking number", "booking reference", "booking ref", "confirmation",
        "confirmation number", "res no", "res id", "reservierung", "reservierungsnummer",
        "reservierungsnr", "buchungsnummer", "buchungsnr", "buchung", "buchungs nr", "réservation",
        "numéro de réservation", "n° de réservation", "no réservation", "dossier", "reserva",
        "número de reserva", "nº reserva", "localizador", "prenotazione", "numero prenotazione",
        "n prenotazione", "codice prenotazione", "reservering", "reserveringsnummer",
    ),
    "status": (
        "status", "state", "reservation status", "booking status", "buchungsstatus",
        "reservierungsstatus", "zustand", "statut", "état", "estado", "stato", "situação",
    ),
    "booked_at": (
        "booked", "booked on", "booked at", "created", "created on", "created at",
        "booking date", "date booked", "reservation date", "creation date", "made on",
        "gebucht", "gebucht am", "buchungsdatum", "erstellt", "erstellt am", "angelegt",
        "reservierungsdatum", "créé", "créée", "créé le", "date de réservation",
        "date de création", "réservé le", "creada", "creado", "fecha de reserva",
        "fecha reserva", "fecha de creación", "creata", "creato", "creata il", "data prenotazione",
        "data di prenotazione", "data creazione", "geboekt", "boekingsdatum", "data da reserva",
    ),
    "updated_at": (
        "updated", "modified", "changed", "last change", "last modified", "last update", "geändert",
        "letzte änderung", "geändert am", "modifié", "modifiée", "modifié le",
        "dernière modification", "modificada", "última modificación", "modificata",
        "ultima modifica", "gewijzigd",
    ),
    "cancelled_at": (
        "cancel", "cancelled", "canceled", "cancelled on", "cancellation", "cancellation date",
        "storn", "storno", "storniert", "storniert am", "stornodatum", "annul", "annulé",
        "annulée", "annulé le", "date d annulation", "anul", "anulada", "fecha de cancelación",
        "fecha cancelación", "cancelación", "cancellata", "data cancellazione", "annullata",
        "geannuleerd",
    ),
    "arrival": (
        "arrival", "arrival date", "check in", "check in date", "checkin", "from", "anreise",
        "anreisedatum", "ankunft", "von", "arrivée", "date d arrivée", "du", "llegada",
        "fecha de llegada", "fecha llegada", "entrada", "fecha de entrada", "arrivo",
        "data arrivo", "data di arrivo", "aankomst", "chegada", "dal",
    ),
    "departure": (
        "departure", "departure date", "check out", "check out date", "checkout", "to", "until",
        "abreise", "abreisedatum", "bis", "départ", "date de départ", "au", "salida",
        "fecha de salida", "fecha salida", "partenza", "data partenza", "data di partenza",
        "vertrek", "partida", "saída", "al",
    ),
    "nights": (
        "nights", "number of nights", "room nights", "length of stay", "los", "nächte",
        "anzahl nächte", "übernachtungen", "nuits", "nuitées", "noches", "pernoctaciones", "notti",
        "numero notti", "nachten", "noites",
    ),
    "night": (
        "night", "stay date", "date of stay", "night of stay", "nacht", "aufenthaltsdatum", "nuit",
        "date de séjour", "noche", "fecha de estancia", "notte", "data soggiorno",
    ),
    "rooms": (
        "rooms", "number of rooms", "zimmeranzahl", "anzahl zimmer", "zimmerzahl", "chambres",
        "nombre de chambres", "nb chambres", "habitaciones", "número de habitaciones", "camere",
        "numero camere", "kamers", "quartos",
    ),
    "room_type": (
        "room type", "room category", "category", "unit type", "zimmertyp", "zimmerkategorie",
        "kategorie", "zimmerart", "type de chambre", "catégorie", "catégorie de chambre",
        "tipo de habitación", "tipo habitación", "categoría", "tipo di camera", "tipo camera",
        "tipologia", "categoria", "tipo", "kamertype",
    ),
    "channel": (
        "channel", "source", "booking channel", "distribution channel", "origin", "kanal",
        "buchungskanal", "vertriebskanal", "quelle", "herkunft", "canal", "canal de vente",
        "provenance", "canal de venta", "origen", "procedencia", "canale", "canale di vendita",
        "provenienza", "bron", "portale",
    ),
    "segment": (
        "segment", "market segment", "market", "marktsegment", "segment de marché", "segmento",
        "segmento de mercado", "segmento di mercato", "mercato",
    ),
    "rate": (
        "rate", "room rate", "rate per night", "nightly rate", "price per night", "daily rate",
        "adr", "preis pro nacht", "preis nacht", "zimmerpreis", "rate pro nacht", "tarif",
        "prix par nuit", "prix nuit", "tarifa", "precio por noche", "precio noche", "tariffa",
        "prezzo per notte", "prezzo a notte", "prijs per nacht",
    ),
    "total": (
        "total", "total price", "total amount", "amount", "price", "revenue", "room revenue",
        "summe", "gesamt", "gesamtpreis", "gesamtbetrag", "betrag", "preis", "umsatz",
        "montant", "montant total", "prix", "prix total", "importe", "importe total", "precio",
        "precio total", "importo", "importo totale", "prezzo", "prezzo totale", "totale", "totaal",
    ),
    "currency": (
        "currency", "currency code", "währung", "devise", "monnaie", "moneda", "divisa", "valuta",
        "moeda",
    ),
}  # fmt: skip
# A word with one of these is about something else, whatever hint it has.
NOT_HINTS: Final = {
    "reservation_id": (
        "status", "statut", "stato", "estado", "date", "datum", "data", "fecha", "total", "type",
        "channel", "kanal", "source", "created", "gebucht",
    ),
    "booked_at": ("by", "von", "par", "por", "da"),
    "rooms": ("type", "typ", "nights", "revenue"),
    "rate": ("code", "plan", "total", "currency"),
    "total": ("nights", "rooms", "guests", "paid", "bezahlt", "payé", "pagado", "pagato"),
    "nights": ("rate", "price"),
}  # fmt: skip
SHORT_HINT: Final = 5  # characters below which a hint has to be a whole word: `to`, `from`, `los`
FITTING_SHARE: Final = 0.6  # of the filled cells that have to be readable as the field
SAMPLE_CELLS: Final = 50  # of a column

_CAMEL = re.compile(r"(?<=[a-zäöüéèà])(?=[A-Z])")
_SIGNS = re.compile(r"[^\w°º]+|_+")


def guess_columns(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, str]:
    """Return the header's word of each field that a column was found for.

    Args:
        header: the file's words; repeated and empty ones are not proposed.
        rows: cells of some rows; none are needed.
    """
    words = [word for word in header if normal(word)]
    known = [normal(word) for word in words]
    candidates = []
    for word in words:
        if known.count(normal(word)) > 1:
            continue
        cells = _cells(rows, list(header).index(word))
        for place, field in enumerate(FIELDS):
            if (score := _score(field, word)) and _fits(field, cells):
                candidates.append((-score, place, field, word))
    columns: dict[str, str] = {}
    for _, _, field, word in sorted(candidates):
        if field not in columns and word not in columns.values():
            columns[field] = word
    # An amount of a night says more than one of a stay, and two would contradict each other.
    if {"rate", "total"} <= columns.keys():
        del columns["total"]
    return {field: columns[field] for field in FIELDS if field in columns}


def guess_line(
    columns: dict[str, str], header: Sequence[str], rows: Sequence[Sequence[Any]]
) -> str:
    """Return what one line of the file seems to be: "reservation", "room" or "night"."""
    if "night" in columns and "arrival" not in columns:
        return "night"
    if "reservation_id" in columns:
        numbers = _cells(rows, list(header).index(columns["reservation_id"]), len(rows))
        if len(set(map(str, numbers))) < len(numbers):
            return "room"
    return "reservation"


def _cells(rows: Sequence[Sequence[Any]], index: int, most: int = SAMPLE_CELLS) -> list[Any]:
    """Return the first filled cells of a column."""
    cells = [row[index] for row in rows if index < len(row) and str(row[index] or "").strip()]
    return cells[:most]


def _score(field: str, word: str) -> int:
    """Return how surely a header's word names a field; 0 where it does not."""
    if normal(word).replace(" ", "_") == field:
        return 10_000
    text = " ".join(_SIGNS.sub(" ", _CAMEL.sub(" ", word)).casefold().split())
    if any(f" {other} " in f" {text} " for other in NOT_HINTS.get(field, ())):
        return 0
    best = 0
    for hint in HINTS.get(field, ()):
        if text == hint:
            kind = 300
        elif f" {hint} " in f" {text} ":
            kind = 200
        elif len(hint) >= SHORT_HINT and hint in text:
            kind = 100
        else:
            continue
        best = max(best, kind + len(hint))
    return best


def _fits(field: str, cells: list[Any]) -> bool:
    """Return whether enough of a column's cells can be read as a field; empty ones say nothing."""
    if not cells:
        return True
    fitting = sum(_is_readable(field, cell) for cell in cells)
    return fitting >= FITTING_SHARE * len(cells)


def _is_readable(field: str, cell: Any) -> bool:
    readings = _READINGS.get(field, [_read_word])
    for read in readings:
        try:
            read(cell)
        except FieldError:
            continue
        return True
    return False


def _read_hotel(cell: Any) -> int:
    return parse_whole_number(str(cell).strip().removesuffix(".0"), 1, MAX_HOTEL_ID)


def _read_word(cell: Any) -> str:
    text = str(cell).strip()
    if len(text) > MAX_WORD_CHARACTERS:
        raise FieldError("is too long")
    return text


def _read_status(cell: Any) -> str:
    """Return a word that may be a status: a known one, or one without digits."""
    try:
        return parse_status(cell, {})
    except FieldError:
        if any(character.isdigit() for character in str(cell)):
            raise
        return _read_word(cell)


_READINGS: dict[str, list[Callable[[Any], Any]]] = {
    "hotel_id": [_read_hotel],
    "status": [_read_status],
    "nights": [lambda cell: parse_count(cell, "nights")],
    "rooms": [lambda cell: parse_count(cell, "rooms")],
    "currency": [lambda cell: parse_currency(str(cell).strip())],
    **{
        name: [lambda cell: parse_day(cell, "day"), lambda cell: parse_day(cell, "month")]
        for name in DATE_FIELDS
    },
    **{
        name: [lambda cell: parse_amount(cell, "."), lambda cell: parse_amount(cell, ",")]
        for name in AMOUNT_FIELDS
    },
}
