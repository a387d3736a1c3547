"""The printable report of a month at `/dashboard/report/`."""
