"""Django's backend for SQLite with a bounded write-ahead log; `base.py` is what Django loads."""
