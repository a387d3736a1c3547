"""Booking systems that only export files: which files there are, and taking each of them once."""
