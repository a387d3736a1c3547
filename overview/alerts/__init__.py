"""Alerts as they happen: what a person wants to be told of a hotel, and when it is so."""
