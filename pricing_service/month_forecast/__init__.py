"""Forecast of a month: room-nights and revenue of its nights together, with an 80 % interval."""
