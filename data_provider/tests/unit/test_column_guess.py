"""Columns of exports in several languages are guessed, by their words and by their cells."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_provider.reservation_import.column_guess import HINTS, guess_columns, guess_line
from data_provider.reservation_import.mapping import FIELDS, Mapping

ROW = ["R-17", "Confirmed", "12.03.2026", "03.04.2026", "05.04.2026", "Double", "Direct", "129,50"]
HEADERS = {
    "en": "Confirmation Number;Reservation Status;Created On;Check-In;Check-Out;Room Type;Source;"
    "Rate per night",
    "de": "Reservierungsnr.;Buchungsstatus;Gebucht am;Anreisedatum;Abreisedatum;Zimmerkategorie;"
    "Buchungskanal;Preis pro Nacht",
    "fr": "N° de réservation;Statut;Date de réservation;Date d'arrivée;Date de départ;"
    "Type de chambre;Canal de vente;Prix par nuit",
    "it": "Numero prenotazione;Stato;Data prenotazione;Data di arrivo;Data di partenza;"
    "Tipo di camera;Canale di vendita;Prezzo per notte",
    "es": "Localizador;Estado;Fecha de reserva;Fecha de entrada;Fecha de salida;"
    "Tipo de habitación;Canal de venta;Precio por noche",
}  # fmt: skip
GUESSED = (
    "reservation_id", "status", "booked_at", "arrival", "departure", "room_type", "channel", "rate",
)  # fmt: skip


@pytest.mark.parametrize("language", HEADERS)
def test_a_header_in_each_language(language: str) -> None:
    header = HEADERS[language].split(";")
    guessed = guess_columns(header, [ROW])
    assert guessed == dict(zip(GUESSED, header, strict=True))
    assert guess_line(guessed, header, [ROW]) == "reservation"


@pytest.mark.parametrize(
    ("word", "cell", "field"),
    [
        ("Rate Code", "BAR-FLEX", "rate"),
        ("Cancelled", "no", "cancelled_at"),
        ("Hotel", "Seaside Inn", "hotel_id"),
        ("Arrival time", "14:00", "arrival"),
        ("Platform", "Web", "arrival"),
        ("Created by", "12.03.2026", "booked_at"),
    ],
)
def test_a_column_whose_cells_are_something_else_is_not_proposed(
    word: str, cell: str, field: str
) -> None:
    assert field not in guess_columns([word], [[cell]])


def test_an_empty_column_may_be_what_its_word_says() -> None:
    assert guess_columns(["Cancelled on"], [[""], [None]]) == {"cancelled_at": "Cancelled on"}


def test_a_rate_is_proposed_and_not_also_a_total() -> None:
    guessed = guess_columns(["Total amount", "Nightly rate"], [["200", "100"]])
    assert guessed == {"rate": "Nightly rate"}


def test_several_lines_of_a_reservation_are_its_rooms() -> None:
    header = ["Booking no", "Arrival"]
    rows = [["1", "2026-01-01"], ["1", "2026-01-01"]]
    assert guess_line(guess_columns(header, rows), header, rows) == "room"


def test_a_file_of_nights_is_recognised() -> None:
    header = ["Booking no", "Stay date"]
    rows = [["1", "2026-01-01"], ["1", "2026-01-02"]]
    assert guess_line(guess_columns(header, rows), header, rows) == "night"


words = st.one_of(
    st.text(max_size=20), st.sampled_from([hint for hints in HINTS.values() for hint in hints])
)
cells = st.one_of(
    st.none(), st.text(max_size=12), st.integers(), st.floats(), st.dates(), st.datetimes(),
    st.sampled_from(["03/04/2026", "1.234,50", "cancelled", "12", "€ 5"]),
)  # fmt: skip


@given(st.data())
def test_whatever_a_table_holds_each_column_is_proposed_once_and_exists(data: Any) -> None:
    header = data.draw(st.lists(words, max_size=8))
    rows = data.draw(st.lists(st.lists(cells, max_size=9), max_size=4))
    guessed = guess_columns(header, rows)
    assert set(guessed) <= set(FIELDS)
    assert len(set(guessed.values())) == len(guessed)
    assert not {"rate", "total"} <= set(guessed)
    positions = Mapping(name="guess", line="reservation", columns=guessed).positions(header)
    assert [header[place] for place in positions.values()] == list(guessed.values())
    assert guess_line(guessed, header, rows) in ("reservation", "room", "night")
