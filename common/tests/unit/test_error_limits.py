"""Limits of errors: at most twenty reasons wherever they are nested, none uncounted, values cut."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.error_limits import (
    MAX_QUOTED_CHARACTERS,
    MAX_REASON_CHARACTERS,
    MAX_REPORTED_ERRORS,
    ErrorCollector,
    count_reasons,
    limit_errors,
    quote_value,
    shorten,
)

REASONS = st.recursive(
    st.text(min_size=1, max_size=3),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=9)
        | st.dictionaries(st.text(max_size=2).map("f".__add__), inner, min_size=1, max_size=9)
    ),
    max_leaves=90,
)


@given(REASONS)
def test_no_reason_is_lost_uncounted(errors: Any) -> None:
    limited = limit_errors(errors)
    assert count_reasons(limited) == count_reasons(errors)
    if count_reasons(errors) <= MAX_REPORTED_ERRORS:
        assert limited == errors
    else:
        assert texts(limited) == MAX_REPORTED_ERRORS + 1


def texts(errors: Any) -> int:
    """Return how many texts there are in errors, the one that counts the others included."""
    if isinstance(errors, str):
        return 1
    return sum(map(texts, errors.values() if isinstance(errors, dict) else errors))


@given(st.lists(REASONS, max_size=40))
def test_a_collector_counts_what_it_does_not_keep(rows: list[Any]) -> None:
    errors = ErrorCollector()
    for index, reasons in enumerate(rows):
        errors.add(index, reasons)
    assert count_reasons(errors.detail()) == sum(map(count_reasons, rows))
    assert len(errors.detail()) <= MAX_REPORTED_ERRORS + 1


def test_a_row_keeps_its_index() -> None:
    assert limit_errors([{}, {"a": ["x"]}, {}, {}]) == [{}, {"a": ["x"]}]


def test_a_long_reason_keeps_its_beginning_and_its_end() -> None:
    reason = limit_errors([f'"{"x" * 10_000}" is not a valid choice.'])[0]
    assert len(reason) == MAX_REASON_CHARACTERS
    assert reason.startswith('"xxx')
    assert reason.endswith('" is not a valid choice.')


@pytest.mark.parametrize("value", ["x" * 10**7, "\0" * 100, [0] * 10**6, [[[[]]]], {"a": "b" * 99}])
def test_a_quoted_value_is_cut(value: Any) -> None:
    assert len(quote_value(value)) <= MAX_QUOTED_CHARACTERS


def test_a_quoted_value_may_be_nested_deeper_than_python_recurses() -> None:
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    assert quote_value(deep) == "[[...]]"


@pytest.mark.parametrize(
    ("value", "text"), [("abc", "'abc'"), (7, "7"), (None, "None"), (1.5, "1.5")]
)
def test_a_short_value_is_quoted_whole(value: Any, text: str) -> None:
    assert quote_value(value) == text


def test_a_short_text_is_not_changed() -> None:
    assert shorten("abc", 3) == "abc"
    assert shorten("abcdefghi", 7) == "abcd…hi"
