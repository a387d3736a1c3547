"""An array literal has the values it was made of; the driver's own reader says what it has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.adapt import Transformer
from psycopg.postgres import types
from psycopg.pq import Format

from common.postgres_arrays import array_literal, array_literals

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
AWKWARD_TEXTS = TEXTS | st.sampled_from(["", "NULL", '"', "\\", '","', "a,b", "{}", " a ", "'"])


def read(literal: str, element: str) -> list[object]:
    loader = Transformer().get_loader(types[element].array_oid, Format.TEXT)
    return loader.load(literal.encode())  # type: ignore[no-any-return]


@given(st.lists(AWKWARD_TEXTS) | st.lists(AWKWARD_TEXTS | st.none()))
def test_texts_are_read_back(values: list[str | None]) -> None:
    assert read(array_literal(values), "text") == values


@given(st.lists(st.integers(-(2**63), 2**63 - 1)) | st.lists(st.none() | st.integers(0, 9)))
def test_whole_numbers_are_read_back(values: list[int | None]) -> None:
    assert read(array_literal(values), "int8") == values


def test_rows_become_columns() -> None:
    assert array_literals([(1, "a"), (2, None)]) == ["{1,2}", '{"a",NULL}']


def test_rows_of_different_widths_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        array_literals([(1, "a"), (2,)])


@pytest.mark.parametrize("value", [True, 1.5, b"a"])
def test_values_that_a_cast_could_read_otherwise_are_refused(value: object) -> None:
    with pytest.raises(TypeError, match="among values that may be whole numbers, texts and None"):
        array_literal([1, "1", value])  # type: ignore[list-item]
