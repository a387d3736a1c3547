"""Figures of many hotels at once, for pages with a line for each hotel.

The number of statements is the same for two hotels and for five hundred, and every figure is the
one that the hotel's own page has. `hotel_state` says cheaply whether a hotel's figures may have
changed; `key_figures` works them out.
"""
