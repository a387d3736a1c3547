"""The portfolio: a line for each hotel, what needs a person first; and groups of hotels."""
