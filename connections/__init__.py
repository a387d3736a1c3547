"""Booking systems that hotels have: their reservations are read, and prices are sent to them.

The app speaks to the event ledger and to the prices over REST, as any outside system would.
"""
