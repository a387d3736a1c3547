"""Reservations as booking systems hold them, turned into the ledger's events.

A sender states a reservation *as it is now* (a snapshot); the ledger takes what changed since it
last heard of it. Snapshots are compared by their `updated_at`, so they may arrive in any order and
any number of times, and the ledger ends equal to the newest.

- `snapshot`: a valid snapshot, read from JSON (`POST /reservations/`) or made by an importer.
- `snapshot_difference`: which events are missing between the ledger and a snapshot (pure).
- `snapshot_recording`: compare and append in one transaction.
- `recorded_room_nights`: the events of reservations, read for a comparison.
- `known_reservations`: a reservation folded back from the events; those that arrive in a span.
"""
