"""Numbers of this language in attributes."""
