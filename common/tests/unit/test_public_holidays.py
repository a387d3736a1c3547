"""Public holidays: their names in the reader's language, and in English where there is none."""

from datetime import date

import pytest

from common.public_holidays import holidays_of

CHRISTMAS = date(2027, 12, 25)


@pytest.mark.parametrize(
    ("country", "language", "name"),
    [
        ("DE", "en", "Christmas Day"), ("DE", "de", "Erster Weihnachtstag"), ("FR", "fr", "Noël"),
        ("IT", "it", "Natale"), ("ES", "es", "Natividad del Señor"), ("CH", "fr", "Noël"),
        ("DE", "it", "Christmas Day"), ("GB", "de", "Christmas Day"), ("US", "xx", "Christmas Day"),
    ],
)  # fmt: skip
def test_names_are_in_the_language_where_it_is_known(
    country: str, language: str, name: str
) -> None:
    assert holidays_of(country, "", 2027, language)[CHRISTMAS] == (name,)


def test_without_a_language_they_are_english_and_the_days_are_the_same_in_all() -> None:
    english = holidays_of("DE", "BY", 2027)
    assert english == holidays_of("DE", "BY", 2027, "en")
    assert english.keys() == holidays_of("DE", "BY", 2027, "de").keys()
    assert english != holidays_of("DE", "BY", 2027, "de")
