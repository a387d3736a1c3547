"""A decimal point, as everywhere in attributes."""

DECIMAL_SEPARATOR = "."
