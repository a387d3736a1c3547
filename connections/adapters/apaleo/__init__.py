"""apaleo: the adapter, its calls, and what its reservations mean."""
