"""Texts of prices that are stored and shown later, in the language of whoever reads them."""
