"""Texts that are stored and read later: what goes in comes out, in the reader's language."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from common.translatable_text import Text, amount, day, from_json, plural, render_all

# Messages of the catalogs, which are translated.
OTHERS = "%(hotels)s and %(number)d more"
FUTURE = (
    "%(number)s event is dated in the future and already on the books.",
    "%(number)s events are dated in the future and already on the books.",
)

words = st.text(max_size=20)
shown = st.one_of(
    st.dates().map(day),
    st.decimals(-1_000_000, 1_000_000, places=2).map(lambda value: amount(value, "amount:2")),
    st.integers(-(10**9), 10**9).map(amount),
)
plain = st.one_of(words, st.integers(-(10**9), 10**9), shown)


def messages(values: Any) -> Any:
    """Return texts with these values, each with its placeholder."""
    return st.dictionaries(st.sampled_from("abcde"), values, max_size=4).map(
        lambda found: Text(" ".join(["100 %%", *(f"%({name})s" for name in found)]), found)
    )


texts = messages(st.one_of(plain, messages(plain)))


def stored(text: Text) -> Text:
    """Return a text as it is after it was stored as JSON."""
    return from_json(json.loads(json.dumps(text.to_json())))


@given(texts, st.sampled_from(["en", "de", "fr"]))
def test_what_is_stored_is_read_again(text: Text, language: str) -> None:
    assert stored(text) == text
    with translation.override(language):
        assert stored(text).render() == text.render()


@given(st.integers(0, 10**6))
def test_the_form_of_a_count_is_chosen_when_it_is_read(count: int) -> None:
    text = stored(plural(*FUTURE, count, {"number": amount(count)}))
    with translation.override("en"):
        assert ("event is" in text.render()) == (count == 1)
    with translation.override("de"):
        assert ("Ereignis liegt" in text.render()) == (count == 1)
    with translation.override("fr"):  # 0 is singular
        assert ("événement est" in text.render()) == (count < 2)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Sunday 1 March 2026 and 3 more"), ("de", "Sonntag, 1. März 2026 und 3 weitere"),
        ("fr", "dimanche 1 mars 2026 et 3 autres"), ("it", "domenica 1 marzo 2026 e altri 3"),
        ("es", "domingo, 1 de marzo de 2026 y 3 más"),
    ],
)  # fmt: skip
def test_message_and_dates_are_in_the_reader_s_language(language: str, told: str) -> None:
    text = Text(OTHERS, {"hotels": day(date(2026, 3, 1), "long-day"), "number": 3})
    with translation.override(language):
        assert stored(text).render() == told


def test_a_text_within_a_text_is_translated_too() -> None:
    inner = Text(OTHERS, {"hotels": "Sun", "number": 2})
    outer = Text(OTHERS, {"hotels": inner, "number": 1})
    with translation.override("it"):
        assert stored(outer).render() == "Sun e altri 2 e altri 1"


def test_amounts_and_sentences() -> None:
    text = Text("%(price)s", {"price": amount(Decimal("12345.5"), "amount:2")})
    with translation.override("de"):
        assert render_all([stored(text), Text("100 %%")]) == "12.345,50 100 %"


def test_values_that_look_like_placeholders_stay_as_they_are() -> None:
    text = Text(OTHERS, {"hotels": "100 % %(number)s", "number": 1})
    with translation.override("en"):
        assert stored(text).render() == "100 % %(number)s and 1 more"


def test_what_is_stored_is_small() -> None:
    assert Text("Closed.").to_json() == {"message": "Closed."}
