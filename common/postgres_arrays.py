"""Rows as array literals of PostgreSQL, one for each column: `unnest(%s::int[], %s::text[])`.

The driver takes lists as well, but sends every value through an adapter of its own. With ten
thousands of rows in a statement that took a tenth to a fifth of the processor time of those who
record and count events.
"""

from collections.abc import Collection, Iterable, Sequence

Value = int | str | None


def array_literals(rows: Iterable[Sequence[Value]]) -> list[str]:
    """Return the columns of rows as array literals. Raises: ValueError when their widths differ."""
    return [array_literal(column) for column in zip(*rows, strict=True)]


def array_literal(values: Collection[Value]) -> str:
    """Return values as the text of a one-dimensional array, which the statement has to cast.

    The syntax is that of https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO.

    Raises: TypeError when a value is neither a whole number, a text nor None.
    """
    kinds = set(map(type, values))
    if kinds == {int}:
        return f"{{{','.join(map(str, values))}}}"
    if kinds == {str}:
        texts = '","'.join(values)  # type: ignore[arg-type]  # all are texts
        # True of nearly all: nothing in them has to be escaped.
        if "\\" not in texts and texts.count('"') == 2 * (len(values) - 1):
            return f'{{"{texts}"}}'
    return f"{{{','.join(map(_element, values))}}}"


def _element(value: Value) -> str:
    if value is None:
        return "NULL"
    if type(value) is int:
        return str(value)
    if type(value) is not str:
        raise TypeError(f"{value!r} is neither a whole number, a text nor None")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
