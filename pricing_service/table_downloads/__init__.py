"""The tables of the pricing page as Excel and CSV at `/pricing/table/`."""
