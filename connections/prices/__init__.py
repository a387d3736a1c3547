"""Prices to and from booking systems: sending, changes that people make there, reports."""
