"""Reasons stored in English are found again with their values, and shown in other languages."""

import pytest

from common import stored_reasons
from common.stored_reasons import in_words, is_known, register, register_counted
from tests.untranslated_texts import marked_language

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, empty in (("_sentences", set()), ("_patterns", {}), ("_counted", {})):
        monkeypatch.setattr(stored_reasons, name, empty)
    register(
        "no answer", "%(path)s answered %(status)s", "the ledger answered %(status)s",
        "the folder %(number)d: %(reason)s", "%(host)s is not public: name it",
    )  # fmt: skip
    register_counted("%(count)d line is wrong.", "%(count)d lines are wrong.")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no answer", "⟦no answer⟧"),
        ("/rates answered 503", "⟦/rates answered 503⟧"),
        ("the ledger answered 500", "⟦the ledger answered 500⟧"),
        ("the folder 12: no answer", "⟦the folder 12: ⟦no answer⟧⟧"),
        ("10.0.0.1 (b) is not public: name it", "⟦10.0.0.1 (b) is not public: name it⟧"),
        ("rooms.0: no answer; rooms.1: why", "rooms.0: ⟦no answer⟧; rooms.1: why"),
        ("no answer: the ledger answered 500", "⟦no answer⟧: ⟦the ledger answered 500⟧"),
        ("1 line is wrong.", "⟦1 line is wrong.⟧"),
        ("7 lines are wrong.", "⟦7 lines are wrong.⟧"),
        ("what nobody told", "what nobody told"),
        ("", ""),
        ("x; " * 400, "x; " * 400),
    ],
)
def test_known_parts_are_shown_in_words_and_the_rest_as_it_is(text: str, shown: str) -> None:
    assert in_words(text) == text
    with marked_language():
        assert in_words(text) == shown


def test_what_is_known() -> None:
    assert is_known("no answer")
    assert is_known("the folder 12: x")
    assert not is_known("the folder x: x")
